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

/* Answers leave in pieces of about so much. */
#define OUTGOING_SIZE ((size_t)4 * 1024)

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
	nng_iov iov = {
		.iov_buf = session->input + session->input_len,
		.iov_len = session->input_cap - session->input_len,
	};

	session->receiving = true;
	(void)nng_aio_set_iov(session->receive, 1, &iov);
	nng_stream_recv(session->stream, session->receive);
}

static bool has_enough_to_do(const struct session *session)
{
	return session->pending >= SESSION_PENDING ||
	       (session->pending >= SESSION_PENDING_LARGE &&
		session->pending_bytes >= SESSION_PENDING_BYTES);
}

/* Go on receiving, or pause when the session has enough to do. */
static void receive_more(struct session *session)
{
	if (session->deaf || !make_room(session)) {
		end(session);
	} else if (has_enough_to_do(session)) {
		session->paused = true;
	} else {
		start_receive(session);
	}
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

/* False: it was no request, and the session has ended. */
static bool take_frame(struct session *session, struct slice body)
{
	struct err err = { 0 };
	struct control_request *request = alloc_zeroed(1, sizeof(*request));

	if (frame_read_request(body, &request->id, &request->verb,
			       &request->args, &err)) {
		free(request);
		refuse(session, err.msg);
		return false;
	}
	request->session = session->id;
	request->peer_uid = session->peer_uid;
	request->peer_pid = session->peer_pid;
	session->pending_bytes += body.len;
	deliver(session, request);
	return true;
}

/* What is left of the input is the beginning of a frame. */
static void keep_rest(struct session *session, size_t taken)
{
	session->input_len -= taken;
	if (taken) {
		memmove(session->input, session->input + taken,
			session->input_len);
	}
	if (session->input_len == 0 && session->input_cap > KEEP_INPUT) {
		free(session->input);
		session->input = NULL;
		session->input_cap = 0;
	}
}

/* All whole frames. False: the session has ended. */
static bool take_frames(struct session *session)
{
	size_t at = 0;
	size_t len;

	while (session->input_len - at >= FRAME_HEADER_SIZE) {
		const char *frame = session->input + at;

		if (frame_read_header(frame, &len)) {
			refuse(session, "no length that is allowed");
			return false;
		}
		if (session->input_len - at - FRAME_HEADER_SIZE < len) {
			break;
		}
		struct slice body = { frame + FRAME_HEADER_SIZE, len };

		if (!take_frame(session, body)) {
			return false;
		}
		at += FRAME_HEADER_SIZE + len;
	}
	keep_rest(session, at);
	return true;
}

static void received(struct session *session, size_t len)
{
	session->input_len += len;
	if (take_frames(session)) {
		receive_more(session);
	}
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

/* Answers are on their way: as many requests may come. */
static void less_pending(struct session *session, unsigned answered)
{
	if (session->pending > answered) {
		session->pending_bytes -=
		    session->pending_bytes / session->pending * answered;
		session->pending -= answered;
	} else {
		session->pending = 0;
		session->pending_bytes = 0;
	}
	if (session->paused && !has_enough_to_do(session)) {
		session->paused = false;
		receive_more(session);
	}
}

void session_park(struct session *session)
{
	if (session->parked < SESSION_PARKED) {
		session->parked++;
		less_pending(session, 1);
	}
}

/* One that was beyond the limit takes the place of another. */
void session_unpark(struct session *session)
{
	if (session->parked) {
		session->parked--;
		session->pending++;
	}
}

static void sent(struct session *session, size_t len)
{
	unsigned answered = 0;

	session->first->at += len;
	if (session->first->at == session->first->len) {
		answered = session->first->frames;
		finish_first(session);
	}
	if (session->first) {
		start_send(session);
	}
	if (answered) {
		less_pending(session, answered);
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

/* The first one may be on its way. */
static struct outgoing *with_room(struct session *session, size_t len)
{
	struct outgoing *last = session->last;

	return last && last != session->first && last->cap - last->len >= len
		   ? last
		   : NULL;
}

static struct outgoing *add_outgoing(struct session *session, size_t len)
{
	size_t cap = len > OUTGOING_SIZE ? len : OUTGOING_SIZE;
	struct outgoing *outgoing = alloc_bytes(sizeof(*outgoing) + cap);

	*outgoing = (struct outgoing){ .cap = cap };
	if (session->last) {
		session->last->next = outgoing;
	} else {
		session->first = outgoing;
	}
	session->last = outgoing;
	return outgoing;
}

void session_send(struct session *session, struct slice frame)
{
	if (session->deaf || session->state != SESSION_OPEN) {
		return;
	}
	struct outgoing *outgoing = with_room(session, frame.len);

	if (!outgoing) {
		outgoing = add_outgoing(session, frame.len);
	}
	memcpy(outgoing->bytes + outgoing->len, frame.ptr, frame.len);
	outgoing->len += frame.len;
	outgoing->frames++;
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
	session->pending_bytes = 0;
	session->parked = 0;
	session->deaf = false;
	session->input_len = 0;
	receive_more(session);
	return true;
}
