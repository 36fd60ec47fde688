/*
 * One request of a client while it is worked on, and the verbs about plugins.
 */
#ifndef DAEMON_CALL_H
#define DAEMON_CALL_H

#include "daemon/request.h"

struct call {
	struct daemon *daemon;
	struct control_request *request;
	char actor[64];
};

/* Answer now, or once what it speaks of is committed; take `result` over. */
void call_answer(struct call *call, struct value result);
void call_defer(struct call *call, struct value result);

/* Handle it once more when the end of the run is committed. */
void call_postpone(struct call *call, const struct id *run);

/* The request's "run", and an id in an answer. E_INVALID. */
int call_read_run(const struct call *call, struct id *ret_run,
		  struct err *reterr);
void call_set_id(struct value *result, const char *key, const struct id *id);

/* The state of a run, active or ended; "" when there is none. */
const char *call_state_of(const struct call *call, const struct id *run);

/* For a run that is not active: E_UNCHANGED or E_NOT_FOUND, with a sentence. */
int call_explain_inactive(const struct call *call, const struct id *run,
			  struct err *reterr);

/* Each answers, or returns a code with a sentence. */
int request_retry(struct call *call, struct err *reterr);
int request_pause(struct call *call, struct err *reterr);
int request_resume(struct call *call, struct err *reterr);
int request_delete(struct call *call, struct err *reterr);
int request_import(struct call *call, struct err *reterr);
int request_plugins(struct call *call, struct err *reterr);
int request_plugin_remove(struct call *call, struct err *reterr);
int request_plugin_release(struct call *call, struct err *reterr);
int request_scale(struct call *call, struct err *reterr);
int request_reload(struct call *call, struct err *reterr);
int request_explain(struct call *call, struct err *reterr);
int request_queue_pause(struct call *call, struct err *reterr);
int request_queue_resume(struct call *call, struct err *reterr);
int request_queue_redrive(struct call *call, struct err *reterr);
int request_queue_purge(struct call *call, struct err *reterr);
int request_queue_drop(struct call *call, struct err *reterr);
int request_metrics(struct call *call, struct err *reterr);

/* Addresses, counters and health of the bus; null when there is none. */
struct value describe_bus(const struct daemon *daemon);

#endif
