#include <stdlib.h>

#include "bus/wire.h"
#include "bus/wire_fields.h"

static const char *const mail_kinds[] = {
	"work", "cancel", "stop", "topics", NULL,
};
static const char *const causes[] = { "cancelled", "timed_out", NULL };
static const char *const reply_kinds[] = {
	"welcome", "refused", "ok", "mail", "ack", "unknown", NULL,
};

#define CANCEL WIRE_KIND(WIRE_CANCEL)

#define AT(member) offsetof(struct wire_mail, member)

static const struct wire_field mail_fields[] = {
	{ .key = "do",
	  .type = FIELD_WORD,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(kind),
	  .words = mail_kinds },
	{ .key = "seq",
	  .type = FIELD_UINT64,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(seq) },
	{ .key = "work",
	  .type = FIELD_MAP,
	  .presence = FIELD_REQUIRED,
	  .kinds = WIRE_KIND(WIRE_WORK),
	  .offset = AT(work),
	  .shape = &wire_work_shape },
	{ .key = "run",
	  .type = FIELD_ID,
	  .presence = FIELD_REQUIRED,
	  .kinds = CANCEL,
	  .offset = AT(key.run) },
	{ .key = "task",
	  .type = FIELD_UINT,
	  .presence = FIELD_REQUIRED,
	  .kinds = CANCEL,
	  .offset = AT(key.task) },
	{ .key = "attempt",
	  .type = FIELD_UINT,
	  .presence = FIELD_REQUIRED,
	  .kinds = CANCEL,
	  .offset = AT(key.attempt) },
	{ .key = "wakes",
	  .type = FIELD_UINT,
	  .kinds = CANCEL,
	  .offset = AT(key.wakes) },
	{ .key = "cause",
	  .type = FIELD_CHOICE,
	  .presence = FIELD_REQUIRED,
	  .kinds = CANCEL,
	  .offset = AT(timed_out),
	  .words = causes },
	{ .key = "topics",
	  .type = FIELD_TEXTS,
	  .presence = FIELD_REQUIRED,
	  .kinds = WIRE_KIND(WIRE_TOPICS),
	  .offset = AT(topics),
	  .count_offset = AT(topic_count),
	  .max = LIMIT_LINK_ITEMS },
	{ .key = NULL },
};

static const struct wire_shape mail_shape = {
	.size = sizeof(struct wire_mail),
	.fields = mail_fields,
};

#define WELCOME WIRE_KIND(WIRE_WELCOME)
#define REFUSED WIRE_KIND(WIRE_REFUSED)

#undef AT
#define AT(member) offsetof(struct wire_reply, member)

static const struct wire_field reply_fields[] = {
	{ .key = "kind",
	  .type = FIELD_WORD,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(kind),
	  .words = reply_kinds },
	{ .key = "protocol",
	  .type = FIELD_PROTOCOL,
	  .presence = FIELD_REQUIRED,
	  .kinds = WELCOME },
	{ .key = "instance",
	  .type = FIELD_TEXT,
	  .presence = FIELD_REQUIRED,
	  .kinds = WELCOME,
	  .offset = AT(welcome.instance),
	  .max = WIRE_INSTANCE_MAX },
	{ .key = "session",
	  .type = FIELD_HEX,
	  .presence = FIELD_REQUIRED,
	  .kinds = WELCOME,
	  .offset = AT(welcome.session),
	  .max = WIRE_SECRET_SIZE - 1 },
	{ .key = "lease_ms",
	  .type = FIELD_INT64,
	  .presence = FIELD_REQUIRED,
	  .kinds = WELCOME,
	  .offset = AT(welcome.lease_ms) },
	{ .key = "poll_ms",
	  .type = FIELD_INT64,
	  .presence = FIELD_REQUIRED,
	  .kinds = WELCOME,
	  .offset = AT(welcome.poll_ms) },
	{ .key = "topics",
	  .type = FIELD_TEXTS,
	  .presence = FIELD_REQUIRED,
	  .kinds = WELCOME,
	  .offset = AT(welcome.topics),
	  .count_offset = AT(welcome.topic_count),
	  .max = LIMIT_LINK_ITEMS },
	{ .key = "config",
	  .type = FIELD_VALUE,
	  .kinds = WELCOME,
	  .offset = AT(welcome.config) },
	{ .key = "code",
	  .type = FIELD_CODE,
	  .presence = FIELD_REQUIRED,
	  .kinds = REFUSED,
	  .offset = AT(code) },
	{ .key = "error",
	  .type = FIELD_CUT,
	  .presence = FIELD_REQUIRED,
	  .kinds = REFUSED,
	  .offset = AT(error),
	  .max = LIMIT_MESSAGE },
	{ .key = "items",
	  .type = FIELD_LIST,
	  .presence = FIELD_REQUIRED,
	  .kinds = WIRE_KIND(WIRE_MAIL),
	  .offset = AT(mail),
	  .count_offset = AT(mail_count),
	  .max = LIMIT_LINK_ITEMS,
	  .shape = &mail_shape },
	{ .key = "n",
	  .type = FIELD_UINT64,
	  .presence = FIELD_REQUIRED,
	  .kinds = WIRE_KIND(WIRE_ACK),
	  .offset = AT(n) },
	{ .key = NULL },
};

static const struct wire_shape reply_shape = {
	.size = sizeof(struct wire_reply),
	.fields = reply_fields,
};

void wire_put_reply(struct buf *out, const struct wire_reply *reply)
{
	wire_fields_put(out, &reply_shape, reply);
}

void wire_put_mail_head(struct buf *out, size_t mail_count)
{
	wire_put_map_head(out, 2);
	wire_put_text(out, SLICE("kind"));
	wire_put_text(out, SLICE("mail"));
	wire_put_text(out, SLICE("items"));
	wire_put_array_head(out, mail_count);
}

void wire_put_mail(struct buf *out, const struct wire_mail *mail)
{
	wire_fields_put(out, &mail_shape, mail);
}

int wire_get_reply(struct slice bytes, struct wire_reply *ret_reply,
		   struct err *reterr)
{
	struct wire_reply reply = { 0 };
	int rc =
	    wire_read_map(bytes, &reply_shape, &reply, &reply.document, reterr);

	if (rc < 0) {
		wire_reply_fini(&reply);
		return rc;
	}
	*ret_reply = reply;
	return 0;
}

void wire_reply_fini(struct wire_reply *reply)
{
	if (reply) {
		wire_fields_fini(&reply_shape, reply);
		free(reply->document);
	}
}
