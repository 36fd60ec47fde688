/*
 * Pauses of workflows and of all runs. They outlive the daemon: the store has
 * them, and the engine is told of them before its runs go on. A run's own is in
 * its record.
 */
#ifndef DAEMON_PAUSES_H
#define DAEMON_PAUSES_H

#include "daemon/state.h"

int pauses_recall(struct daemon *daemon, struct err *reterr);

/* EVENT_PAUSE or EVENT_RESUME; what it changes goes to the store's batch. */
int pauses_change(struct daemon *daemon, struct event *event,
		  struct err *reterr);

/* What pauses_change() would say now of a workflow, or of all. */
int pauses_check(struct daemon *daemon, const struct event *event,
		 struct err *reterr);

#endif
