/*
 * What is given to this process: by publications and by mail.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "bus/link_client_inside.h"

void link_topics_drop(struct link_client *client)
{
	for (size_t i = 0; i < client->topic_count; i++) {
		slice_disown(&client->topics[i]);
	}
	free(client->topics);
	client->topics = NULL;
	client->topic_count = 0;
}

void link_topics_take(struct link_client *client, const struct slice *topics,
		      size_t count)
{
	link_topics_drop(client);
	client->topics = alloc_zeroed(count, sizeof(*client->topics));
	client->topic_count = count;
	for (size_t i = 0; i < count; i++) {
		slice_own(&client->topics[i], topics[i]);
	}
}

static void take_double(struct link_client *client, const struct wire_key *key,
			enum link_seen_state is, enum link_seen_state comes,
			int64_t now_ms)
{
	if (is == LINK_HELD && comes == LINK_ACCEPTED) {
		link_seen_accept(&client->seen, key);
	}
	/* It was given again because it is not known to be finished. */
	if (is == LINK_FINISHED && client->up.id &&
	    now_ms - client->up.sent_ms >= LINK_SYNC_MS) {
		client->up.due_ms = now_ms;
	}
}

static void take_work(struct link_client *client, const struct wire_work *work,
		      enum link_seen_state comes, int64_t now_ms)
{
	for (size_t i = 0; i < work->member_count; i++) {
		const struct wire_member *member = &work->members[i];
		struct wire_key key = {
			.run = work->run,
			.task = member->task,
			.attempt = member->attempt,
			.wakes = member->wakes,
		};
		enum link_seen_state is;

		if (!slice_equal(member->instance, client->instance)) {
			continue;
		}
		if (link_seen_add(&client->seen, &key, comes, now_ms, &is)) {
			client->handlers.work(client->handlers.arg, work,
					      member);
		} else {
			take_double(client, &key, is, comes, now_ms);
		}
	}
}

static bool wants_topic(const struct link_client *client, struct slice topic)
{
	if (slice_is(topic, client->own_topic)) {
		return true;
	}
	for (size_t i = 0; i < client->topic_count; i++) {
		if (slice_starts_with(topic, client->topics[i])) {
			return true;
		}
	}
	return false;
}

static bool takes_work(const struct link_client *client)
{
	return client->session == LINK_SYNCING || client->session == LINK_LIVE;
}

static void take_acks(struct link_client *client,
		      const struct wire_publication *publication)
{
	for (size_t i = 0; i < publication->ack_count; i++) {
		const struct wire_ack *ack = &publication->acks[i];

		if (client->session == LINK_LIVE && client->up.id &&
		    ack->n == client->n &&
		    slice_is(ack->nonce, client->nonce)) {
			link_session_acked(client);
		}
	}
}

void link_work_publication(struct link_client *client, struct slice frame,
			   int64_t now_ms)
{
	const char *end = frame.len ? memchr(frame.ptr, 0, frame.len) : NULL;
	struct wire_publication publication;

	if (!end ||
	    !wants_topic(client, (struct slice){ frame.ptr,
						 (size_t)(end - frame.ptr) }) ||
	    wire_get_own(frame, client->instance, slice_of(client->nonce),
			 &publication, NULL) < 0) {
		return;
	}
	if (publication.kind == WIRE_SYNC) {
		client->synced |=
		    slice_is(publication.topic, client->own_topic);
	}
	for (size_t i = 0; i < publication.work_count && takes_work(client);
	     i++) {
		take_work(client, &publication.work[i], LINK_HELD, now_ms);
	}
	take_acks(client, &publication);
	wire_publication_fini(&publication);
}

void link_work_mail(struct link_client *client, const struct wire_mail *mail,
		    int64_t now_ms)
{
	struct link_client_handlers *handlers = &client->handlers;

	switch (mail->kind) {
	case WIRE_WORK:
		take_work(client, &mail->work, LINK_ACCEPTED, now_ms);
		break;
	case WIRE_CANCEL:
		handlers->cancel(handlers->arg, &mail->key, mail->timed_out);
		break;
	case WIRE_STOP:
		handlers->stop(handlers->arg);
		break;
	case WIRE_TOPICS:
		link_topics_take(client, mail->topics, mail->topic_count);
		break;
	}
}
