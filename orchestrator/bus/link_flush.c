/*
 * Who gets what was delivered, and how: parallel tasks of one activity in one
 * publication, and what else of it is ready along with them; everything else
 * as mail.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "bus/link_private.h"

#include <utlist.h>

#define PARALLEL 1

/* What goes along with parallel tasks costs all instances a look at it: of few
 * bytes, and among few instances, that is less than mail does. */
#define ALONG_SIZE      2048 /* as link_delivery_work_size() has it */
#define ALONG_INSTANCES 32

/* What may be in one frame before a second one is begun. */
#define FRAME_FULL ((size_t)LIMIT_LINK_FRAME / 2)
#define FRAME_MOST ((size_t)LIMIT_LINK_FRAME - 4096)

/* One publication that is being gathered. */
struct gathered {
	struct wire_work *works;
	size_t work_count;
	struct wire_member *members; /* of all works, one after the other */
	size_t member_count;
	const struct link_shared *last;
	size_t size;
};

static void put_members(struct gathered *gathered)
{
	struct wire_member *members = gathered->members;

	for (size_t i = 0; i < gathered->work_count; i++) {
		gathered->works[i].members = members;
		members += gathered->works[i].member_count;
	}
}

static void publish(struct link *link, const char *activity,
		    struct gathered *gathered)
{
	struct buf topic = { 0 };
	struct buf frame = { 0 };

	size_t ack_count;
	struct wire_ack *acks = link_acks_take(link, activity, &ack_count);

	put_members(gathered);
	buf_printf(&topic, "work/%s/", activity);
	wire_put_publication(&frame, &(struct wire_publication){
					 .kind = WIRE_FANOUT,
					 .topic = buf_slice(&topic),
					 .work = gathered->works,
					 .work_count = gathered->work_count,
					 .acks = acks,
					 .ack_count = ack_count,
				     });
	free(acks);
	link_sockets_publish(link->sockets, LINK_WORK, buf_slice(&frame));
	buf_fini(&frame);
	buf_fini(&topic);
	gathered->work_count = 0;
	gathered->member_count = 0;
	gathered->last = NULL;
	gathered->size = 0;
}

static void gather(struct gathered *gathered,
		   const struct link_delivery *delivery)
{
	if (gathered->last != delivery->shared) {
		gathered->works[gathered->work_count++] =
		    link_delivery_work(delivery);
		gathered->last = delivery->shared;
		gathered->size += link_delivery_work_size(delivery);
	}
	gathered->works[gathered->work_count - 1].member_count++;
	gathered->members[gathered->member_count++] =
	    link_delivery_member(delivery);
	gathered->size += link_delivery_member_size(delivery);
}

static bool has_room(const struct gathered *gathered,
		     const struct link_delivery *delivery)
{
	size_t more = link_delivery_member_size(delivery);

	if (gathered->last != delivery->shared) {
		more += link_delivery_work_size(delivery);
	}
	return gathered->member_count == 0 ||
	       (gathered->size + more <= FRAME_FULL &&
		gathered->member_count < LIMIT_LINK_ITEMS);
}

static void mark_published(struct link *link, struct link_delivery *delivery)
{
	DL_DELETE(link->queue, delivery);
	link->queued--;
	delivery->state = DELIVERY_PUBLISHED;
	delivery->accept_due_ms = link->now_ms + link_grace_ms(link);
	DL_APPEND(link->published, delivery);
}

static void publish_all(struct link *link, struct link_delivery **deliveries,
			size_t len)
{
	const char *activity = deliveries[0]->shared->activity;
	struct gathered gathered = {
		.works = alloc_zeroed(len, sizeof(struct wire_work)),
		.members = alloc_zeroed(len, sizeof(struct wire_member)),
	};

	for (size_t i = 0; i < len; i++) {
		if (!has_room(&gathered, deliveries[i])) {
			publish(link, activity, &gathered);
		}
		gather(&gathered, deliveries[i]);
		mark_published(link, deliveries[i]);
	}
	publish(link, activity, &gathered);
	free(gathered.works);
	free(gathered.members);
}

/* ---- publication or mail ---- */

static bool goes_along(const struct link *link,
		       const struct link_delivery *delivery)
{
	return HASH_COUNT(link->sessions) <= ALONG_INSTANCES &&
	       link_delivery_work_size(delivery) <= ALONG_SIZE;
}

static bool can_be_published(const struct link *link,
			     const struct link_delivery *delivery)
{
	return (delivery->shared->phase == PARALLEL ||
		goes_along(link, delivery)) &&
	       link_session_subscribes(delivery->session,
				       delivery->shared->activity);
}

static int by_activity(const void *a, const void *b)
{
	const struct link_delivery *const *x = a;
	const struct link_delivery *const *y = b;
	int order = strcmp((*x)->shared->activity, (*y)->shared->activity);

	if (order == 0) {
		order = (*x)->order < (*y)->order ? -1 : 1;
	}
	return order;
}

/* Parallel tasks of more than one receiver. A publication that is made for
 * them takes along what else there is, which as mail would take a frame to and
 * one from each receiver. */
static bool is_for_many(struct link_delivery *const *deliveries, size_t len)
{
	const struct link_session *first = NULL;

	for (size_t i = 0; i < len; i++) {
		const struct link_session *session = deliveries[i]->session;

		if (deliveries[i]->shared->phase != PARALLEL) {
			continue;
		}
		if (first && session != first) {
			return true;
		}
		first = session;
	}
	return false;
}

static void send_group(struct link *link, struct link_delivery **deliveries,
		       size_t len)
{
	if (is_for_many(deliveries, len)) {
		publish_all(link, deliveries, len);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		link_mail_work(link, deliveries[i]);
	}
}

static void send_groups(struct link *link, struct link_delivery **deliveries,
			size_t len)
{
	size_t first = 0;

	qsort(deliveries, len, sizeof(struct link_delivery *), by_activity);
	for (size_t i = 1; i <= len; i++) {
		if (i == len || strcmp(deliveries[i]->shared->activity,
				       deliveries[first]->shared->activity)) {
			send_group(link, deliveries + first, i - first);
			first = i;
		}
	}
}

static bool is_too_big(const struct link_delivery *delivery)
{
	return link_delivery_work_size(delivery) +
		   link_delivery_member_size(delivery) >
	       FRAME_MOST;
}

static void set_aside(struct link *link, struct link_delivery *delivery)
{
	DL_DELETE(link->queue, delivery);
	link->queued--;
	delivery->state = DELIVERY_HELD;
	delivery->too_big = true;
	link->has_too_big = true;
}

static void send_mail(struct link *link)
{
	struct link_session *session;
	struct link_session *next;

	HASH_ITER(hh, link->sessions, session, next)
	{
		if (link_mail_waits(session)) {
			link_mail_send(link, session);
		}
	}
}

void link_flush(struct link *link)
{
	if (!link->queue) {
		return;
	}
	struct link_delivery **all =
	    alloc_zeroed(link->queued, sizeof(struct link_delivery *));
	struct link_delivery *delivery;
	struct link_delivery *next;
	size_t len = 0;

	DL_FOREACH_SAFE(link->queue, delivery, next)
	{
		if (is_too_big(delivery)) {
			set_aside(link, delivery);
		} else if (can_be_published(link, delivery)) {
			all[len++] = delivery;
		} else {
			link_mail_work(link, delivery);
		}
	}
	if (len) {
		send_groups(link, all, len);
	}
	free(all);
	link_delivery_forget(link);
	send_mail(link);
	if (link->has_too_big) {
		link->handlers.wake(link->handlers.arg);
	}
}
