/*
 * What the control socket's clients ask for.
 */
#ifndef DAEMON_REQUEST_H
#define DAEMON_REQUEST_H

#include "daemon/state.h"

/* Handle one request: the answer is deferred to the commit, or sent at once
 * when nothing was changed. */
void request_handle(struct daemon *daemon, struct control_request *request);

/* The store cannot be written now: what is not about the daemon itself is
 * refused. */
void request_handle_blocked(struct daemon *daemon,
			    struct control_request *request);

/* Refuse it, because the daemon is about to end. */
void request_refuse_draining(struct daemon *daemon,
			     const struct control_request *request);

/* The commit has failed: nobody is kept waiting for an answer that may never
 * come. What was asked stays in the batch that is tried again. */
void request_answer_blocked(struct daemon *daemon, struct deferred_list *list);

/* The commit is done: send what was deferred. */
void request_answer_deferred(struct daemon *daemon, struct deferred_list *list);

void deferred_fini(struct deferred_list *list);

/* The run's end is committed, and it has left the engine: what was postponed
 * until then comes again. */
void request_handle_postponed(struct daemon *daemon, const struct id *run);

/* start.c: accept a run. */
int start_accept(struct daemon *daemon, const struct daemon_start *start,
		 struct slice actor, struct daemon_started *ret_started,
		 struct err *reterr);

#endif
