/*
 * Acknowledgements of what the plugins have completed: once it is on disk, by
 * a reply, or, to who says that this will do, by the next publication.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "bus/link_private.h"

void link_committing(struct link *link)
{
	struct link_session *session;
	struct link_session *next;

	if (!link->has_pending) {
		return;
	}
	link->has_pending = false;
	link->has_committing = true;
	HASH_ITER(hh, link->sessions, session, next)
	{
		if (session->pending) {
			session->committing = session->pending;
			session->pending = 0;
		}
	}
}

/* Of a peer that asks on before it was answered the last request is the one
 * that waits. */
static void settle(struct link *link, struct link_session *session)
{
	session->acked = session->committing;
	session->committing = 0;
	if (!session->pending) {
		session->owed = true;
		session->owed_since_ms = link->now_ms;
		link->has_owed = true;
	}
}

void link_settle(struct link *link)
{
	struct link_session *session;
	struct link_session *next;

	if (!link->has_committing) {
		return;
	}
	link->has_committing = false;
	HASH_ITER(hh, link->sessions, session, next)
	{
		if (session->committing) {
			settle(link, session);
		}
	}
}

/* ---- by a reply ---- */

static void pay(struct link *link, struct link_session *session)
{
	struct buf body = { 0 };

	wire_put_reply(&body, &(struct wire_reply){ .kind = WIRE_ACK,
						    .n = session->acked });
	link_sockets_reply(link->sockets, &session->up, buf_slice(&body));
	buf_fini(&body);
	session->up.pipe = 0;
	session->owed = false;
}

/* Who has more in hand may have more to report, one after the other. */
static bool can_wait(const struct link *link,
		     const struct link_session *session)
{
	return session->patient && !session->deliveries &&
	       link->now_ms < session->owed_since_ms + LINK_OWED_MS;
}

void link_acks_check_all(struct link *link)
{
	struct link_session *session;
	struct link_session *next;

	if (!link->has_owed) {
		return;
	}
	link->has_owed = false;
	HASH_ITER(hh, link->sessions, session, next)
	{
		if (session->owed && !can_wait(link, session)) {
			pay(link, session);
		}
		link->has_owed |= session->owed;
	}
}

void link_committed(struct link *link)
{
	link_settle(link);
	link_acks_check_all(link);
}

int64_t link_acks_due_ms(const struct link *link)
{
	struct link_session *session;
	struct link_session *next;
	int64_t due_ms = 0;

	if (!link->has_owed) {
		return 0;
	}
	HASH_ITER(hh, link->sessions, session, next)
	{
		int64_t own_ms = session->owed_since_ms + LINK_OWED_MS;

		if (session->owed && (due_ms == 0 || own_ms < due_ms)) {
			due_ms = own_ms;
		}
	}
	return due_ms;
}

/* ---- by a publication ---- */

struct wire_ack *link_acks_take(struct link *link, const char *activity,
				size_t *ret_count)
{
	struct link_session *session;
	struct link_session *next;
	struct wire_ack *acks = NULL;

	*ret_count = 0;
	if (!link->has_owed) {
		return NULL;
	}
	acks = alloc_zeroed(HASH_COUNT(link->sessions), sizeof(*acks));
	HASH_ITER(hh, link->sessions, session, next)
	{
		if (session->owed && session->patient &&
		    *ret_count < LIMIT_LINK_ITEMS &&
		    link_session_subscribes(session, activity)) {
			acks[(*ret_count)++] = (struct wire_ack){
				.nonce = slice_of(session->nonce),
				.n = session->acked,
			};
			link_sockets_drop(link->sockets, &session->up);
			session->up.pipe = 0;
			session->owed = false;
		}
	}
	return acks;
}
