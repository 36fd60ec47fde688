/*
 * What peers ask. A request may come twice, late, or from a session that is
 * long gone; each is answered so that asking again does no harm.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "bus/link_private.h"
#include "bus/link_secret.h"

/* ---- replies ---- */

static void reply(struct link *link, const struct link_route *route,
		  const struct wire_reply *what)
{
	struct buf body = { 0 };

	wire_put_reply(&body, what);
	link_sockets_reply(link->sockets, route, buf_slice(&body));
	buf_fini(&body);
}

static void reply_kind(struct link *link, const struct link_route *route,
		       enum wire_reply_kind kind)
{
	reply(link, route, &(struct wire_reply){ .kind = kind });
}

static void refuse(struct link *link, const struct link_route *route,
		   const struct err *err)
{
	reply(link, route,
	      &(struct wire_reply){
		  .kind = WIRE_REFUSED,
		  .code = err->code,
		  .error = slice_of(err->msg),
	      });
}

static void acknowledge(struct link *link, const struct link_route *route,
			uint64_t n)
{
	reply(link, route, &(struct wire_reply){ .kind = WIRE_ACK, .n = n });
}

void link_publish_sync(struct link *link, const struct link_session *session)
{
	struct buf topic = { 0 };
	struct buf frame = { 0 };

	buf_printf(&topic, "instance/%s/", session->nonce);
	wire_put_publication(
	    &frame, &(struct wire_publication){ .kind = WIRE_SYNC,
						.topic = buf_slice(&topic) });
	link_sockets_publish(link->sockets, LINK_WORK, buf_slice(&frame));
	buf_fini(&frame);
	buf_fini(&topic);
}

/* ---- hello ---- */

static void subscribe(struct link_session *session,
		      const struct value *activities)
{
	size_t len = value_len(activities);
	struct slice *names = alloc_zeroed(len + 1, sizeof(*names));
	size_t count = 0;

	for (size_t i = 0; i < len; i++) {
		const struct value *name = value_at(activities, i);

		if (name->type == VALUE_STRING) {
			names[count++] = name->as.text;
		}
	}
	link_topics_set(&session->topics, &session->topic_count, names, count);
	free(names);
}

static void put_welcome(struct link *link, struct link_session *session,
			const struct value *config)
{
	char **prefixes;
	size_t count;

	link_topics_prefixes(session, &prefixes, &count);
	struct slice *topics = alloc_zeroed(count, sizeof(*topics));

	for (size_t i = 0; i < count; i++) {
		topics[i] = slice_of(prefixes[i]);
	}
	wire_put_reply(&session->welcome,
		       &(struct wire_reply){
			   .kind = WIRE_WELCOME,
			   .welcome = { .instance = slice_of(session->instance),
					.session = slice_of(session->id),
					.lease_ms = link->lease_ms,
					.poll_ms = link_poll_ms(link),
					.topics = topics,
					.topic_count = count,
					.config = *config },
		       });
	free(topics);
	link_topics_free(&prefixes, &count);
}

static int check_hello(struct link *link, const struct wire_hello *hello,
		       struct err *reterr)
{
	if (!link_secret_equal(hello->token, slice_of(link->token))) {
		return err_set(reterr, E_DENIED,
			       "the token is not the orchestrator's: read its "
			       "bus.json again, it changes at each start");
	}
	if (link->stats.instances >= LIMIT_LINK_INSTANCES) {
		return err_set(reterr, E_FULL,
			       "there are %d instances already, which is the "
			       "limit",
			       LIMIT_LINK_INSTANCES);
	}
	return 0;
}

/* The process of a name that says hello anew has lost what it had. */
static void replace(struct link *link, const struct wire_hello *hello)
{
	char *name = slice_dup(hello->name);
	struct link_session *old = link_session_of(link, name);

	free(name);
	if (old) {
		link_session_lose(link, old, false, "it said hello again");
	}
}

/* What the daemon says of a newcomer. */
struct introduction {
	struct buf name;
	struct value activities;
	struct value config;
};

