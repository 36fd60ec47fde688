#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <utlist.h>

#include "base/alloc.h"
#include "bus/link_client_inside.h"

/* Bounds of what a welcome may say. */
#define SHORTEST_MS 50
#define LONGEST_MS  ((int64_t)24 * 60 * 60 * 1000)

/* Two empty answers in less than this are no hanging poll. */
#define HURRY_MS 10
#define CALM_MS  50

/* ---- hello, ready, bye ---- */

static void make_nonce(struct link_client *client)
{
	unsigned char bytes[(WIRE_SECRET_SIZE - 1) / 2];

	(void)!getrandom(bytes, sizeof(bytes), 0);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		(void)snprintf(client->nonce + 2 * i, 3, "%02x", bytes[i]);
	}
	(void)snprintf(client->own_topic, sizeof(client->own_topic),
		       "instance/%s/", client->nonce);
}

static void say_hello(struct link_client *client, int64_t now_ms)
{
	struct wire_request request = { .kind = WIRE_HELLO };

	make_nonce(client);
	client->synced = false;
	client->session = LINK_GREETING;
	request.hello = client->about.hello;
	request.hello.token = client->bus.token;
	request.hello.nonce = slice_of(client->nonce);
	link_call_start(client, &client->talk, &request, now_ms);
}

static void say_ready(struct link_client *client, struct slice error,
		      int64_t now_ms)
{
	struct wire_request request = {
		.kind = WIRE_READY,
		.synced = client->synced,
		.error = error,
	};

	client->asked = client->synced;
	client->session_due_ms = now_ms + LINK_SYNC_MS;
	link_call_start(client, &client->talk, &request, now_ms);
}

static void bye_turn(struct link_client *client, int64_t now_ms)
{
	struct wire_request request = { .kind = WIRE_BYE };

	if (client->leaving && link_client_settled(client)) {
		client->session = LINK_LEAVING;
		link_call_start(client, &client->talk, &request, now_ms);
	}
}

/* ---- what a session ends with ---- */

static void hello_again(struct link_client *client, int64_t now_ms)
{
	client->session = LINK_NONE;
	client->session_due_ms = now_ms + client->backoff_ms;
	client->backoff_ms *= 2;
	if (client->backoff_ms > LINK_BACKOFF_MAX_MS) {
		client->backoff_ms = LINK_BACKOFF_MAX_MS;
	}
	link_call_end(&client->talk);
}

static void cancel_lost(void *arg, const struct wire_key *key)
{
	const struct link_client *client = arg;

	client->handlers.cancel(client->handlers.arg, key, false);
}

/* Completions go over into the next session, in their order. */
static void lose(struct link_client *client, int64_t now_ms)
{
	struct link_item *kept = client->in_flight;

	client->in_flight = NULL;
	DL_CONCAT(kept, client->ready);
	client->ready = kept;
	link_items_prune(&client->items, &client->ready);
	link_call_end(&client->poll);
	link_call_end(&client->up);
	link_topics_drop(client);
	client->seen_mail = 0;
	client->n = 0;
	client->poll_from_ms = 0;
	hello_again(client, now_ms);
	client->handlers.lost(client->handlers.arg);
	link_seen_finish_all(&client->seen, cancel_lost, client);
}

static void refused(struct link_client *client, const struct wire_reply *reply)
{
	client->handlers.refused(client->handlers.arg, reply->code,
				 reply->error);
	link_client_end(client);
}

/* ---- replies to hello, ready, bye ---- */

/* Has the token changed since it was read? Then another orchestrator is
 * there. */
static bool is_stale(const struct link_client *client)
{
	struct link_client_file bus;

	if (link_client_file_read(client->bus_file, &bus, NULL) < 0) {
		return true;
	}
	bool same = slice_equal(bus.token, client->bus.token);

	link_client_file_fini(&bus);
	return !same;
}

static void hello_refused(struct link_client *client,
			  const struct wire_reply *reply, int64_t now_ms)
{
	if (reply->code == E_BUSY || reply->code == E_UNREACHABLE) {
		hello_again(client, now_ms);
	} else if (reply->code == E_DENIED && is_stale(client)) {
		link_client_retreat(client, now_ms);
	} else {
		refused(client, reply);
	}
}

static bool is_sane(int64_t ms)
{
	return ms >= SHORTEST_MS && ms <= LONGEST_MS;
}

static int take_welcome(struct link_client *client,
			const struct wire_welcome *welcome, struct err *reterr)
{
	if (!welcome->instance.len || !welcome->session.len ||
	    !is_sane(welcome->lease_ms) || !is_sane(welcome->poll_ms)) {
		return err_set(reterr, E_INVALID, "a welcome makes no sense");
	}
	slice_own(&client->instance, welcome->instance);
	slice_own(&client->id, welcome->session);
	link_topics_take(client, welcome->topics, welcome->topic_count);
	client->lease_ms = welcome->lease_ms;
	client->poll_ms = welcome->poll_ms;
	return 0;
}

