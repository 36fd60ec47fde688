/*
 * Runs that are imported, a piece per turn, one after the other.
 */
#ifndef DAEMON_ARRIVALS_H
#define DAEMON_ARRIVALS_H

#include "daemon/state.h"

/* Is there anything to do in the next turn? */
bool arrivals_wait(const struct daemon *daemon);

/* Puts the next piece into the store's batch. */
void arrivals_turn(struct daemon *daemon);

/* What was gathered leaves for the disk. */
void arrivals_leaving(struct daemon *daemon);

/* It is there: what was complete with it is. */
void arrivals_committed(struct daemon *daemon);

/* E_CONFLICT when a run of that uid is being imported. */
int arrivals_check_uid(const struct daemon *daemon, struct slice tenant,
		       struct slice workflow, struct slice uid,
		       struct err *reterr);

void arrivals_fini(struct daemon *daemon);

#endif
