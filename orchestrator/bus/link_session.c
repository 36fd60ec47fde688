#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "bus/link_private.h"
#include "bus/link_secret.h"

/* ---- the tables ---- */

struct link_session *link_session_find(struct link *link, struct slice id)
{
	struct link_session *session = NULL;

	if (id.len == WIRE_SECRET_SIZE - 1) {
		HASH_FIND(hh, link->sessions, id.ptr, id.len, session);
	}
	return session;
}

struct link_session *link_session_of(struct link *link, const char *instance)
{
	struct link_session *session;

	HASH_FIND(by_instance, link->by_instance, instance, strlen(instance),
		  session);
	return session;
}

struct link_session *link_session_of_nonce(struct link *link,
					   struct slice nonce)
{
	struct link_session *session;

	HASH_FIND(by_nonce, link->by_nonce, nonce.ptr, nonce.len, session);
	return session;
}

bool link_session_was_nonce(const struct link *link, struct slice nonce)
{
	size_t count = link->used_count < LINK_USED_NONCES ? link->used_count
							   : LINK_USED_NONCES;

	for (size_t i = 0; i < count; i++) {
		if (slice_is(nonce, link->used[i])) {
			return true;
		}
	}
	return false;
}

static void remember_nonce(struct link *link, const char *nonce)
{
	memcpy(link->used[link->used_count++ % LINK_USED_NONCES], nonce,
	       WIRE_SECRET_SIZE);
}

struct link_session *link_session_add(struct link *link, struct slice instance,
				      struct slice nonce)
{
	struct link_session *session = alloc_zeroed(1, sizeof(*session));

	session->instance = slice_dup(instance);
	memcpy(session->nonce, nonce.ptr, WIRE_SECRET_SIZE - 1);
	link_secret_make(session->id, WIRE_SECRET_SIZE - 1);
	session->unconnected_ms = link->now_ms;
	HASH_ADD(hh, link->sessions, id, WIRE_SECRET_SIZE - 1, session);
	HASH_ADD(by_nonce, link->by_nonce, nonce, WIRE_SECRET_SIZE - 1,
		 session);
	HASH_ADD_KEYPTR(by_instance, link->by_instance, session->instance,
			instance.len, session);
	link->stats.instances++;
	return session;
}

static void session_free(struct link_session *session)
{
	free(session->instance);
	buf_fini(&session->welcome);
	link_topics_free(&session->topics, &session->topic_count);
	free(session);
}

void link_session_free_gone(struct link *link)
{
	while (link->gone) {
		struct link_session *session = link->gone;

		link->gone = session->next;
		session_free(session);
	}
}

static void drop_route(struct link *link, struct link_route *route)
{
	link_sockets_drop(link->sockets, route);
	route->pipe = 0;
}

void link_session_remove(struct link *link, struct link_session *session)
{
	if (session->state == SESSION_GONE) {
		return;
	}
	while (session->deliveries) {
		link_delivery_free(link, session->deliveries);
	}
	link_mail_free_all(session);
	drop_route(link, &session->poll);
	drop_route(link, &session->up);
	HASH_DELETE(hh, link->sessions, session);
	HASH_DELETE(by_nonce, link->by_nonce, session);
	HASH_DELETE(by_instance, link->by_instance, session);
	remember_nonce(link, session->nonce);
	session->state = SESSION_GONE;
	link->stats.instances--;
	session->next = link->gone;
	link->gone = session;
	if (!link->turning) {
		link_session_free_gone(link);
	}
}

void link_session_lose(struct link *link, struct link_session *session,
		       bool orderly, const char *format, ...)
{
	char message[200];
	char *instance = alloc_string(session->instance);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	link_session_remove(link, session);
	link->handlers.gone(link->handlers.arg, instance, orderly, message);
	free(instance);
}

void link_drop(struct link *link, const char *instance)
{
	struct link_session *session = link_session_of(link, instance);

	if (session) {
		link_session_remove(link, session);
	}
}

/* ---- connections ---- */

