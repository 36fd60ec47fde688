#include "bus/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "bus/frame.h"

/* A frame's memory grows as its bytes come, whatever its header says. */
#define FIRST_CHUNK ((size_t)16 * 1024)

/* A session keeps no more than this between frames. */
#define KEEP_INPUT ((size_t)256 * 1024)

/* ---- the end ---- */

static void drop_queue(struct session *session)
{
	while (session->first) {
		struct outgoing *next = session->first->next;

		free(session->first);
		session->first = next;
	}
	session->last = NULL;
}

static void release(struct session *session)
{
	nng_stream_free(session->stream);
	session->stream = NULL;
	session->state = SESSION_FREE;
	drop_queue(session);
	free(session->input);
	session->input = NULL;
	session->input_cap = 0;
	session->paused = false;
	pthread_cond_broadcast(&session->server->changed);
}

/* In the receive callback, or paused: nothing is being received. */
static void end(struct session *session)
{
	session->state = SESSION_ENDING;
	if (session->sending) {
		nng_stream_close(session->stream);
	} else {
		release(session);
	}
}

/* ---- receiving ---- */

static bool make_room(struct session *session)
{
	if (session->input_len < session->input_cap) {
		return true;
	}
	size_t cap = session->input_cap ? session->input_cap * 2 : FIRST_CHUNK;
	char *input = alloc_try_resize(session->input, cap);

	if (!input) {
		return false;
	}
	session->input = input;
	session->input_cap = cap;
	return true;
}

static void start_receive(struct session *session)
{
	size_t room = session->input_cap - session->input_len;
	size_t missing = session->wanted - session->input_len;
	nng_iov iov = {
		.iov_buf = session->input + session->input_len,
		.iov_len = missing < room ? missing : room,
	};

	session->receiving = true;
	(void)nng_aio_set_iov(session->receive, 1, &iov);
	nng_stream_recv(session->stream, session->receive);
}

/* Go on receiving, or pause when the session has enough to do. */
static void receive_more(struct session *session)
{
	if (session->deaf || !make_room(session)) {
		end(session);
	} else if (session->pending >= SESSION_PENDING) {
		session->paused = true;
	} else {
		start_receive(session);
	}
}

static void await_frame(struct session *session)
{
	if (session->input_cap > KEEP_INPUT) {
		free(session->input);
		session->input = NULL;
		session->input_cap = 0;
	}
	session->input_len = 0;
	session->wanted = FRAME_HEADER_SIZE;
}

static void refuse(struct session *session, const char *why)
{
	session->server->refused++;
	log_debug("msg=\"bad control frame\" session=%llu pid=%ld "
		  "refused=%llu reason=\"%s\"",
		  (unsigned long long)session->id, (long)session->peer_pid,
		  (unsigned long long)session->server->refused, why);
	end(session);
}

/* Hands a request on without the mutex; the session may not end meanwhile,
 * because only its receive callback, this one, ends it. */
static void deliver(struct session *session, struct control_request *request)
{
	struct control_server *server = session->server;

	session->pending++;
	server->handling++;
	pthread_mutex_unlock(&server->mutex);
	server->handler(server->arg, request);
	pthread_mutex_lock(&server->mutex);
	server->handling--;
	pthread_cond_broadcast(&server->changed);
}

static void take_frame(struct session *session)
{
	struct err err = { 0 };
	struct slice body = {
		.ptr = session->input + FRAME_HEADER_SIZE,
		.len = session->input_len - FRAME_HEADER_SIZE,
	};
	struct control_request *request = alloc_zeroed(1, sizeof(*request));

	if (frame_read_request(body, &request->id, &request->verb,
			       &request->args, &err)) {
		free(request);
		refuse(session, err.msg);
		return;
	}
	request->session = session->id;
	request->peer_uid = session->peer_uid;
	request->peer_pid = session->peer_pid;
	await_frame(session);
	deliver(session, request);
	receive_more(session);
}

static void received(struct session *session, size_t len)
{
	session->input_len += len;
	if (session->input_len < session->wanted) {
		receive_more(session);
		return;
	}
	if (session->wanted > FRAME_HEADER_SIZE) {
		take_frame(session);
		return;
	}
	size_t body;

	if (frame_read_header(session->input, &body)) {
		refuse(session, "no length that is allowed");
		return;
	}
	session->wanted = FRAME_HEADER_SIZE + body;
	receive_more(session);
}

