#include <stdlib.h>

#include "base/alloc.h"
#include "bus/link_private.h"

#include <utlist.h>

/* A reply is closed when it has come to this. */
#define MAIL_FULL ((size_t)LIMIT_LINK_FRAME / 2)

static void mail_free(struct link_session *session, struct link_mail *mail)
{
	DL_DELETE(session->mail, mail);
	link_topics_free(&mail->topics, &mail->topic_count);
	free(mail);
}

void link_mail_free_all(struct link_session *session)
{
	while (session->mail) {
		mail_free(session, session->mail);
	}
}

static struct link_mail *mail_add(struct link_session *session,
				  enum wire_mail_kind kind)
{
	struct link_mail *mail = alloc_zeroed(1, sizeof(*mail));

	mail->kind = kind;
	mail->seq = ++session->last_seq;
	DL_APPEND(session->mail, mail);
	return mail;
}

void link_mail_work(struct link *link, struct link_delivery *delivery)
{
	struct link_mail *mail = mail_add(delivery->session, WIRE_WORK);

	if (delivery->state == DELIVERY_QUEUED) {
		DL_DELETE(link->queue, delivery);
		link->queued--;
	} else {
		DL_DELETE(link->published, delivery);
	}
	delivery->state = DELIVERY_MAILED;
	mail->key = delivery->key;
}

static bool is_about(const struct link_mail *mail,
		     const struct link_delivery *delivery)
{
	return mail->kind == WIRE_WORK &&
	       mail->key.task == delivery->key.task &&
	       mail->key.attempt == delivery->key.attempt &&
	       mail->key.wakes == delivery->key.wakes &&
	       id_equal(&mail->key.run, &delivery->key.run);
}

void link_mail_forget(struct link_session *session,
		      const struct link_delivery *delivery)
{
	struct link_mail *mail;
	struct link_mail *next;

	if (delivery->state != DELIVERY_MAILED) {
		return;
	}
	DL_FOREACH_SAFE(session->mail, mail, next)
	{
		if (is_about(mail, delivery)) {
			mail_free(session, mail);
			return;
		}
	}
}

void link_mail_seen(struct link *link, struct link_session *session,
		    uint64_t seen)
{
	while (session->mail && session->mail->seq <= seen) {
		struct link_mail *mail = session->mail;
		struct link_delivery *delivery =
		    mail->kind == WIRE_WORK
			? link_delivery_find(session, &mail->key)
			: NULL;

		if (mail->seq == session->topics_seq) {
			session->topics_seq = 0;
		}
		if (delivery && delivery->state == DELIVERY_MAILED) {
			link_delivery_hold(link, delivery); /* and its mail */
		} else {
			mail_free(session, mail);
		}
	}
}

bool link_mail_waits(const struct link_session *session)
{
	return session->mail != NULL && session->poll.pipe != 0;
}

/* ---- the reply ---- */

static void put_topics(struct buf *out, struct wire_mail *wire,
		       const struct link_mail *mail)
{
	struct slice *topics =
	    alloc_zeroed(mail->topic_count + 1, sizeof(*topics));

	for (size_t i = 0; i < mail->topic_count; i++) {
		topics[i] = slice_of(mail->topics[i]);
	}
	wire->topics = topics;
	wire->topic_count = mail->topic_count;
	wire_put_mail(out, wire);
	free(topics);
}

static void put_mail(struct buf *out, const struct link_session *session,
		     const struct link_mail *mail)
{
	struct wire_mail wire = {
		.seq = mail->seq,
		.kind = mail->kind,
		.key = mail->key,
		.timed_out = mail->timed_out,
	};
	struct wire_member member;

	if (mail->kind == WIRE_TOPICS) {
		put_topics(out, &wire, mail);
		return;
	}
	if (mail->kind == WIRE_WORK) {
		const struct link_delivery *delivery =
		    link_delivery_find(session, &mail->key);

		member = link_delivery_member(delivery);
		wire.work = link_delivery_work(delivery);
		wire.work.members = &member;
		wire.work.member_count = 1;
	}
	wire_put_mail(out, &wire);
}

static size_t size_of(const struct link_session *session,
		      const struct link_mail *mail)
{
	const struct link_delivery *delivery =
	    mail->kind == WIRE_WORK ? link_delivery_find(session, &mail->key)
				    : NULL;

	return delivery ? link_delivery_work_size(delivery) +
			      link_delivery_member_size(delivery)
			: 256 + mail->topic_count * WIRE_TOPIC_MAX;
}

void link_mail_send(struct link *link, struct link_session *session)
{
	struct buf items = { 0 };
	struct buf frame = { 0 };
	struct link_mail *mail;
	size_t count = 0;

	if (!session->poll.pipe) {
		return;
	}
	DL_FOREACH(session->mail, mail)
	{
		if (count == LIMIT_LINK_ITEMS ||
		    (count && items.len + size_of(session, mail) > MAIL_FULL)) {
			break;
		}
		put_mail(&items, session, mail);
		count++;
	}
	wire_put_mail_head(&frame, count);
	buf_put_slice(&frame, buf_slice(&items));
	link_sockets_reply(link->sockets, &session->poll, buf_slice(&frame));
	session->poll.pipe = 0;
	buf_fini(&items);
	buf_fini(&frame);
}

/* ---- what is not work ---- */

void link_cancel(struct link *link, const char *instance,
		 const struct wire_key *key, bool timed_out)
{
	struct link_session *session = link_session_of(link, instance);

	struct link_delivery *delivery =
	    session ? link_delivery_find(session, key) : NULL;

	if (!delivery) {
		return;
	}
	/* First the task, then its end, whatever overtakes what. */
	if (delivery->state == DELIVERY_QUEUED) {
		link_flush(link);
	}
	if (delivery->state == DELIVERY_PUBLISHED) {
		link_mail_work(link, delivery);
	}
	struct link_mail *mail = mail_add(session, WIRE_CANCEL);

	mail->key = *key;
	mail->timed_out = timed_out;
	link_mail_send(link, session);
}

void link_stop(struct link *link, const char *instance)
{
	struct link_session *session = link_session_of(link, instance);

	if (session) {
		(void)mail_add(session, WIRE_STOP);
		link_mail_send(link, session);
	}
}

void link_set_topics(struct link *link, const char *instance,
		     const struct slice *activities, size_t len)
{
	struct link_session *session = link_session_of(link, instance);

	if (!session) {
		return;
	}
	link_topics_set(&session->topics, &session->topic_count, activities,
			len);
	struct link_mail *mail = mail_add(session, WIRE_TOPICS);

	link_topics_prefixes(session, &mail->topics, &mail->topic_count);
	session->topics_seq = mail->seq;
	link_mail_send(link, session);
}
