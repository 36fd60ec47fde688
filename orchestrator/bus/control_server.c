/*
 * The daemon's side, on nng's ipc streams. nng objects are never closed or
 * freed while the process lives, but for the stream of a session that has
 * ended: closing them may hang.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "bus/frame.h"
#include "bus/nng_begin.h"
#include "bus/session.h"
#include "bus/socket_path.h"

#define RETRY_ACCEPT_MS 100
#define FLUSH_SECONDS   1

/* What a stopped server leaves behind stays reachable here. */
static struct control_server *stopped;
static pthread_mutex_t stopped_mutex = PTHREAD_MUTEX_INITIALIZER;

void control_request_fini(struct control_request *request)
{
	if (request) {
		free(request->verb);
		value_clear(&request->args);
		*request = (struct control_request){ 0 };
	}
}

/* ---- accepting ---- */

struct peer {
	uid_t uid;
	pid_t pid;
};

static bool peer_of(nng_stream *stream, struct peer *ret_peer)
{
	uint64_t uid;
	uint64_t pid;

	if (nng_stream_get_uint64(stream, NNG_OPT_IPC_PEER_UID, &uid) ||
	    nng_stream_get_uint64(stream, NNG_OPT_IPC_PEER_PID, &pid)) {
		return false;
	}
	*ret_peer = (struct peer){ .uid = (uid_t)uid, .pid = (pid_t)pid };
	return true;
}

static bool peer_allowed(const struct peer *peer)
{
	return peer->uid == geteuid() || peer->uid == 0;
}

/* With the mutex held. */
static bool admit(struct control_server *server, nng_stream *stream)
{
	struct peer peer;

	if (server->stopping || !peer_of(stream, &peer)) {
		return false;
	}
	if (!peer_allowed(&peer)) {
		log_debug("msg=\"control peer refused\" uid=%ld pid=%ld",
			  (long)peer.uid, (long)peer.pid);
		return false;
	}
	if (!session_open(server, stream, peer.uid, peer.pid)) {
		log_debug("msg=\"too many control sessions\" pid=%ld",
			  (long)peer.pid);
		return false;
	}
	return true;
}

/* With the mutex held: too many open files, as a rule. Not at once again. */
static void accept_later(struct control_server *server, int rc)
{
	log_debug("msg=\"control socket cannot accept\" reason=\"%s\"",
		  nng_strerror(rc));
	server->pausing = true;
	nng_sleep_aio(RETRY_ACCEPT_MS, server->accept);
}

/* After an accept, or after the pause that follows a failed one. */
static void accept_done(void *arg)
{
	struct control_server *server = arg;
	nng_stream *stream = NULL;

	pthread_mutex_lock(&server->mutex);
	int rc = server->pausing ? 0 : nng_aio_result(server->accept);

	if (rc == 0 && !server->pausing) {
		stream = nng_aio_get_output(server->accept, 0);
	}
	if (stream && !admit(server, stream)) {
		nng_stream_free(stream);
	}
	server->pausing = false;
	if (rc) {
		accept_later(server, rc);
	} else {
		nng_stream_listener_accept(server->listener, server->accept);
	}
	pthread_mutex_unlock(&server->mutex);
}

/* ---- creating ---- */

static int nng_failed(int rc, const char *path, struct err *reterr)
{
	int code = rc == NNG_EPERM ? E_DENIED : E_IO;

	return err_set(reterr, code, "control socket %s: %s", path,
		       nng_strerror(rc));
}

static int make_listener(struct control_server *server)
{
	struct buf url = { 0 };

	buf_printf(&url, "ipc://%s", server->path);
	char *text = buf_take(&url);
	int rc = nng_stream_listener_alloc(&server->listener, text);

	free(text);
	if (rc) {
		server->listener = NULL;
		return rc;
	}
	rc = nng_stream_listener_set_int(server->listener,
					 NNG_OPT_IPC_PERMISSIONS, 0600);
	return rc ? rc : nng_stream_listener_listen(server->listener);
}

static int start_listening(struct control_server *server)
{
	int rc = nng_aio_alloc(&server->accept, accept_done, server);

	if (rc) {
		server->accept = NULL;
		return rc;
	}
	rc = make_listener(server);
	if (rc == 0) {
		pthread_mutex_lock(&server->mutex);
		nng_stream_listener_accept(server->listener, server->accept);
		pthread_mutex_unlock(&server->mutex);
	}
	return rc;
}

