/*
 * The control socket: how the command line reaches the daemon on this machine.
 * An nng ipc stream with frames of our own, because SP over ipc does not
 * survive peers that come and go. A frame is a big-endian u32 length and that
 * many bytes of MessagePack, one map:
 *
 *	request:  {"id": n, "verb": "start", "args": {...}}
 *	answer:   {"id": n, "ok": true, "result": {...}}
 *	          {"id": n, "ok": false, "code": "E_CONFLICT", "error": "..."}
 *
 * Answers may come in any order, and late: a client may wait for the end of a
 * run. Only peers with the daemon's own uid, or root, are served.
 */
#ifndef BUS_CONTROL_H
#define BUS_CONTROL_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "document/value.h"

/* ---- the daemon's side ---- */

struct control_server;

/* One request; owned by the receiver, answered exactly once. */
struct control_request {
	uint64_t session; /* answering a session that is gone is harmless */
	uint64_t id;
	char *verb;
	struct value args; /* a map */
	uid_t peer_uid;
	pid_t peer_pid;
};

/* What is in it. The struct that a handler gets is on the heap: free() it. */
void control_request_fini(struct control_request *request);

/* Takes the request over. On nng's threads: enqueue and wake, nothing else. */
typedef void (*control_handler)(void *arg, struct control_request *request);

/*
 * Listen on `path` (0600; its folder is made 0700 when missing; a socket left
 * by a dead daemon is replaced: the caller holds the store's lock). E_IO,
 * E_INVALID (path too long for a socket), E_DENIED, E_BUSY (a daemon, one of
 * another store, answers there). The handler may be called before this returns.
 */
int control_server_create(const char *path, control_handler handler, void *arg,
			  struct control_server **ret_server,
			  struct err *reterr);

/* Any thread. `result` is encoded before it returns and stays the caller's. */
void control_answer(struct control_server *server, uint64_t session,
		    uint64_t id, const struct value *result);
void control_refuse(struct control_server *server, uint64_t session,
		    uint64_t id, const struct err *error);

/*
 * The answer to a request may be long in coming: until control_unpark(), right
 * before it is given, the request does not count among those that a session
 * may have unanswered before it is not read from, and so its client is seen
 * to go away. Any thread.
 */
void control_park(struct control_server *server, uint64_t session);
void control_unpark(struct control_server *server, uint64_t session);

/* Is the session's client still there, as far as is known? Any thread. */
bool control_session_open(struct control_server *server, uint64_t session);

/*
 * Stop accepting, send what is queued (bounded by a second), remove the socket
 * file. When it returns the handler runs no more. nng objects that could hang
 * are left to the end of the process. NULL is fine, and so is a second time.
 */
void control_server_stop(struct control_server *server);

/* ---- the client's side: blocking, one thread ---- */

struct control_client;

/*
 * E_UNREACHABLE with a sentence that says how to start a daemon, E_DENIED when
 * it belongs to somebody else (root may use anybody's), E_INVALID for a path
 * too long for a socket.
 */
int control_connect(const char *path, struct control_client **ret_client,
		    struct err *reterr);

/*
 * Send a request and wait for its answer; timeout_ms < 0 waits for ever.
 * The daemon's own error comes back as code and sentence. E_TIMEOUT (the
 * connection can be used on; a late answer is dropped), E_UNREACHABLE when the
 * connection breaks, E_TOO_BIG when the request is too long or too deep.
 * `args` stays the caller's; NULL is an empty map.
 */
int control_call(struct control_client *client, const char *verb,
		 const struct value *args, int64_t timeout_ms,
		 struct value *ret_result, struct err *reterr);

/*
 * Several requests at a time: send without waiting for the answer, and take
 * answers as they come, whichever request they are of. Whoever sends must take
 * answers, too: with thousands of them not taken the daemon stops reading.
 * control_send() waits, at most timeout_ms, only while the socket is full, and
 * fails as control_call() does; after E_TIMEOUT the connection is of no use.
 */
int control_send(struct control_client *client, const char *verb,
		 const struct value *args, int64_t timeout_ms, uint64_t *ret_id,
		 struct err *reterr);

/* An answer: the daemon's own error (code 0: none), or a result. */
struct control_reply {
	uint64_t id; /* as control_send() gave it */
	struct err error;
	struct value result; /* the caller's to clear */
};

/* E_TIMEOUT, E_UNREACHABLE, or a code for an answer that is nonsense. */
int control_next(struct control_client *client, int64_t timeout_ms,
		 struct control_reply *ret_reply, struct err *reterr);

void control_disconnect(struct control_client *client); /* NULL is fine */

#endif
