#include <stdlib.h>

#include "base/alloc.h"
#include "bus/link_private.h"

#include <utlist.h>

/* Keys, heads and numbers of one map, more or less generously. */
#define OVERHEAD 512

/* ---- what tasks of a phase share ---- */

static void shared_unref(struct link_shared *shared)
{
	if (!shared || --shared->references) {
		return;
	}
	free(shared->uid);
	free(shared->tenant);
	free(shared->workflow);
	free(shared->activity);
	blob_unref(shared->attributes);
	blob_unref(shared->input);
	blob_unref(shared->stash);
	blob_unref(shared->outputs);
	free(shared);
}

static bool shared_is(const struct link_shared *shared,
		      const struct link_task *task)
{
	return shared && id_equal(&shared->run, &task->key.run) &&
	       shared->phase == task->phase &&
	       slice_is(task->activity, shared->activity) &&
	       shared->attributes == task->attributes &&
	       shared->input == task->input && shared->stash == task->stash &&
	       shared->outputs == task->outputs;
}

static struct link_shared *shared_make(const struct link_task *task)
{
	struct link_shared *shared = alloc_zeroed(1, sizeof(*shared));

	*shared = (struct link_shared){
		.references = 1,
		.run = task->key.run,
		.phase = task->phase,
		.uid = slice_dup(task->uid),
		.tenant = slice_dup(task->tenant),
		.workflow = slice_dup(task->workflow),
		.activity = slice_dup(task->activity),
		.attributes = blob_ref(task->attributes),
		.input = blob_ref(task->input),
		.stash = blob_ref(task->stash),
		.outputs = blob_ref(task->outputs),
	};
	return shared;
}

static struct link_shared *shared_of(struct link *link,
				     const struct link_task *task)
{
	if (!shared_is(link->last_shared, task)) {
		shared_unref(link->last_shared);
		link->last_shared = shared_make(task);
	}
	link->last_shared->references++;
	return link->last_shared;
}

/* ---- deliveries ---- */

/* Keys are hashed by their bytes. */
_Static_assert(sizeof(struct wire_key) == ID_SIZE + 12, "no padding");

struct link_delivery *link_delivery_find(const struct link_session *session,
					 const struct wire_key *key)
{
	struct link_delivery *delivery;

	HASH_FIND(hh, session->deliveries, key, sizeof(*key), delivery);
	return delivery;
}

static void unlist(struct link *link, struct link_delivery *delivery)
{
	if (delivery->state == DELIVERY_QUEUED) {
		DL_DELETE(link->queue, delivery);
		link->queued--;
	} else if (delivery->state == DELIVERY_PUBLISHED) {
		DL_DELETE(link->published, delivery);
	}
}

void link_delivery_free(struct link *link, struct link_delivery *delivery)
{
	struct link_session *session = delivery->session;

	unlist(link, delivery);
	link_mail_forget(session, delivery);
	HASH_DEL(session->deliveries, delivery);
	shared_unref(delivery->shared);
	blob_unref(delivery->with);
	free(delivery->plugin);
	free(delivery->name);
	free(delivery);
}

void link_delivery_hold(struct link *link, struct link_delivery *delivery)
{
	if (delivery->state == DELIVERY_QUEUED || delivery->too_big) {
		return;
	}
	unlist(link, delivery);
	link_mail_forget(delivery->session, delivery);
	delivery->state = DELIVERY_HELD;
	shared_unref(delivery->shared);
	delivery->shared = NULL;
	blob_unref(delivery->with);
	delivery->with = NULL;
}

