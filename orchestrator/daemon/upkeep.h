/*
 * Ended runs go when the config's `retain` says so, or an operator does; what
 * they leave is swept away a piece per turn, so that the loop is never held for
 * long. Sleeps until the first one is due.
 */
#ifndef DAEMON_UPKEEP_H
#define DAEMON_UPKEEP_H

#include "daemon/state.h"

/* Look at the store, and at `retain`: at the start, and after a reload. */
void upkeep_look(struct daemon *daemon);

/* The end of a run is committed. */
void upkeep_ended(struct daemon *daemon, const struct run_record *run);

/* When upkeep_turn() has something to do, as a wall time; 0: nothing. */
int64_t upkeep_next_due(const struct daemon *daemon);

/* Puts into the store's batch what is due: imports, too. */
void upkeep_turn(struct daemon *daemon);

#endif
