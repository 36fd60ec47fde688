/*
 * `serve` on a store that another process owns: it waits until that one has
 * ended, says so, and meanwhile takes signals. Nothing of it polls. One thread.
 */
#ifndef CLI_STANDBY_H
#define CLI_STANDBY_H

#include "cli/place.h"

struct standby {
	const struct cli *cli;
	struct place *place;         /* borrowed; replaced by standby_again() */
	struct successor *successor; /* NULL: not waiting */
	int wake_fd;                 /* of signals */
	int watch_fd;                /* inotify: another owner */
	int owner;                   /* its pid as was said */
	struct config *fresh;        /* of a SIGHUP */
	bool waited;
	bool ended; /* by a signal, while it waited */
};

/* On the caller's memory; the end of the process frees what it holds. */
void standby_init(struct standby *standby, const struct cli *cli,
		  struct place *place);

/*
 * For daemon_options: `arg` is a standby. E_STALE: give the daemon up without a
 * word, because it is to end or to use another config.
 */
int standby_wait(void *arg, const char *directory, int *ret_lock,
		 struct err *reterr);

/* After E_STALE: has the place now another config, with which to try again? */
bool standby_again(struct standby *standby);

#endif