static int welcomed(struct link_client *client,
		    const struct wire_welcome *welcome, int64_t now_ms,
		    struct err *reterr)
{
	struct err error = { 0 };
	int rc = take_welcome(client, welcome, reterr);

	if (rc < 0) {
		return rc;
	}
	client->session = LINK_SYNCING;
	client->session_due_ms = now_ms;
	link_call_end(&client->talk);
	if (client->welcomed) {
		return 0;
	}
	client->welcomed = true;
	if (client->handlers.welcome(client->handlers.arg, &welcome->config,
				     &error) < 0) {
		client->session = LINK_REFUSING;
		say_ready(client,
			  *error.msg ? slice_of(error.msg)
				     : SLICE("it could not be started"),
			  now_ms);
	}
	return 0;
}

static int unexpected(struct err *reterr)
{
	return err_set(reterr, E_INVALID,
		       "the orchestrator's reply fits no request");
}

static int greeting_reply(struct link_client *client,
			  const struct wire_reply *reply, int64_t now_ms,
			  struct err *reterr)
{
	if (reply->kind == WIRE_WELCOME) {
		return welcomed(client, &reply->welcome, now_ms, reterr);
	}
	if (reply->kind == WIRE_REFUSED) {
		hello_refused(client, reply, now_ms);
		return 0;
	}
	return unexpected(reterr);
}

static int ready_reply(struct link_client *client,
		       const struct wire_reply *reply, int64_t now_ms,
		       struct err *reterr)
{
	if (reply->kind == WIRE_UNKNOWN) {
		lose(client, now_ms);
		return 0;
	}
	if (reply->kind == WIRE_REFUSED) {
		if (reply->code == E_BUSY) {
			link_call_end(&client->talk);
		} else {
			refused(client, reply);
		}
		return 0;
	}
	if (reply->kind != WIRE_OK) {
		return unexpected(reterr);
	}
	link_call_end(&client->talk);
	if (client->asked) {
		client->session = LINK_LIVE;
		client->backoff_ms = LINK_BACKOFF_MS;
	}
	return 0;
}

static int talk_reply(struct link_client *client,
		      const struct wire_reply *reply, int64_t now_ms,
		      struct err *reterr)
{
	switch (client->session) {
	case LINK_GREETING:
		return greeting_reply(client, reply, now_ms, reterr);
	case LINK_SYNCING:
		return ready_reply(client, reply, now_ms, reterr);
	case LINK_REFUSING:
	case LINK_LEAVING:
		link_client_end(client);
		return 0;
	case LINK_NONE:
	case LINK_LIVE:
		break;
	}
	return unexpected(reterr);
}

/* ---- mail ---- */

static int poll_reply(struct link_client *client,
		      const struct wire_reply *reply, int64_t now_ms,
		      struct err *reterr)
{
	bool hurried = now_ms - client->poll.sent_ms < HURRY_MS;

	if (reply->kind == WIRE_REFUSED && reply->code == E_BUSY) {
		hurried = true;
	} else if (reply->kind == WIRE_REFUSED) {
		refused(client, reply);
		return 0;
	} else if (reply->kind != WIRE_MAIL) {
		return unexpected(reterr);
	}
	link_call_end(&client->poll);
	if (hurried && reply->mail_count == 0) {
		client->poll_from_ms = now_ms + CALM_MS;
	}
	for (size_t i = 0; i < reply->mail_count; i++) {
		if (reply->mail[i].seq > client->seen_mail) {
			client->seen_mail = reply->mail[i].seq;
			link_work_mail(client, &reply->mail[i], now_ms);
		}
	}
	return 0;
}

/* ---- completions ---- */

void link_session_acked(struct link_client *client)
{
	link_call_end(&client->up);
	link_items_free(&client->items, &client->in_flight);
}

static int up_reply(struct link_client *client, const struct wire_reply *reply,
		    struct err *reterr)
{
	if (reply->kind == WIRE_REFUSED && reply->code == E_BUSY) {
		return 0; /* it is sent again in its time */
	}
	if (reply->kind == WIRE_REFUSED) {
		refused(client, reply);
		return 0;
	}
	if (reply->kind != WIRE_ACK || reply->n != client->n) {
		return unexpected(reterr);
	}
	link_session_acked(client);
	return 0;
}

static void send_up(struct link_client *client, int64_t now_ms)
{
	struct wire_request request = {
		.kind = WIRE_UP,
		.n = ++client->n,
		.patient = !client->leaving,
	};
	struct link_item *item;
	size_t count = link_items_batch(&client->ready, &client->in_flight);

	request.items = alloc_zeroed(count, sizeof(*request.items));
	DL_FOREACH(client->in_flight, item)
	{
		request.items[request.item_count++] = item->item;
	}
	link_call_start(client, &client->up, &request, now_ms);
	free(request.items);
}

