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

/* Each answers, or returns a code with a sentence. */
int request_plugins(struct call *call, struct err *reterr);
int request_plugin_remove(struct call *call, struct err *reterr);
int request_plugin_release(struct call *call, struct err *reterr);
int request_scale(struct call *call, struct err *reterr);
int request_reload(struct call *call, struct err *reterr);
int request_explain(struct call *call, struct err *reterr);

/* Addresses, counters and health of the bus; null when there is none. */
struct value describe_bus(const struct daemon *daemon);

#endif
