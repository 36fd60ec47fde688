/*
 * Sessions of the control server. Private to the room.
 *
 * A session has one receive and one send under way at most. Everything is
 * guarded by the server's mutex, and nng operations are started while it is
 * held: nng completes them on its own threads, never inside the call. A
 * session ends in its receive callback, or when it is paused and cannot send:
 *
 *	free ──> open ──────────────> ending ──> free
 *	 accepted   nothing received      send ended
 *	            any more
 *
 * The two aios of a slot live as long as the process; they cannot be freed in
 * their own callbacks, and used again they need not be.
 */
#ifndef BUS_SESSION_H
#define BUS_SESSION_H

#include <nng/nng.h>
#include <pthread.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/limits.h"
#include "bus/control.h"

/* Requests of one session whose answers are not sent yet: with so many it is
 * not read from, and with fewer when they are large. What one read has brought
 * is always handed on. */
#define SESSION_PENDING       4096
#define SESSION_PENDING_LARGE 64
#define SESSION_PENDING_BYTES ((size_t)1024 * 1024)

/* What waits for more than an answer is not among them, up to so many. */
#define SESSION_PARKED 65536

/* Frames to be sent at once. */
struct outgoing {
	struct outgoing *next;
	unsigned frames;
	size_t cap;
	size_t len;
	size_t at; /* sent so far */
	char bytes[];
};

enum session_state { SESSION_FREE, SESSION_OPEN, SESSION_ENDING };

struct session {
	struct control_server *server;
	enum session_state state;
	uint64_t id; /* its slot is id % LIMIT_CONTROL_SESSIONS */
	nng_stream *stream;
	uid_t peer_uid;
	pid_t peer_pid;
	nng_aio *receive;
	bool receiving;
	bool paused; /* SESSION_PENDING was reached */
	char *input; /* what was received, from the start of a frame */
	size_t input_len;
	size_t input_cap;
	unsigned pending;
	size_t pending_bytes; /* of them all, about */
	unsigned parked;      /* not answered either: see control_park() */
	nng_aio *send;
	bool sending;
	bool deaf; /* a send failed: nothing more is sent */
	struct outgoing *first;
	struct outgoing *last;
};

struct control_server {
	pthread_mutex_t mutex;
	pthread_cond_t changed; /* something was sent, a handler returned */
	control_handler handler;
	void *arg;
	char *path;
	nng_stream_listener *listener;
	nng_aio *accept;
	bool stopping;
	bool pausing;      /* before the next accept */
	unsigned handling; /* calls of the handler under way */
	uint64_t generation;
	uint64_t refused; /* frames that were no requests */
	struct session sessions[LIMIT_CONTROL_SESSIONS];
	struct control_server *next_stopped;
};

/* All with the mutex held. */

/* Take the stream over. False, and the stream untouched, when all slots are
 * in use or there is no memory. */
bool session_open(struct control_server *server, nng_stream *stream,
		  uid_t peer_uid, pid_t peer_pid);

/* NULL when it is gone. */
struct session *session_find(struct control_server *server, uint64_t id);

/* Send a frame. What waits meanwhile leaves together. */
void session_send(struct session *session, struct slice frame);

/* See control_park(). */
void session_park(struct session *session);
void session_unpark(struct session *session);

/* Nothing is waiting to be sent. */
bool session_quiet(const struct session *session);

#endif
