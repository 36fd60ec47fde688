/*
 * What a daemon that falls idle gives back to the machine: pages of the store
 * that are mapped, and memory of runs and documents that are gone. Who falls
 * idle again and again does it once a second; who stays idle, once.
 */
#ifndef DAEMON_REST_H
#define DAEMON_REST_H

#include "daemon/state.h"

/* There was work, so there may be something to give back. */
void rest_wanted(struct daemon *daemon);

/* The loop is about to wait. Mostly does nothing, and quickly. */
void rest(struct daemon *daemon);

/* When rest() is to be called although nothing happens, on the monotonic clock;
 * 0: not at all. */
int64_t rest_due_ns(const struct daemon *daemon);

#endif