static int admit(struct link *link, const struct wire_hello *hello,
		 const struct introduction *introduction,
		 struct link_session **ret_session, struct err *reterr)
{
	struct slice name = buf_slice(&introduction->name);

	while (name.len && name.ptr[name.len - 1] == '\0') {
		name.len--;
	}
	char *text = slice_dup(name);
	bool taken = name.len == 0 || link_session_of(link, text) != NULL;

	free(text);
	if (taken) {
		return err_set(reterr, E_CONFLICT,
			       "there is an instance '%.*s' already",
			       SLICE_ARG(name));
	}
	*ret_session = link_session_add(link, name, hello->nonce);
	subscribe(*ret_session, &introduction->activities);
	put_welcome(link, *ret_session, &introduction->config);
	return 0;
}

static int greet(struct link *link, const struct wire_hello *hello,
		 struct link_session **ret_session, struct err *reterr)
{
	struct introduction introduction = { .activities = value_array() };
	int rc = check_hello(link, hello, reterr);

	if (rc == 0) {
		replace(link, hello);
		rc = link->handlers.hello(
		    link->handlers.arg, hello, &introduction.name,
		    &introduction.activities, &introduction.config, reterr);
	}
	if (rc == 0) {
		rc = admit(link, hello, &introduction, ret_session, reterr);
	}
	buf_fini(&introduction.name);
	value_clear(&introduction.activities);
	value_clear(&introduction.config);
	return rc;
}

static void take_hello(struct link *link, const struct link_route *route,
		       const struct wire_hello *hello)
{
	struct link_session *session =
	    link_session_of_nonce(link, hello->nonce);
	struct err err = { 0 };

	if (!session && link_session_was_nonce(link, hello->nonce)) {
		reply_kind(link, route, WIRE_UNKNOWN);
		return;
	}
	/* Who knows the nonce only does not get the welcome with it. */
	if (session &&
	    !link_secret_equal(hello->token, slice_of(link->token))) {
		session = NULL;
	}
	if (!session && greet(link, hello, &session, &err) < 0) {
		link->stats.refused++;
		link_complain(link, "a hello was refused: %s", err.msg);
		refuse(link, route, &err);
		return;
	}
	link_session_heard(link, session, route);
	link_publish_sync(link, session);
	link_sockets_reply(link->sockets, route, buf_slice(&session->welcome));
}

/* ---- ready, poll, bye ---- */

static void take_ready(struct link *link, const struct link_route *route,
		       struct link_session *session,
		       const struct wire_request *request)
{
	char *instance = alloc_string(session->instance);

	reply_kind(link, route, WIRE_OK);
	if (request->error.len) {
		link_session_remove(link, session);
		link->handlers.ready(link->handlers.arg, instance,
				     request->error);
	} else if (!request->synced) {
		link_publish_sync(link, session);
	} else if (session->state == SESSION_GREETED) {
		session->state = SESSION_LIVE;
		link->handlers.ready(link->handlers.arg, instance,
				     (struct slice){ NULL, 0 });
	}
	free(instance);
}

static void take_poll(struct link *link, const struct link_route *route,
		      struct link_session *session, uint64_t seen)
{
	link_mail_seen(link, session, seen);
	if (session->poll.pipe) {
		reply(link, &session->poll,
		      &(struct wire_reply){ .kind = WIRE_MAIL });
	}
	session->poll = *route;
	session->poll_since_ms = link->now_ms;
	if (session->mail) {
		link_mail_send(link, session);
	}
}

static void take_bye(struct link *link, const struct link_route *route,
		     struct link_session *session)
{
	reply_kind(link, route, WIRE_OK);
	link_session_lose(link, session, true, "it said bye");
}

/* ---- up ---- */

static void take_done(struct link *link, struct link_session *session,
		      const struct wire_item *item)
{
	struct link_done done = {
		.key = item->key,
		.outcome = item->outcome,
		.message = item->message,
		.output = item->output,
		.patch = item->patch,
		.until_us = item->until_us,
		.late = item->late,
		.fault = item->fault,
	};

	link->handlers.completed(link->handlers.arg, session->instance, &done);
}

