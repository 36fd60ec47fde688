/*
 * One turn of the loop; see daemon.h.
 */
#ifndef DAEMON_TURN_H
#define DAEMON_TURN_H

#include "daemon/state.h"

/* Take what has come, step, commit, act. */
void turn(struct daemon *daemon);

/* Commit what the engine has changed and act on it. Returns 0, or the error
 * that made the daemon blocked; then call again later. */
int turn_commit(struct daemon *daemon);

#endif
