/*
 * Run events for whoever listens: what was committed, after it was committed.
 */
#ifndef DAEMON_PUBLISH_H
#define DAEMON_PUBLISH_H

#include "daemon/state.h"

/* The flight's transitions, one publication for each run. */
void publish_events(struct daemon *daemon, const struct flight *flight);

#endif