static int64_t accept_after_ms(const struct link_client *client)
{
	int64_t accept_ms = client->lease_ms / 10;

	if (accept_ms < LINK_ACCEPT_MIN_MS) {
		accept_ms = LINK_ACCEPT_MIN_MS;
	}
	return accept_ms / 2;
}

static void accept_turn(struct link_client *client, int64_t now_ms)
{
	const struct wire_key *key;
	int64_t since_ms;

	while ((key = link_seen_oldest(&client->seen, &since_ms)) != NULL &&
	       now_ms - since_ms >= accept_after_ms(client)) {
		struct wire_item item = { .kind = WIRE_ACCEPT, .key = *key };

		link_items_put(&client->items, &item);
		link_seen_accept(&client->seen, &item.key);
	}
}

/* ---- turns ---- */

static int64_t poll_again_ms(const struct link_client *client)
{
	if (client->seen.in_hand) {
		return client->lease_ms / 3;
	}
	/* It is the orchestrator that ends an idle one. */
	return client->poll_ms + LINK_RESEND_MS;
}

static int64_t poll_due_ms(const struct link_client *client)
{
	if (!client->poll.id) {
		return client->poll_from_ms;
	}
	return client->poll.sent_ms
		   ? client->poll.sent_ms + poll_again_ms(client)
		   : INT64_MAX;
}

static void poll_turn(struct link_client *client, int64_t now_ms)
{
	struct wire_request request = {
		.kind = WIRE_POLL,
		.seen = client->seen_mail,
	};

	if (now_ms >= poll_due_ms(client)) {
		link_call_start(client, &client->poll, &request, now_ms);
	}
}

static void live_turn(struct link_client *client, int64_t now_ms)
{
	const struct wire_hello *about = &client->about.hello;

	accept_turn(client, now_ms);
	link_items_report(&client->items, about->plugin_count
					      ? about->plugins[0].name
					      : SLICE(""));
	if (!client->up.id && client->ready) {
		send_up(client, now_ms);
	}
	poll_turn(client, now_ms);
	bye_turn(client, now_ms);
}

void link_session_turn(struct link_client *client, int64_t now_ms)
{
	bool due = now_ms >= client->session_due_ms;

	switch (client->session) {
	case LINK_NONE:
		if (due) {
			say_hello(client, now_ms);
		}
		break;
	case LINK_SYNCING:
		if (!client->talk.id && (client->synced || due)) {
			say_ready(client, SLICE(""), now_ms);
		}
		bye_turn(client, now_ms);
		break;
	case LINK_LIVE:
		live_turn(client, now_ms);
		break;
	case LINK_GREETING:
	case LINK_REFUSING:
	case LINK_LEAVING:
		break;
	}
}

static int64_t live_due_ms(const struct link_client *client)
{
	int64_t due = poll_due_ms(client);
	int64_t since_ms;

	if (link_seen_oldest(&client->seen, &since_ms)) {
		int64_t accept = since_ms + accept_after_ms(client);

		due = accept < due ? accept : due;
	}
	return due;
}

int64_t link_session_due_ms(const struct link_client *client)
{
	switch (client->session) {
	case LINK_NONE:
		return client->session_due_ms;
	case LINK_SYNCING:
		if (client->talk.id) {
			return INT64_MAX;
		}
		return client->synced ? 0 : client->session_due_ms;
	case LINK_LIVE:
		return live_due_ms(client);
	case LINK_GREETING:
	case LINK_REFUSING:
	case LINK_LEAVING:
		break;
	}
	return INT64_MAX;
}

static int dispatch(struct link_client *client, uint32_t id,
		    const struct wire_reply *reply, int64_t now_ms,
		    struct err *reterr)
{
	if (id == client->talk.id) {
		return talk_reply(client, reply, now_ms, reterr);
	}
	if (reply->kind == WIRE_UNKNOWN) {
		lose(client, now_ms);
		return 0;
	}
	if (id == client->poll.id) {
		return poll_reply(client, reply, now_ms, reterr);
	}
	return up_reply(client, reply, reterr);
}

int link_session_reply(struct link_client *client, struct slice frame,
		       int64_t now_ms, struct err *reterr)
{
	struct wire_reply reply;

	if (frame.len < 4) {
		return err_set(reterr, E_INVALID, "a reply without an id");
	}
	uint32_t id = read_u32(frame.ptr);
	struct slice body = { frame.ptr + 4, frame.len - 4 };

	/* An answer to what has been asked in another way since. */
	if (!id || (id != client->talk.id && id != client->poll.id &&
		    id != client->up.id)) {
		return 0;
	}
	int rc = wire_get_reply(body, &reply, reterr);

	if (rc == 0) {
		rc = dispatch(client, id, &reply, now_ms, reterr);
		wire_reply_fini(&reply);
	}
	return rc;
}
