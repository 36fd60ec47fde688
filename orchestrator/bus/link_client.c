#include "bus/link_client.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "bus/link_client_inside.h"

/* Stand in for what is made anew for each hello. */
#define NO_TOKEN \
	"0000000000000000000000000000000000000000000000000000000000000000"
#define NO_NONCE "00000000000000000000000000000000"

/* ---- life ---- */

/* A deep copy: encoded, and decoded again. Also tells what the orchestrator
 * would refuse. */
static int copy_about(struct link_client *client,
		      const struct wire_hello *about, struct err *reterr)
{
	struct wire_request request = { .kind = WIRE_HELLO, .hello = *about };

	request.hello.token = SLICE(NO_TOKEN);
	request.hello.nonce = SLICE(NO_NONCE);
	wire_put_request(&client->about_bytes, &request);
	return wire_get_request(buf_slice(&client->about_bytes), &client->about,
				reterr);
}

int link_client_create(const struct link_client_options *options,
		       struct link_client **ret_client, struct err *reterr)
{
	struct link_client *client = alloc_zeroed(1, sizeof(*client));

	client->handlers = options->handlers;
	client->bus_file = alloc_string(options->bus_file);
	client->backoff_ms = LINK_BACKOFF_MS;
	client->items.wake = -1;
	sp_stream_init(&client->work);
	sp_stream_init(&client->requests);
	int rc = link_client_file_read(client->bus_file, &client->bus, reterr);

	if (rc == 0) {
		rc = copy_about(client, options->about, reterr);
	}
	if (rc == 0) {
		rc = link_items_init(&client->items, reterr);
	}
	if (rc < 0) {
		link_client_destroy(client);
		return rc;
	}
	*ret_client = client;
	return 0;
}

static void close_streams(struct link_client *client)
{
	sp_stream_close(&client->work);
	sp_stream_close(&client->requests);
}

static void free_items(struct link_client *client)
{
	link_items_free(&client->items, &client->ready);
	link_items_free(&client->items, &client->in_flight);
	link_items_fini(&client->items);
}

void link_client_destroy(struct link_client *client)
{
	if (!client) {
		return;
	}
	close_streams(client);
	link_call_end(&client->talk);
	link_call_end(&client->poll);
	link_call_end(&client->up);
	free_items(client);
	link_seen_fini(&client->seen);
	link_topics_drop(client);
	slice_disown(&client->id);
	slice_disown(&client->instance);
	wire_request_fini(&client->about);
	buf_fini(&client->about_bytes);
	link_client_file_fini(&client->bus);
	free(client->bus_file);
	free(client);
}

void link_client_put(struct link_client *client, const struct wire_item *item)
{
	link_items_put(&client->items, item);
}

void link_client_expect(struct link_client *client, size_t count)
{
	link_items_expect(&client->items, count);
}

void link_client_expect_none(struct link_client *client)
{
	link_items_expect_none(&client->items);
}

bool link_client_expects(struct link_client *client)
{
	return link_items_expects(&client->items);
}

bool link_client_settled(const struct link_client *client)
{
	return link_items_settled(&client->items);
}

void link_client_leave(struct link_client *client)
{
	client->leaving = true;
}

bool link_client_ended(const struct link_client *client)
{
	return client->state == LINK_ENDED;
}

void link_client_end(struct link_client *client)
{
	close_streams(client);
	client->state = LINK_ENDED;
}

/* ---- connections ---- */

void link_client_retreat(struct link_client *client, int64_t now_ms)
{
	close_streams(client);
	client->state = LINK_AWAY;
	client->state_due_ms = now_ms + client->backoff_ms;
	client->backoff_ms *= 2;
	if (client->backoff_ms > LINK_BACKOFF_MAX_MS) {
		client->backoff_ms = LINK_BACKOFF_MAX_MS;
	}
	/* The orchestrator may be another one by then, with another token. */
	if (client->session == LINK_GREETING) {
		client->session = LINK_NONE;
		client->session_due_ms = now_ms;
		link_call_end(&client->talk);
	}
}

/* Where the orchestrator is now; it may have been started again. */
static int look_up(struct link_client *client, struct err *reterr)
{
	struct link_client_file bus;
	int rc = link_client_file_read(client->bus_file, &bus, reterr);

	if (rc == 0) {
		link_client_file_fini(&client->bus);
		client->bus = bus;
	}
	return rc;
}

static void connect_both(struct link_client *client, int64_t now_ms)
{
	int rc = look_up(client, NULL);

	if (rc == 0) {
		rc = sp_stream_connect(&client->work, client->bus.work, SP_SUB,
				       SP_PUB, NULL);
	}
	if (rc == 0) {
		rc = sp_stream_connect(&client->requests, client->bus.requests,
				       SP_REQ, SP_REP, NULL);
	}
	if (rc < 0) {
		link_client_retreat(client, now_ms);
		return;
	}
	client->state = LINK_CONNECTING;
	client->state_due_ms = now_ms + LINK_CONNECT_MS;
}

static short revents_of(const struct sp_stream *stream,
			const struct pollfd *fds, nfds_t len)
{
	for (nfds_t i = 0; i < len; i++) {
		if (fds[i].fd == stream->fd && stream->fd >= 0) {
			return fds[i].revents;
		}
	}
	return 0;
}

