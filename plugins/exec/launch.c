#include "launch.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper.h"

#define STACK_SIZE ((size_t)64 * 1024)
#define LAST_FD    (~0U)

/*
 * The child shares memory with us, what sanitizers keep there included. So it
 * calls the kernel and nothing in between.
 */
#define SHARES_MEMORY __attribute__((no_sanitize("address", "thread")))

#ifdef __SANITIZE_THREAD__
/* To this sanitizer clone() gives the child memory of its own. */
int __clone(int (*function)(void *), void *stack, int flags, void *arg, ...);
#define clone __clone
#endif

struct child {
	const struct launch *launch;
	const char *path; /* of PATH */
	int failure;      /* an errno */
};

static void SHARES_MEMORY default_signals(void)
{
	/* At least as large as the kernel's struct sigaction: SIG_DFL. */
	static const unsigned long fallback[8];
	static const unsigned long none[1];

	for (int number = 1; number <= 64; number++) {
		(void)syscall(SYS_rt_sigaction, number, fallback, NULL,
			      sizeof(none));
	}
	(void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, none, NULL,
		      sizeof(none));
}

static int SHARES_MEMORY set_up(const struct launch *launch)
{
	for (int i = 0; i < 3; i++) {
		if (syscall(SYS_dup3, launch->streams[i], i, 0) < 0) {
			return -1;
		}
	}
	/* A kernel before 5.9 has no such call; ours close by themselves. */
	(void)syscall(SYS_close_range, 3U, LAST_FD, 0U);
	return launch->cwd ? (int)syscall(SYS_chdir, launch->cwd) : 0;
}

/* Whether the next folder of PATH may still have the program. */
static int SHARES_MEMORY is_elsewhere(int failure)
{
	return failure == ENOENT || failure == ENOTDIR || failure == EACCES ||
	       failure == ESTALE || failure == ENODEV || failure == ETIMEDOUT;
}

/* FOLDER/NAME, the folder up to a colon; false when it is too long. */
static bool SHARES_MEMORY join(const char *folder, const char *name,
			       char ret_file[PATH_MAX])
{
	size_t len = 0;

	for (; *folder && *folder != ':'; folder++) {
		if (len == PATH_MAX - 2) {
			return false;
		}
		ret_file[len++] = *folder;
	}
	if (len) {
		ret_file[len++] = '/';
	}
	for (; *name; name++) {
		if (len == PATH_MAX - 1) {
			return false;
		}
		ret_file[len++] = *name;
	}
	ret_file[len] = 0;
	return true;
}

/* Returns only if it fails: with what is to be said of all folders. */
static int SHARES_MEMORY run_from_path(const struct child *child)
{
	char file[PATH_MAX];
	const struct launch *launch = child->launch;
	const char *folder = child->path;
	int failure = ENOENT;

	for (;;) {
		if (join(folder, launch->argv[0], file)) {
			(void)syscall(SYS_execve, file, launch->argv,
				      launch->env);
			if (!is_elsewhere(errno)) {
				return errno;
			}
			if (errno == EACCES) {
				failure = EACCES;
			}
		}
		while (*folder && *folder != ':') {
			folder++;
		}
		if (!*folder++) {
			return failure;
		}
	}
}

static int SHARES_MEMORY become(void *arg)
{
	struct child *child = arg;
	const struct launch *launch = child->launch;

	(void)syscall(SYS_setpgid, 0, 0);
	keeper_add((pid_t)syscall(SYS_getpid));
	default_signals();
	if (set_up(launch) < 0) {
		child->failure = errno;
	} else if (child->path) {
		child->failure = run_from_path(child);
	} else {
		(void)syscall(SYS_execve, launch->argv[0], launch->argv,
			      launch->env);
		child->failure = errno;
	}
	(void)syscall(SYS_exit_group, 127);
	return 127;
}

static int start(struct child *child, pid_t *ret_pid)
{
	char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	if (stack == MAP_FAILED) {
		return errno;
	}
	/* Back here when it has become the program, or has failed. */
	pid_t pid = clone(become, stack + STACK_SIZE,
			  CLONE_VM | CLONE_VFORK | SIGCHLD, child);
	int failure = pid < 0 ? errno : child->failure;

	(void)munmap(stack, STACK_SIZE);
	if (pid >= 0 && failure) {
		keeper_remove(pid);
		(void)waitpid(pid, NULL, 0);
	}
	*ret_pid = pid;
	return failure;
}

int launch(const struct launch *launch, pid_t *ret_pid)
{
	struct child child = { .launch = launch };
	sigset_t all;
	sigset_t before;

	if (!strchr(launch->argv[0], '/')) {
		child.path = getenv("PATH");
		if (!child.path) {
			child.path = "/bin:/usr/bin";
		}
	}
	/* A handler of ours must not run in the child. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	int failure = start(&child, ret_pid);

	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failure;
}
