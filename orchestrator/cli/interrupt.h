/*
 * The signals that end `run` and `serve`. One daemon at a time.
 *
 * SIGTERM and SIGHUP want it to stop. SIGINT asks first: the first one may be
 * answered by a cancellation, the second wants it to stop, the third is no
 * longer caught and ends the process at once, which loses nothing either.
 *
 * A standby has no daemon yet: signals wake it instead, and those that come
 * while it takes over are heeded as soon as there is one.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include "daemon/daemon.h"

enum interrupt {
	INTERRUPT_NONE,
	INTERRUPT_ASKED,
	INTERRUPT_STOP,
};

/* From now on signals, also SIGHUP, add to `fd`, an eventfd. */
void interrupt_wake(int fd);

/* Has there been a SIGHUP since the last time? */
bool interrupt_hangup(void);

/*
 * From now on a signal ends daemon_loop(). SIGPIPE is ignored: a reader that
 * goes away, of ours or of a plugin's, must not end the daemon. SIGCHLD is not,
 * whoever started us: with it the kernel would forget how programs end.
 */
void interrupt_watch(struct daemon *daemon);

/* No longer; call before daemon_destroy(). Signals are still counted. */
void interrupt_forget(void);

/* SIGHUP is no interrupt but makes the daemon that is watched take its config
 * up again; one that came before counts. */
void interrupt_hangup_reloads(void);

enum interrupt interrupt_wanted(void);

#endif
