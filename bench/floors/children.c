#include "children.h"

#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fail.h"

void children_init(struct children *children, size_t cap)
{
	children->len = 0;
	children->pids = calloc(cap, sizeof(*children->pids));
	if (!children->pids) {
		floor_fail_errno("children");
	}
}

void children_fini(struct children *children)
{
	for (size_t i = 0; i < children->len; i++) {
		(void)kill(children->pids[i], SIGKILL);
	}
	for (size_t i = 0; i < children->len; i++) {
		(void)waitpid(children->pids[i], NULL, 0);
	}
	free(children->pids);
}

void children_start(struct children *children, char *const *argv)
{
	pid_t *pid = &children->pids[children->len];
	int rc = posix_spawn(pid, "/proc/self/exe", NULL, NULL, argv, environ);

	if (rc) {
		floor_fail(argv[0], strerror(rc));
	}
	children->len++;
}

int64_t children_cpu_ns(const struct children *children)
{
	int64_t sum = 0;

	for (size_t i = 0; i < children->len; i++) {
		struct timespec used;
		clockid_t clock;
		int rc = clock_getcpuclockid(children->pids[i], &clock);

		if (rc) {
			floor_fail("time of a child", strerror(rc));
		}
		if (clock_gettime(clock, &used)) {
			floor_fail_errno("time of a child");
		}
		sum += (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
	}
	return sum;
}

void children_follow(void)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL)) {
		floor_fail_errno("child");
	}
	if (getppid() == 1) {
		_exit(1);
	}
}
