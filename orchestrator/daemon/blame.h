/*
 * A plugin in this process that crashed the process before: named in the log
 * and in the history of its task, counted, and after `crash_limit` crashes
 * quarantined until somebody releases it.
 */
#ifndef DAEMON_BLAME_H
#define DAEMON_BLAME_H

#include "daemon/state.h"

/* Read the note that the last process left, if it did, and have one written
 * should this process crash. */
int blame_watch(struct daemon *daemon, struct err *reterr);

/* Count it against the plugin; before anything is delivered. */
void blame_judge(struct daemon *daemon);

/*
 * The tasks of the run that the crashed plugin had in hand, for
 * EVENT_RESTORE; `text` is where the sentence is kept. The caller frees.
 */
struct restore_blame *blame_tasks(const struct daemon *daemon,
				  const struct run_view *view, struct buf *text,
				  size_t *ret_len);

#endif
