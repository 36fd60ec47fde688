#include "bus/link_socket.h"

#include <arpa/inet.h>
#include <nng/nng.h>
#include <nng/protocol/pubsub0/pub.h>
#include <nng/protocol/reqrep0/rep.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "bus/link_address.h"
#include "bus/link_peer.h"
#include "bus/link_pipes.h"
#include "bus/nng_begin.h"

/* An SP frame of a request has the number of the request before the body. */
#define SP_ID_SIZE 4

/* Publications that nng keeps for a peer that does not read. */
#define SEND_QUEUE 8192

/* Bodies that may wait for the loop; more stay with the peers. */
#define UNREAD_BYTES (2 * (size_t)LIMIT_LINK_FRAME)

struct place {
	struct link_sockets *sockets;
	enum link_place place;
	nng_socket socket;
	char address[LINK_ADDRESS_SIZE];
	struct link_pipes pipes; /* under the mutex */
};

struct link_sockets {
	struct place places[LINK_PLACES];
	struct link_wake wake;
	struct link_contexts requests;
	nng_aio *publish; /* never pending for long, loop's thread */
	/* Held while `wake` is called, so that none is after the end. */
	pthread_mutex_t mutex;
	struct link_frame *first;
	struct link_frame **end;
	size_t unread;
	size_t unread_bytes;
	bool full;
	bool ended;
};

/* ---- the queue ---- */

/* With the mutex held. Who has been woken takes all that is there. */
static void append(struct link_sockets *sockets, struct link_frame *frame)
{
	bool was_empty = sockets->first == NULL;

	*sockets->end = frame;
	sockets->end = &frame->next;
	sockets->unread++;
	sockets->unread_bytes += frame->size;
	if (was_empty) {
		sockets->wake.call(sockets->wake.arg);
	}
}

static bool is_full(const struct link_sockets *sockets)
{
	return sockets->unread >= LIMIT_LINK_UNREAD ||
	       sockets->unread_bytes >= UNREAD_BYTES;
}

void link_frame_free(struct link_frame *frame)
{
	if (frame) {
		wire_request_fini(&frame->request);
		free(frame);
	}
}

struct link_frame *link_sockets_take(struct link_sockets *sockets)
{
	(void)pthread_mutex_lock(&sockets->mutex);
	struct link_frame *first = sockets->first;
	bool resume = sockets->full && !sockets->ended;

	sockets->first = NULL;
	sockets->end = &sockets->first;
	sockets->unread = 0;
	sockets->unread_bytes = 0;
	sockets->full = false;
	(void)pthread_mutex_unlock(&sockets->mutex);
	if (resume) {
		link_contexts_receive(&sockets->requests);
	}
	return first;
}

size_t link_sockets_unread(struct link_sockets *sockets)
{
	(void)pthread_mutex_lock(&sockets->mutex);
	size_t unread = sockets->unread;

	(void)pthread_mutex_unlock(&sockets->mutex);
	return unread;
}

/* ---- receiving, on nng's threads ---- */

/* Documents are looked over here, where it does not hold up the loop. */
static void check_items(struct wire_request *request)
{
	for (size_t i = 0; i < request->item_count; i++) {
		if (request->items[i].kind == WIRE_DONE) {
			link_done_check(&request->items[i]);
		}
	}
}

static uint16_t port_of(nng_pipe pipe)
{
	nng_sockaddr peer;

	return nng_pipe_get_addr(pipe, NNG_OPT_REMADDR, &peer) == 0 &&
		       peer.s_family == NNG_AF_INET
		   ? ntohs(peer.s_in.sa_port)
		   : 0;
}

static struct link_frame *frame_of(nng_msg *message)
{
	struct link_frame *frame = alloc_zeroed(1, sizeof(*frame));
	struct slice body = { nng_msg_body(message), nng_msg_len(message) };

	frame->kind = LINK_MALFORMED;
	frame->size = body.len;
	if (wire_get_request(body, &frame->request, &frame->err) == 0) {
		frame->kind = LINK_REQUEST;
		check_items(&frame->request);
	} else {
		frame->port = port_of(nng_msg_get_pipe(message));
		frame->answerable = wire_is_map(body);
	}
	return frame;
}