/* Only for one that never listened. */
static void destroy(struct control_server *server)
{
	if (server->listener) {
		nng_stream_listener_free(server->listener);
	}
	if (server->accept) {
		nng_aio_free(server->accept);
	}
	pthread_cond_destroy(&server->changed);
	pthread_mutex_destroy(&server->mutex);
	free(server->path);
	free(server);
}

static struct control_server *make(const char *path, control_handler handler,
				   void *arg)
{
	struct control_server *server = alloc_zeroed(1, sizeof(*server));
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&server->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&server->mutex, NULL);
	server->handler = handler;
	server->arg = arg;
	server->path = alloc_string(path);
	return server;
}

int control_server_create(const char *path, control_handler handler, void *arg,
			  struct control_server **ret_server,
			  struct err *reterr)
{
	int rc = socket_path_prepare(path, reterr);

	if (rc == 0) {
		rc = nng_begin(reterr);
	}
	if (rc) {
		return rc;
	}
	struct control_server *server = make(path, handler, arg);

	rc = start_listening(server);
	if (rc) {
		destroy(server);
		return nng_failed(rc, path, reterr);
	}
	*ret_server = server;
	return 0;
}

/* ---- answering ---- */

static void send_frame(struct control_server *server, uint64_t id,
		       struct buf *frame)
{
	pthread_mutex_lock(&server->mutex);
	struct session *session = session_find(server, id);

	if (session) {
		session_send(session, buf_slice(frame));
	}
	pthread_mutex_unlock(&server->mutex);
	buf_fini(frame);
}

void control_answer(struct control_server *server, uint64_t session,
		    uint64_t id, const struct value *result)
{
	struct buf frame = { 0 };
	struct err err;

	if (frame_put_result(&frame, id, result, &err)) {
		frame_put_error(&frame, id, &err);
	}
	send_frame(server, session, &frame);
}

void control_refuse(struct control_server *server, uint64_t session,
		    uint64_t id, const struct err *error)
{
	struct buf frame = { 0 };

	frame_put_error(&frame, id, error);
	send_frame(server, session, &frame);
}

void control_park(struct control_server *server, uint64_t id)
{
	pthread_mutex_lock(&server->mutex);
	struct session *session = session_find(server, id);

	if (session) {
		session_park(session);
	}
	pthread_mutex_unlock(&server->mutex);
}

void control_unpark(struct control_server *server, uint64_t id)
{
	pthread_mutex_lock(&server->mutex);
	struct session *session = session_find(server, id);

	if (session) {
		session_unpark(session);
	}
	pthread_mutex_unlock(&server->mutex);
}

bool control_session_open(struct control_server *server, uint64_t session)
{
	pthread_mutex_lock(&server->mutex);
	bool open = session_find(server, session) != NULL;

	pthread_mutex_unlock(&server->mutex);
	return open;
}

/* ---- stopping ---- */

static bool all_quiet(const struct control_server *server)
{
	if (server->handling) {
		return false;
	}
	for (size_t i = 0; i < LIMIT_CONTROL_SESSIONS; i++) {
		if (!session_quiet(&server->sessions[i])) {
			return false;
		}
	}
	return true;
}

static struct timespec flush_deadline(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	time.tv_sec += FLUSH_SECONDS;
	return time;
}

static void flush(struct control_server *server)
{
	struct timespec deadline = flush_deadline();
	int rc = 0;

	while (rc == 0 && !all_quiet(server)) {
		rc = pthread_cond_timedwait(&server->changed, &server->mutex,
					    &deadline);
	}
	/* Handlers do not block; after this none is called any more. */
	while (server->handling) {
		pthread_cond_wait(&server->changed, &server->mutex);
	}
}

static void keep(struct control_server *server)
{
	pthread_mutex_lock(&stopped_mutex);
	server->next_stopped = stopped;
	stopped = server;
	pthread_mutex_unlock(&stopped_mutex);
}

void control_server_stop(struct control_server *server)
{
	if (!server) {
		return;
	}
	pthread_mutex_lock(&server->mutex);
	bool first = !server->stopping;

	if (first) {
		(void)unlink(server->path);
		server->stopping = true;
	}
	flush(server);
	pthread_mutex_unlock(&server->mutex);
	if (first) {
		keep(server);
	}
}