static void receive_done(void *arg)
{
	struct session *session = arg;
	struct control_server *server = session->server;

	pthread_mutex_lock(&server->mutex);
	session->receiving = false;
	if (nng_aio_result(session->receive) || server->stopping) {
		end(session);
	} else {
		received(session, nng_aio_count(session->receive));
	}
	pthread_mutex_unlock(&server->mutex);
}

/* ---- sending ---- */

static void start_send(struct session *session)
{
	struct outgoing *outgoing = session->first;
	nng_iov iov = {
		.iov_buf = outgoing->bytes + outgoing->at,
		.iov_len = outgoing->len - outgoing->at,
	};

	session->sending = true;
	(void)nng_aio_set_iov(session->send, 1, &iov);
	nng_stream_send(session->stream, session->send);
}

static void finish_first(struct session *session)
{
	struct outgoing *sent = session->first;

	session->first = sent->next;
	if (!session->first) {
		session->last = NULL;
	}
	free(sent);
}

/* An answer is on its way: one more request may come. */
static void one_less_pending(struct session *session)
{
	if (session->pending > 0) {
		session->pending--;
	}
	if (session->paused) {
		session->paused = false;
		receive_more(session);
	}
}

static void sent(struct session *session, size_t len)
{
	session->first->at += len;
	bool done = session->first->at == session->first->len;

	if (done) {
		finish_first(session);
	}
	if (session->first) {
		start_send(session);
	}
	if (done) {
		one_less_pending(session);
	}
}

/*
 * The peer is gone. nng may have dropped the connection and then never
 * completes a receive that was started a moment later: that one is made to
 * end. No further one is started on a deaf session.
 */
static void cannot_send(struct session *session)
{
	session->deaf = true;
	drop_queue(session);
	if (session->receiving) {
		nng_aio_cancel(session->receive);
	} else if (session->paused) {
		end(session);
	}
}

static void send_done(void *arg)
{
	struct session *session = arg;
	struct control_server *server = session->server;

	pthread_mutex_lock(&server->mutex);
	session->sending = false;
	if (session->state == SESSION_ENDING) {
		release(session);
	} else if (nng_aio_result(session->send)) {
		cannot_send(session);
	} else {
		sent(session, nng_aio_count(session->send));
	}
	pthread_cond_broadcast(&server->changed);
	pthread_mutex_unlock(&server->mutex);
}

void session_send(struct session *session, struct outgoing *outgoing)
{
	if (session->deaf || session->state != SESSION_OPEN) {
		free(outgoing);
		return;
	}
	if (session->last) {
		session->last->next = outgoing;
	} else {
		session->first = outgoing;
	}
	session->last = outgoing;
	if (!session->sending) {
		start_send(session);
	}
}

bool session_quiet(const struct session *session)
{
	return session->state == SESSION_FREE || !session->first;
}

/* ---- slots ---- */

struct session *session_find(struct control_server *server, uint64_t id)
{
	struct session *session =
	    &server->sessions[id % LIMIT_CONTROL_SESSIONS];

	return session->state == SESSION_OPEN && session->id == id ? session
								   : NULL;
}

static struct session *free_slot(struct control_server *server)
{
	for (size_t i = 0; i < LIMIT_CONTROL_SESSIONS; i++) {
		if (server->sessions[i].state == SESSION_FREE) {
			return &server->sessions[i];
		}
	}
	return NULL;
}

/* The aios of a slot are made when it is first used. */
static bool prepare_slot(struct session *session)
{
	if (!session->receive &&
	    nng_aio_alloc(&session->receive, receive_done, session)) {
		session->receive = NULL;
		return false;
	}
	if (!session->send &&
	    nng_aio_alloc(&session->send, send_done, session)) {
		session->send = NULL;
		return false;
	}
	return true;
}

bool session_open(struct control_server *server, nng_stream *stream,
		  uid_t peer_uid, pid_t peer_pid)
{
	struct session *session = free_slot(server);

	if (!session || !prepare_slot(session)) {
		return false;
	}
	size_t slot = (size_t)(session - server->sessions);

	session->server = server;
	session->state = SESSION_OPEN;
	session->id = ++server->generation * LIMIT_CONTROL_SESSIONS + slot;
	session->stream = stream;
	session->peer_uid = peer_uid;
	session->peer_pid = peer_pid;
	session->pending = 0;
	session->deaf = false;
	await_frame(session);
	receive_more(session);
	return true;
}
