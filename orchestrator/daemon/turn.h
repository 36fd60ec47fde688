/*
 * One turn of the loop; see daemon.h.
 */
#ifndef DAEMON_TURN_H
#define DAEMON_TURN_H

#include "daemon/state.h"

/* Act on what is committed, take what has come, step, hand it to the commit. */
void turn(struct daemon *daemon);

#endif