static bool received(void *arg, nng_msg *message,
		     const struct link_route *route)
{
	struct link_sockets *sockets = arg;
	struct link_frame *frame = frame_of(message);

	frame->route = *route;
	nng_msg_free(message);
	(void)pthread_mutex_lock(&sockets->mutex);
	bool ended = sockets->ended;

	if (!ended) {
		append(sockets, frame);
		sockets->full = is_full(sockets);
	}
	bool go_on = !ended && !sockets->full;

	(void)pthread_mutex_unlock(&sockets->mutex);
	if (ended) {
		link_frame_free(frame);
	}
	return go_on;
}

/* ---- connections, on nng's threads ---- */

static bool is_ours(nng_pipe pipe)
{
	nng_sockaddr peer;
	nng_sockaddr own;

	if (nng_pipe_get_addr(pipe, NNG_OPT_REMADDR, &peer) ||
	    nng_pipe_get_addr(pipe, NNG_OPT_LOCADDR, &own)) {
		return false;
	}
	if (peer.s_family == NNG_AF_INPROC) {
		return true;
	}
	if (peer.s_family != NNG_AF_INET || own.s_family != NNG_AF_INET) {
		return false;
	}
	return link_peer_allowed(
	    &(struct link_end_point){ peer.s_in.sa_addr, peer.s_in.sa_port },
	    &(struct link_end_point){ own.s_in.sa_addr, own.s_in.sa_port });
}

static void connecting(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
	struct place *place = arg;

	(void)event;
	if (!is_ours(pipe)) {
		(void)nng_pipe_close(pipe);
		return;
	}
	(void)pthread_mutex_lock(&place->sockets->mutex);
	link_pipes_add(&place->pipes, (uint32_t)nng_pipe_id(pipe));
	(void)pthread_mutex_unlock(&place->sockets->mutex);
}

static void disconnected(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
	struct place *place = arg;
	struct link_sockets *sockets = place->sockets;
	uint32_t id = (uint32_t)nng_pipe_id(pipe);

	(void)event;
	(void)pthread_mutex_lock(&sockets->mutex);
	bool queued = link_pipes_remove(&place->pipes, id) &&
		      place->place == LINK_REQUESTS && !sockets->ended;

	if (queued) {
		struct link_frame *frame = alloc_zeroed(1, sizeof(*frame));

		frame->kind = LINK_PIPE_GONE;
		frame->route.pipe = id;
		append(sockets, frame);
	}
	(void)pthread_mutex_unlock(&sockets->mutex);
}

bool link_sockets_is_open(struct link_sockets *sockets, uint32_t pipe)
{
	(void)pthread_mutex_lock(&sockets->mutex);
	bool open = link_pipes_has(&sockets->places[LINK_REQUESTS].pipes, pipe);

	(void)pthread_mutex_unlock(&sockets->mutex);
	return open;
}

bool link_sockets_has_peers(struct link_sockets *sockets, enum link_place place)
{
	(void)pthread_mutex_lock(&sockets->mutex);
	bool any = sockets->places[place].pipes.first != NULL;

	(void)pthread_mutex_unlock(&sockets->mutex);
	return any;
}

/* ---- sending ---- */

void link_sockets_reply(struct link_sockets *sockets,
			const struct link_route *route, struct slice body)
{
	link_contexts_reply(&sockets->requests, route, body);
}

void link_sockets_drop(struct link_sockets *sockets,
		       const struct link_route *route)
{
	link_contexts_drop(&sockets->requests, route);
}

void link_sockets_publish(struct link_sockets *sockets, enum link_place place,
			  struct slice frame)
{
	nng_msg *message;

	if (nng_msg_alloc(&message, frame.len)) {
		return;
	}
	memcpy(nng_msg_body(message), frame.ptr, frame.len);
	nng_aio_set_msg(sockets->publish, message);
	nng_send_aio(sockets->places[place].socket, sockets->publish);
	/* It is queued for each subscriber by now, or dropped. */
	nng_aio_wait(sockets->publish);
	if (nng_aio_result(sockets->publish)) {
		nng_msg_free(message);
	}
}

/* ---- opening ---- */

static int nng_failed(int rc, const char *address, struct err *reterr)
{
	if (rc == NNG_EADDRINUSE) {
		return err_set(reterr, E_BUSY,
			       "%s is in use: another program listens there",
			       address);
	}
	return err_set(reterr, rc == NNG_EPERM ? E_DENIED : E_IO, "%s: %s",
		       address, nng_strerror(rc));
}