/* Does the daemon have something to commit because of it? */
static bool take_task_item(struct link *link, struct link_session *session,
			   const struct wire_item *item)
{
	struct link_delivery *delivery =
	    link_delivery_find(session, &item->key);

	if (!delivery) {
		/* Repeated, late, or never given to it. */
		link->stats.ignored += item->kind == WIRE_DONE ? 1 : 0;
		return false;
	}
	switch (item->kind) {
	case WIRE_DONE:
		link_delivery_free(link, delivery);
		take_done(link, session, item);
		return true;
	case WIRE_RETURN:
		link_delivery_free(link, delivery);
		link->handlers.returned(link->handlers.arg, session->instance,
					&item->key);
		return true;
	case WIRE_PROGRESS:
		link_delivery_hold(link, delivery);
		link->handlers.progressed(link->handlers.arg, session->instance,
					  &item->key, item->fraction,
					  item->note);
		return false;
	default: /* accept */
		link_delivery_hold(link, delivery);
		return false;
	}
}

static void take_items(struct link *link, struct link_session *session,
		       const struct wire_request *request)
{
	bool commits = false;

	for (size_t i = 0; i < request->item_count; i++) {
		const struct wire_item *item = &request->items[i];

		if (session->state == SESSION_GONE) {
			return;
		}
		if (item->kind == WIRE_LOG) {
			link->handlers.logged(link->handlers.arg,
					      session->instance, item);
		} else if (take_task_item(link, session, item)) {
			commits = true;
		}
	}
	if (commits || session->pending || session->committing) {
		session->pending = request->n;
		link->has_pending = true;
	} else {
		session->acked = request->n;
	}
}

static void take_up(struct link *link, const struct link_route *route,
		    struct link_session *session,
		    const struct wire_request *request)
{
	if (request->n > session->acked && request->n > session->pending &&
	    request->n > session->committing) {
		take_items(link, session, request);
	}
	if (session->state == SESSION_GONE) {
		reply_kind(link, route, WIRE_UNKNOWN);
	} else if (request->n <= session->acked) {
		acknowledge(link, route, request->n);
	} else {
		link_sockets_drop(link->sockets, &session->up);
		session->up = *route;
		session->patient = request->patient;
		session->owed = false;
	}
}

/* ---- all ---- */

static void take_request(struct link *link, const struct link_route *route,
			 const struct wire_request *request)
{
	if (request->kind == WIRE_HELLO) {
		take_hello(link, route, &request->hello);
		return;
	}
	struct link_session *session =
	    link_session_find(link, request->session);

	if (!session) {
		reply_kind(link, route, WIRE_UNKNOWN);
		return;
	}
	link_session_heard(link, session, route);
	switch (request->kind) {
	case WIRE_READY:
		take_ready(link, route, session, request);
		break;
	case WIRE_POLL:
		take_poll(link, route, session, request->seen);
		break;
	case WIRE_UP:
		take_up(link, route, session, request);
		break;
	default:
		take_bye(link, route, session);
		break;
	}
}

static void take_malformed(struct link *link, const struct link_frame *frame)
{
	if (frame->err.code == E_VERSION) {
		link->stats.refused++;
	} else {
		link->stats.malformed++;
	}
	link_malformed_complain(link, frame);
	if (frame->answerable) {
		refuse(link, &frame->route, &frame->err);
	} else {
		link_sockets_drop(link->sockets, &frame->route);
	}
}

void link_frame_take(struct link *link, struct link_frame *frame)
{
	switch (frame->kind) {
	case LINK_REQUEST:
		take_request(link, &frame->route, &frame->request);
		break;
	case LINK_MALFORMED:
		take_malformed(link, frame);
		break;
	case LINK_PIPE_GONE:
		link_session_pipe_gone(link, frame->route.pipe);
		break;
	}
}
