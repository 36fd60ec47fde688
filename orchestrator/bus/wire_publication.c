#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "bus/wire.h"
#include "bus/wire_fields.h"

static const char *const publication_kinds[] = { "sync", "work", NULL };

#define AT(member) offsetof(struct wire_ack, member)

static const struct wire_field ack_fields[] = {
	{ .key = "nonce",
	  .type = FIELD_HEX,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(nonce),
	  .max = WIRE_SECRET_SIZE - 1 },
	{ .key = "n",
	  .type = FIELD_UINT64,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(n) },
	{ .key = NULL },
};

static const struct wire_shape ack_shape = {
	.plain = true,
	.size = sizeof(struct wire_ack),
	.fields = ack_fields,
};

#undef AT
#define AT(member) offsetof(struct wire_publication, member)

static const struct wire_field publication_fields[] = {
	{ .key = "kind",
	  .type = FIELD_WORD,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(kind),
	  .words = publication_kinds },
	{ .key = "acks",
	  .type = FIELD_LIST,
	  .kinds = WIRE_KIND(WIRE_FANOUT),
	  .offset = AT(acks),
	  .count_offset = AT(ack_count),
	  .max = LIMIT_LINK_ITEMS,
	  .shape = &ack_shape },
	{ .key = "work",
	  .type = FIELD_LIST,
	  .presence = FIELD_REQUIRED,
	  .kinds = WIRE_KIND(WIRE_FANOUT),
	  .offset = AT(work),
	  .count_offset = AT(work_count),
	  .max = LIMIT_LINK_ITEMS,
	  .shape = &wire_work_shape },
	{ .key = NULL },
};

static const struct wire_shape publication_shape = {
	.size = sizeof(struct wire_publication),
	.fields = publication_fields,
};

void wire_put_publication(struct buf *out,
			  const struct wire_publication *publication)
{
	buf_put_slice(out, publication->topic);
	buf_put_byte(out, 0);
	wire_fields_put(out, &publication_shape, publication);
}

int wire_split_topic(struct slice bytes, struct slice *ret_topic,
		     struct slice *ret_body, struct err *reterr)
{
	size_t reach =
	    bytes.len < WIRE_TOPIC_MAX + 1 ? bytes.len : WIRE_TOPIC_MAX + 1;
	const char *zero = reach ? memchr(bytes.ptr, 0, reach) : NULL;

	if (!zero) {
		return err_set(reterr, E_INVALID,
			       "no topic of at most %d bytes and a 0 byte",
			       WIRE_TOPIC_MAX);
	}
	struct slice topic = { bytes.ptr, (size_t)(zero - bytes.ptr) };

	if (!utf8_valid(topic)) {
		return err_set(reterr, E_INVALID, "the topic is not UTF-8");
	}
	*ret_topic = topic;
	*ret_body = (struct slice){ zero + 1, bytes.len - topic.len - 1 };
	return 0;
}

int wire_get_publication(struct slice bytes,
			 struct wire_publication *ret_publication,
			 struct err *reterr)
{
	struct wire_publication publication = { 0 };
	struct slice topic;
	struct slice body;
	int rc = wire_split_topic(bytes, &topic, &body, reterr);

	if (rc == 0) {
		rc = wire_read_map(body, &publication_shape, &publication,
				   &publication.document, reterr);
	}
	if (rc < 0) {
		wire_publication_fini(&publication);
		return rc;
	}
	publication.topic = topic;
	*ret_publication = publication;
	return 0;
}

int wire_get_own(struct slice bytes, struct slice instance, struct slice nonce,
		 struct wire_publication *ret_publication, struct err *reterr)
{
	const struct wire_only only[] = {
		{ &wire_member_shape, instance },
		{ &ack_shape, nonce },
		{ NULL, { NULL, 0 } },
	};
	struct wire_publication publication = { 0 };
	struct slice body;
	int rc = wire_split_topic(bytes, &publication.topic, &body, reterr);

	if (rc == 0) {
		rc = wire_read_only(body, &publication_shape, only,
				    &publication, reterr);
	}
	if (rc < 0) {
		wire_publication_fini(&publication);
		return rc;
	}
	*ret_publication = publication;
	return 0;
}

void wire_publication_fini(struct wire_publication *publication)
{
	if (publication) {
		wire_fields_fini(&publication_shape, publication);
		free(publication->document);
	}
}