void link_deliver(struct link *link, const struct link_task *task)
{
	char *instance = slice_dup(task->instance);
	struct link_session *session = link_session_of(link, instance);

	free(instance);
	if (!session || link_delivery_find(session, &task->key)) {
		return;
	}
	struct link_delivery *delivery = alloc_zeroed(1, sizeof(*delivery));

	*delivery = (struct link_delivery){
		.key = task->key,
		.state = DELIVERY_QUEUED,
		.session = session,
		.shared = shared_of(link, task),
		.plugin = slice_dup(task->plugin),
		.name = slice_dup(task->name),
		.with = blob_ref(task->with),
		.deadline_us = task->deadline_us,
		.order = link->queued,
	};
	/* Its lease runs from here. */
	if (!session->deliveries && session->heard_ms < link->now_ms) {
		session->heard_ms = link->now_ms;
	}
	HASH_ADD(hh, session->deliveries, key, sizeof(delivery->key), delivery);
	DL_APPEND(link->queue, delivery);
	link->queued++;
}

/* ---- on the wire ---- */

struct wire_work link_delivery_work(const struct link_delivery *delivery)
{
	const struct link_shared *shared = delivery->shared;

	return (struct wire_work){
		.run = shared->run,
		.uid = slice_of(shared->uid),
		.tenant = slice_of(shared->tenant),
		.workflow = slice_of(shared->workflow),
		.activity = slice_of(shared->activity),
		.phase = shared->phase,
		.attributes = blob_slice(shared->attributes),
		.input = blob_slice(shared->input),
		.stash = blob_slice(shared->stash),
		.outputs = blob_slice(shared->outputs),
	};
}

struct wire_member link_delivery_member(const struct link_delivery *delivery)
{
	return (struct wire_member){
		.instance = slice_of(delivery->session->instance),
		.plugin = slice_of(delivery->plugin),
		.name = slice_of(delivery->name),
		.task = delivery->key.task,
		.attempt = delivery->key.attempt,
		.wakes = delivery->key.wakes,
		.with = blob_slice(delivery->with),
		.deadline_us = delivery->deadline_us,
	};
}

size_t link_delivery_work_size(const struct link_delivery *delivery)
{
	struct wire_work work = link_delivery_work(delivery);

	return OVERHEAD + work.uid.len + work.tenant.len + work.workflow.len +
	       work.activity.len + work.attributes.len + work.input.len +
	       work.stash.len + work.outputs.len;
}

size_t link_delivery_member_size(const struct link_delivery *delivery)
{
	struct wire_member member = link_delivery_member(delivery);

	return OVERHEAD + member.instance.len + member.plugin.len +
	       member.name.len + member.with.len;
}

/* ---- what is due ---- */

static struct link_delivery *find_too_big(const struct link *link)
{
	struct link_session *session;
	struct link_session *next;
	struct link_delivery *delivery;
	struct link_delivery *after;

	HASH_ITER(hh, link->sessions, session, next)
	{
		HASH_ITER(hh, session->deliveries, delivery, after)
		{
			if (delivery->too_big) {
				return delivery;
			}
		}
	}
	return NULL;
}

static void fail_too_big(struct link *link, struct link_delivery *delivery)
{
	struct link_done done = {
		.key = delivery->key,
		.outcome = LINK_FAILED,
		.message = SLICE("its documents together are bigger than a "
				 "frame to a process may be"),
	};
	char *instance = alloc_string(delivery->session->instance);

	link_delivery_free(link, delivery);
	link->handlers.completed(link->handlers.arg, instance, &done);
	free(instance);
}

void link_delivery_check_all(struct link *link)
{
	while (link->published &&
	       link->published->accept_due_ms <= link->now_ms) {
		struct link_delivery *delivery = link->published;
		struct link_session *session = delivery->session;

		link->stats.redelivered++;
		link_mail_work(link, delivery);
		link_mail_send(link, session);
	}
	if (!link->has_too_big) {
		return;
	}
	link->has_too_big = false;
	struct link_delivery *delivery;

	while ((delivery = find_too_big(link)) != NULL) {
		fail_too_big(link, delivery);
	}
}

void link_delivery_forget(struct link *link)
{
	shared_unref(link->last_shared);
	link->last_shared = NULL;
}
