/*
 * A program as a child in a process group of its own, which the keeper knows
 * before the program's first instruction: posix_spawn() would tell us of the
 * group when the program runs already, and has had the time to kill us. Like
 * posix_spawn() it costs nothing of the size of this process, whose memory the
 * child borrows until it is the program (clone(2), CLONE_VM and CLONE_VFORK).
 */
#ifndef EXEC_LAUNCH_H
#define EXEC_LAUNCH_H

#include <sys/types.h>

struct launch {
	char *const *argv; /* argv[0] without a slash is looked up in PATH */
	char *const *env;
	const char *cwd; /* NULL: ours */
	int streams[3];  /* what will be 0, 1 and 2; all of them above 2 */
};

/*
 * As a shell would start it: no signal blocked or ignored, no descriptor but
 * the streams. 0 with the child's pid, which is that of its group; the keeper
 * is to be told when the group ends. An errno when it did not start: then there
 * is no child, and nothing to tell. [any thread]
 */
int launch(const struct launch *launch, pid_t *ret_pid);

#endif