static int take_frames(struct link_client *client, struct sp_stream *stream,
		       int64_t now_ms)
{
	struct slice frame;
	int rc = 0;

	while (rc == 0 && client->state != LINK_AWAY &&
	       client->state != LINK_ENDED) {
		int got = sp_stream_next(stream, &frame, NULL);

		if (got <= 0) {
			return got;
		}
		if (stream == &client->work) {
			link_work_publication(client, frame, now_ms);
		} else {
			rc = link_session_reply(client, frame, now_ms, NULL);
		}
	}
	return rc;
}

/* What came before a connection broke still counts. */
static int stream_turn(struct link_client *client, struct sp_stream *stream,
		       short revents, int64_t now_ms)
{
	int broken = sp_stream_turn(stream, revents, NULL);
	int rc = take_frames(client, stream, now_ms);

	return broken ? broken : rc;
}

static void streams_turn(struct link_client *client, int64_t now_ms,
			 const struct pollfd *fds, nfds_t len)
{
	short work = revents_of(&client->work, fds, len);
	short requests = revents_of(&client->requests, fds, len);
	int rc = stream_turn(client, &client->work, work, now_ms);

	if (rc == 0 && client->state != LINK_AWAY &&
	    client->state != LINK_ENDED) {
		rc = stream_turn(client, &client->requests, requests, now_ms);
	}
	if (rc < 0 && client->state != LINK_AWAY &&
	    client->state != LINK_ENDED) {
		link_client_retreat(client, now_ms);
	}
}

static void connection_turn(struct link_client *client, int64_t now_ms,
			    const struct pollfd *fds, nfds_t len)
{
	if (client->state == LINK_AWAY && now_ms >= client->state_due_ms) {
		connect_both(client, now_ms);
		return;
	}
	streams_turn(client, now_ms, fds, len);
	if (client->state != LINK_CONNECTING) {
		return;
	}
	if (sp_stream_is_open(&client->work) &&
	    sp_stream_is_open(&client->requests)) {
		client->state = LINK_UP;
		link_call_renew(client, now_ms);
	} else if (now_ms >= client->state_due_ms) {
		link_client_retreat(client, now_ms);
	}
}

/* ---- turns ---- */

/* Items that say that a task has left our hands. */
static void take_items(struct link_client *client)
{
	struct link_item *item =
	    link_items_take(&client->items, &client->ready);

	for (; item; item = item->next) {
		if (item->item.kind == WIRE_DONE ||
		    item->item.kind == WIRE_RETURN) {
			link_seen_finish(&client->seen, &item->item.key);
		}
	}
}

static void leave_turn(struct link_client *client, int64_t now_ms)
{
	if (!client->leaving || client->state == LINK_ENDED) {
		return;
	}
	if (!client->leave_due_ms) {
		client->leave_due_ms = now_ms + LINK_LEAVE_MS;
	}
	bool stranger = client->session <= LINK_GREETING;

	/* A new session would not know our tasks any more. */
	if (now_ms >= client->leave_due_ms || stranger) {
		link_client_end(client);
	}
}

void link_client_turn(struct link_client *client, int64_t now_ms,
		      const struct pollfd *fds, nfds_t len)
{
	if (client->state == LINK_ENDED) {
		return;
	}
	link_items_awake(&client->items, len > 0 && fds[0].revents);
	take_items(client);
	connection_turn(client, now_ms, fds, len);
	leave_turn(client, now_ms);
	if (client->state != LINK_UP) {
		return;
	}
	/* What came may have been done at once. */
	take_items(client);
	link_session_turn(client, now_ms);
	link_call_send_due(client, now_ms);
	if (sp_stream_has_unsent(&client->requests) &&
	    sp_stream_turn(&client->requests, POLLOUT, NULL) < 0) {
		link_client_retreat(client, now_ms);
	}
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t call_due(const struct link_call *call)
{
	return call->id ? call->due_ms : INT64_MAX;
}

static int64_t next_due(const struct link_client *client)
{
	int64_t due = client->leaving ? client->leave_due_ms : INT64_MAX;

	if (client->state != LINK_UP) {
		return earlier(due, client->state_due_ms);
	}
	due = earlier(due, call_due(&client->talk));
	due = earlier(due, call_due(&client->poll));
	due = earlier(due, call_due(&client->up));
	return earlier(due, link_session_due_ms(client));
}

static void watch(struct pollfd *fd, const struct sp_stream *stream)
{
	*fd = (struct pollfd){
		.fd = stream->fd,
		.events = sp_stream_events(stream),
	};
}

nfds_t link_client_poll(struct link_client *client, int64_t now_ms,
			struct pollfd fds[LINK_CLIENT_FDS], int *ret_timeout_ms)
{
	*ret_timeout_ms = 0;
	if (client->state == LINK_ENDED) {
		return 0;
	}
	int64_t due = next_due(client);
	int64_t left = due <= now_ms ? 0 : due - now_ms;

	*ret_timeout_ms = due == INT64_MAX ? -1
			  : left > INT_MAX ? INT_MAX
					   : (int)left;
	fds[0] = (struct pollfd){
		.fd = client->items.wake,
		.events = POLLIN,
	};
	if (!link_items_sleep(&client->items)) {
		*ret_timeout_ms = 0;
	}
	if (client->state == LINK_AWAY) {
		return 1;
	}
	watch(&fds[1], &client->work);
	watch(&fds[2], &client->requests);
	return 3;
}