void link_session_heard(struct link *link, struct link_session *session,
			const struct link_route *route)
{
	session->heard_ms = link->now_ms;
	if (link_sockets_is_open(link->sockets, route->pipe)) {
		session->pipe = route->pipe;
	} else if (session->pipe == 0 || session->pipe == route->pipe) {
		session->pipe = 0;
		session->unconnected_ms = link->now_ms;
	}
}

struct link_session *link_session_of_pipe(struct link *link, uint32_t pipe)
{
	for (struct link_session *session = link->sessions; session;
	     session = session->hh.next) {
		if (pipe && session->pipe == pipe) {
			return session;
		}
	}
	return NULL;
}

void link_session_pipe_gone(struct link *link, uint32_t pipe)
{
	struct link_session *session;
	struct link_session *next;

	HASH_ITER(hh, link->sessions, session, next)
	{
		if (session->pipe == pipe) {
			session->pipe = 0;
			session->unconnected_ms = link->now_ms;
		}
		if (session->poll.pipe == pipe) {
			drop_route(link, &session->poll);
		}
		if (session->up.pipe == pipe) {
			drop_route(link, &session->up);
		}
	}
}

/* ---- time ---- */

/* Between hello and ready, at least. */
#define READY_MS 60000

static int64_t poll_due_ms(const struct link *link,
			   const struct link_session *session)
{
	/* While it has tasks it has to be heard of, so it is made to ask. */
	return session->deliveries
		   ? session->heard_ms + link->lease_ms / 3
		   : session->poll_since_ms + link_poll_ms(link);
}

/* One that has said hello and never gets ready takes a place for nothing. */
static int64_t ready_due_ms(const struct link *link,
			    const struct link_session *session)
{
	return session->heard_ms +
	       (link->lease_ms > READY_MS ? link->lease_ms : READY_MS);
}

static int64_t earlier(int64_t due_ms, int64_t other_ms)
{
	return due_ms == 0 || other_ms < due_ms ? other_ms : due_ms;
}

int64_t link_sessions_due_ms(const struct link *link)
{
	struct link_session *session;
	struct link_session *next;
	int64_t due_ms = 0;

	HASH_ITER(hh, link->sessions, session, next)
	{
		if (!session->pipe) {
			due_ms = earlier(due_ms, session->unconnected_ms +
						     link_grace_ms(link));
		}
		if (session->state == SESSION_GREETED) {
			due_ms = earlier(due_ms, ready_due_ms(link, session));
		}
		if (session->deliveries) {
			due_ms =
			    earlier(due_ms, session->heard_ms + link->lease_ms);
		}
		if (session->poll.pipe) {
			due_ms = earlier(due_ms, poll_due_ms(link, session));
		}
	}
	return due_ms;
}

void link_sessions_make_up(struct link *link, int64_t gap_ms)
{
	struct link_session *session;
	struct link_session *next;

	HASH_ITER(hh, link->sessions, session, next)
	{
		session->heard_ms += gap_ms;
		session->unconnected_ms += session->pipe ? 0 : gap_ms;
	}
}

/* Was it lost? */
static bool check(struct link *link, struct link_session *session)
{
	if (session->state == SESSION_GREETED &&
	    link->now_ms >= ready_due_ms(link, session)) {
		link_session_lose(link, session, true, "did not get ready");
		return true;
	}
	if (!session->pipe &&
	    link->now_ms >= session->unconnected_ms + link_grace_ms(link)) {
		link->stats.lost++;
		link_session_lose(link, session, false, "connection lost");
		return true;
	}
	if (session->deliveries &&
	    link->now_ms >= session->heard_ms + link->lease_ms) {
		link->stats.lost++;
		link_session_lose(link, session, false,
				  "not heard of for %lld ms",
				  (long long)link->lease_ms);
		return true;
	}
	if (session->poll.pipe && link->now_ms >= poll_due_ms(link, session)) {
		link_mail_send(link, session);
	}
	return false;
}

void link_sessions_check_all(struct link *link)
{
	struct link_session *session;
	struct link_session *next;
	bool lost;

	/* From the start after each loss: its handler may drop others. */
	do {
		lost = false;
		HASH_ITER(hh, link->sessions, session, next)
		{
			lost = check(link, session);
			if (lost) {
				break;
			}
		}
	} while (lost);
}
