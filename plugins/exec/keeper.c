#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * It reads "+ GROUP" and "- GROUP" lines; the end of them is the end of this
 * process. The spaces around each number keep 12 from being found in 123.
 */
static char script[] =
    "groups=' '\n"
    "while read -r sign group; do\n"
    "	case $sign in\n"
    "	+) groups=\"$groups$group \" ;;\n"
    "	-) case $groups in *\" $group \"*)\n"
    "		groups=\"${groups%%\" $group \"*} ${groups#*\" $group \"}\"\n"
    "	esac ;;\n"
    "	esac\n"
    "done\n"
    "for group in $groups; do kill -s KILL -- \"-$group\"; done 2>/dev/null\n";

static pid_t pid;        /* of the shell; 0: there is none */
static int line_fd = -1; /* what it reads from */
static atomic_bool deaf; /* it did not read for DEAF_S: nobody waits for it */

#define DEAF_S 1

static int set_actions(posix_spawn_file_actions_t *actions, int input)
{
	int rc = posix_spawn_file_actions_adddup2(actions, input, 0);

	if (rc == 0) {
		rc = posix_spawn_file_actions_addopen(actions, 1, "/dev/null",
						      O_WRONLY, 0);
	}
	if (rc == 0) {
		rc = posix_spawn_file_actions_adddup2(actions, 1, 2);
	}
	if (rc == 0) {
		rc = posix_spawn_file_actions_addclosefrom_np(actions, 3);
	}
	return rc;
}

/* In a session of its own: what ends us does not end it before its time. */
static int set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none;
	sigset_t all;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)posix_spawnattr_setsigmask(attributes, &none);
	(void)posix_spawnattr_setsigdefault(attributes, &all);
	return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID |
							POSIX_SPAWN_SETSIGMASK |
							POSIX_SPAWN_SETSIGDEF);
}

static int spawn(int input)
{
	static char name[] = "sh";
	static char option[] = "-c";
	char *argv[] = { name, option, script, NULL };
	char *environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int rc = posix_spawn_file_actions_init(&actions);

	if (rc != 0) {
		return rc;
	}
	rc = posix_spawnattr_init(&attributes);
	if (rc == 0) {
		rc = set_actions(&actions, input);
		if (rc == 0) {
			rc = set_attributes(&attributes);
		}
		if (rc == 0) {
			rc = posix_spawn(&pid, "/bin/sh", &actions, &attributes,
					 argv, environment);
		}
		(void)posix_spawnattr_destroy(&attributes);
	}
	(void)posix_spawn_file_actions_destroy(&actions);
	return rc;
}

void keeper_begin(void)
{
	static const struct timeval limit = { .tv_sec = DEAF_S };
	int ends[2];

	if (pid || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
		return;
	}
	(void)setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &limit,
			 sizeof(limit));
	if (spawn(ends[1]) == 0) {
		line_fd = ends[0];
		deaf = false;
	} else {
		pid = 0;
		(void)close(ends[0]);
	}
	(void)close(ends[1]);
}

void keeper_end(void)
{
	if (!pid) {
		return;
	}
	(void)close(line_fd);
	line_fd = -1;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
	}
	pid = 0;
}

/* A line that is lost would be a program that is not ended, or a group that is
 * somebody else's: with the machine busy we wait for it. When it does not read
 * at all it is of no use. Past the C library, as keeper_add() must. */
static void __attribute__((no_sanitize("address", "thread")))
tell(char sign, pid_t group)
{
	char line[16];
	size_t start = sizeof(line);

	line[--start] = '\n';
	do {
		line[--start] = (char)('0' + group % 10);
		group /= 10;
	} while (group);
	line[--start] = ' ';
	line[--start] = sign;
	if (line_fd < 0) {
		return;
	}
	long rc;

	do {
		rc = syscall(SYS_sendto, line_fd, line + start,
			     sizeof(line) - start,
			     MSG_NOSIGNAL | (deaf ? MSG_DONTWAIT : 0), NULL, 0);
	} while (rc < 0 && errno == EINTR);
	deaf = rc < 0;
}

void __attribute__((no_sanitize("address", "thread"))) keeper_add(pid_t group)
{
	tell('+', group);
}

void keeper_remove(pid_t group)
{
	tell('-', group);
}
