/*
 * A wall clock that a test can set, for one process: preloaded, it adds the
 * microseconds that stand in the first eight bytes of the file SET_CLOCK_FILE
 * to what the real one says. Timers on the wall clock fire by the real one, so
 * they are armed that much earlier. Unlike the kernel it does not wake who
 * waits for such a timer when the clock is set: the test does, by asking for
 * something.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

static const volatile int64_t *offset_us;

__attribute__((constructor)) static void map_file(void)
{
	const char *path = getenv("SET_CLOCK_FILE");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0) {
		return;
	}
	void *mapped =
	    mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);

	offset_us = mapped == MAP_FAILED ? NULL : mapped;
	close(fd);
}

static void add(struct timespec *time, int64_t us)
{
	int64_t nanos = time->tv_nsec + us % 1000000 * 1000;

	time->tv_sec += us / 1000000;
	if (nanos < 0) {
		nanos += 1000000000;
		time->tv_sec--;
	} else if (nanos >= 1000000000) {
		nanos -= 1000000000;
		time->tv_sec++;
	}
	time->tv_nsec = nanos;
}

EXPORTED int clock_gettime(clockid_t clock, struct timespec *time)
{
	static int (*real)(clockid_t, struct timespec *);

	if (!real) {
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	}
	int rc = real(clock, time);

	if (rc == 0 && clock == CLOCK_REALTIME && offset_us) {
		add(time, *offset_us);
	}
	return rc;
}

EXPORTED int timerfd_settime(int fd, int flags, const struct itimerspec *wanted,
			     struct itimerspec *old)
{
	static int (*real)(int, int, const struct itimerspec *,
			   struct itimerspec *);
	struct itimerspec when = *wanted;

	if (!real) {
		*(void **)&real = dlsym(RTLD_NEXT, "timerfd_settime");
	}
	if (offset_us && (flags & TFD_TIMER_ABSTIME) &&
	    (when.it_value.tv_sec || when.it_value.tv_nsec)) {
		add(&when.it_value, -*offset_us);
		if (when.it_value.tv_sec < 0) {
			/* Long over. */
			when.it_value = (struct timespec){ .tv_nsec = 1 };
		}
	}
	return real(fd, flags, &when, old);
}
