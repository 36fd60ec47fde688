/*
 * The signals that end `run` and `serve`. One daemon at a time.
 *
 * SIGTERM and SIGHUP want it to stop. SIGINT asks first: the first one may be
 * answered by a cancellation, the second wants it to stop, the third is no
 * longer caught and ends the process at once, which loses nothing either.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include "daemon/daemon.h"

enum interrupt {
	INTERRUPT_NONE,
	INTERRUPT_ASKED,
	INTERRUPT_STOP,
};

/*
 * From now on a signal ends daemon_loop(). SIGPIPE is ignored: a reader that
 * goes away, of ours or of a plugin's, must not end the daemon.
 */
void interrupt_watch(struct daemon *daemon);

/* No longer; call before daemon_destroy(). Signals are still counted. */
void interrupt_forget(void);

/* SIGHUP is no interrupt but makes the daemon that is watched take its config
 * up again. */
void interrupt_hangup_reloads(void);

enum interrupt interrupt_wanted(void);

#endif
