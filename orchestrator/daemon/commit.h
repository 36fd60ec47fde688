/*
 * Commits, and what waits for them. What turns gather (the engine's output,
 * deferred answers, acknowledgements) takes off as one flight when no other is
 * under way; while its batch is written and synced the loop gathers the next.
 * When it is on disk its effects are carried out and its answers leave, and
 * not before. A flight whose commit fails is kept and tried again, alone; what
 * was gathered behind it follows.
 *
 * With durability `pipelined` tasks leave for plugins inside the process at
 * the end of the turn that made them.
 */
#ifndef DAEMON_COMMIT_H
#define DAEMON_COMMIT_H

#include "daemon/state.h"

/* At the beginning of a turn: the flight that has landed, or another try. */
void commit_collect(struct daemon *daemon);

/*
 * At its end: off with what was gathered, unless one is under way. Plugins that
 * were given tasks by the last flight have a moment to answer first: those that
 * are quick then share a commit, instead of the first one having it for itself.
 */
void commit_gathered(struct daemon *daemon);

/* Does what is known now wait for a commit? */
bool commit_outstanding(const struct daemon *daemon);

/* When a turn is wanted without a wake-up, on the monotonic clock; 0: not at
 * all. */
int64_t commit_due_ns(const struct daemon *daemon);

/* A plugin has answered: see commit_gathered(). */
void commit_answered(struct daemon *daemon);

/*
 * Until nothing waits for a commit any more. Returns 0, or the error that made
 * the daemon blocked.
 */
int commit_all(struct daemon *daemon);

void flight_fini(struct flight *flight);

#endif
