/*
 * Notices that somebody has set the wall clock, by a clock that nobody can set
 * and that goes on while the machine sleeps, and tells the engine. Small steps
 * add up; what is under half a second is left to do so.
 */
#ifndef DAEMON_CLOCK_WATCH_H
#define DAEMON_CLOCK_WATCH_H

#include "daemon/state.h"

/* From now on: before anything that has a time is handed to the engine. */
void clock_watch_begin(struct daemon *daemon);

/* At the beginning of each turn. */
void clock_watch(struct daemon *daemon);

#endif
