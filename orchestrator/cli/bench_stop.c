#include "cli/bench_stop.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/pidfd.h>

static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

static atomic_int wanted; /* the signal */
static atomic_int victim = -1;
static struct sigaction before[NUMBERS];
static struct sigaction before_pipe;

static void on_signal(int number)
{
	int error = errno;
	int pidfd = atomic_load(&victim);

	atomic_store(&wanted, number);
	if (pidfd >= 0) {
		(void)pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	}
	errno = error;
}

void bench_stop_watch(void)
{
	/* No SA_RESTART: who waits is to look up. */
	struct sigaction note = { .sa_handler = on_signal };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigemptyset(&note.sa_mask);
	(void)sigemptyset(&ignore.sa_mask);
	for (int i = 0; i < NUMBERS; i++) {
		(void)sigaction(numbers[i], NULL, &before[i]);
		/* As nohup(1) wants it. */
		if (before[i].sa_handler != SIG_IGN) {
			(void)sigaction(numbers[i], &note, NULL);
		}
	}
	/* A reader of the progress that goes away must not leave it all here.
	 */
	(void)sigaction(SIGPIPE, &ignore, &before_pipe);
}

void bench_stop_kills(int pidfd)
{
	atomic_store(&victim, pidfd);
	if (pidfd >= 0 && atomic_load(&wanted)) {
		(void)pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	}
}

int bench_stop_check(void)
{
	return atomic_load(&wanted) ? E_STALE : 0;
}

void bench_stop_done(void)
{
	for (int i = 0; i < NUMBERS; i++) {
		(void)sigaction(numbers[i], &before[i], NULL);
	}
	(void)sigaction(SIGPIPE, &before_pipe, NULL);
	if (atomic_load(&wanted)) {
		(void)raise(atomic_load(&wanted));
	}
}