static int open_socket(struct place *place)
{
	/* What subscribers send is nothing. */
	size_t most = place->place == LINK_REQUESTS
			  ? LIMIT_LINK_FRAME + SP_ID_SIZE
			  : 1024;
	int rc = place->place == LINK_REQUESTS ? nng_rep0_open(&place->socket)
					       : nng_pub0_open(&place->socket);

	if (rc) {
		return rc;
	}
	rc = nng_socket_set_size(place->socket, NNG_OPT_RECVMAXSZ, most);
	if (rc == 0 && place->place != LINK_REQUESTS) {
		rc = nng_socket_set_int(place->socket, NNG_OPT_SENDBUF,
					SEND_QUEUE);
	}
	if (rc == 0) {
		rc = nng_pipe_notify(place->socket, NNG_PIPE_EV_ADD_PRE,
				     connecting, place);
	}
	if (rc == 0) {
		rc = nng_pipe_notify(place->socket, NNG_PIPE_EV_REM_POST,
				     disconnected, place);
	}
	return rc;
}

static int listen_at(struct place *place, const struct link_address *address,
		     struct err *reterr)
{
	nng_listener listener;
	int rc = open_socket(place);

	link_address_format(address, place->place, place->address);
	if (rc == 0) {
		rc = nng_listener_create(&listener, place->socket,
					 place->address);
	}
	if (rc == 0) {
		rc = nng_listener_start(listener, 0);
	}
	if (rc == 0 && *address->host && !address->port) {
		struct link_address bound = *address;
		int port = 0;

		rc = nng_listener_get_int(listener, NNG_OPT_TCP_BOUND_PORT,
					  &port);
		bound.port = (uint16_t)port;
		link_address_format(&bound, 0, place->address);
	}
	return rc ? nng_failed(rc, place->address, reterr) : 0;
}

static int open_all(struct link_sockets *sockets,
		    const struct link_address *address, struct err *reterr)
{
	int rc = nng_aio_alloc(&sockets->publish, NULL, NULL);

	if (rc) {
		return nng_failed(rc, "bus", reterr);
	}
	for (int i = 0; i < LINK_PLACES; i++) {
		struct place *place = &sockets->places[i];

		place->sockets = sockets;
		place->place = (enum link_place)i;
		rc = listen_at(place, address, reterr);
		if (rc < 0) {
			return rc;
		}
	}
	return 0;
}

/* Nobody has been told of the sockets yet, so they close without traffic. */
static void close_all(struct link_sockets *sockets)
{
	for (int i = 0; i < LINK_PLACES; i++) {
		if (nng_socket_id(sockets->places[i].socket) > 0) {
			(void)nng_close(sockets->places[i].socket);
		}
	}
}

int link_sockets_open(const char *listen, const struct link_wake *wake,
		      struct link_sockets **ret_sockets, struct err *reterr)
{
	struct link_address address;
	int rc = link_address_parse(listen, &address, reterr);

	if (rc == 0) {
		rc = nng_begin(reterr);
	}
	if (rc < 0) {
		return rc;
	}
	struct link_sockets *sockets = alloc_zeroed(1, sizeof(*sockets));

	sockets->wake = *wake;
	sockets->end = &sockets->first;
	(void)pthread_mutex_init(&sockets->mutex, NULL);
	rc = open_all(sockets, &address, reterr);
	if (rc < 0) {
		close_all(sockets);
		nng_aio_free(sockets->publish);
		(void)pthread_mutex_destroy(&sockets->mutex);
		free(sockets);
		return rc;
	}
	sockets->requests.socket = sockets->places[LINK_REQUESTS].socket;
	sockets->requests.received = received;
	sockets->requests.arg = sockets;
	link_contexts_init(&sockets->requests);
	nng_calm();
	link_contexts_receive(&sockets->requests);
	*ret_sockets = sockets;
	return 0;
}

const char *link_sockets_address(const struct link_sockets *sockets,
				 enum link_place place)
{
	return sockets->places[place].address;
}

void link_sockets_end(struct link_sockets *sockets)
{
	(void)pthread_mutex_lock(&sockets->mutex);
	sockets->ended = true;
	struct link_frame *frame = sockets->first;

	sockets->first = NULL;
	sockets->end = &sockets->first;
	(void)pthread_mutex_unlock(&sockets->mutex);
	while (frame) {
		struct link_frame *next = frame->next;

		link_frame_free(frame);
		frame = next;
	}
}
