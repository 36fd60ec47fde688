#include "bus/frame.h"

#include <string.h>

#include "base/limits.h"
#include "document/pack.h"

/* MessagePack's map of up to 15 members. */
#define FIXED_MAP 0x80u

static const struct document_limits request_limits = {
	.size = LIMIT_CONTROL_FRAME,
	.depth = PACK_DEPTH,
	.nodes = LIMIT_DOCUMENT_NODES,
};

/* A phase of 100,000 members has more to be said of it than is in a document
 * that is given. */
static const struct document_limits answer_limits = {
	.size = LIMIT_CONTROL_FRAME,
	.depth = PACK_DEPTH,
	.nodes = LIMIT_CONTROL_NODES,
};

int frame_read_header(const void *header, size_t *ret_len)
{
	size_t len = read_u32(header);

	if (len == 0) {
		return E_INVALID;
	}
	if (len > LIMIT_CONTROL_FRAME) {
		return E_TOO_BIG;
	}
	*ret_len = len;
	return 0;
}

/* ---- writing ---- */

/* A message is written member by member: nothing large is copied for it. */
static size_t begin(struct buf *out, unsigned members)
{
	size_t at = out->len;

	buf_put_u32(out, 0);
	buf_put_byte(out, (uint8_t)(FIXED_MAP | members));
	return at;
}

static void put_text(struct buf *out, const char *text)
{
	struct value value = value_text(text);

	pack_write(out, &value);
	value_clear(&value);
}

static void put_scalar(struct buf *out, const char *key, struct value value)
{
	put_text(out, key);
	pack_write(out, &value);
}

static void put_tree(struct buf *out, const char *key, const struct value *tree)
{
	struct value empty = value_map();

	put_text(out, key);
	pack_write(out, tree ? tree : &empty);
	value_clear(&empty);
}

/* Fills in the header; a frame that is too big is taken back. */
static int finish(struct buf *out, size_t at, struct err *reterr)
{
	size_t end = out->len;
	size_t len = end - at - FRAME_HEADER_SIZE;

	out->len = at;
	if (len > LIMIT_CONTROL_FRAME) {
		return err_set(reterr, E_TOO_BIG,
			       "a message of %zu bytes; at most %u can be sent",
			       len, LIMIT_CONTROL_FRAME);
	}
	buf_put_u32(out, (uint32_t)len);
	out->len = end;
	return 0;
}

int frame_put_request(struct buf *out, uint64_t id, const char *verb,
		      const struct value *args, struct err *reterr)
{
	size_t at = begin(out, 3);

	put_scalar(out, "id", value_uint(id));
	put_text(out, "verb");
	put_text(out, verb);
	put_tree(out, "args", args);
	return finish(out, at, reterr);
}

int frame_put_result(struct buf *out, uint64_t id, const struct value *result,
		     struct err *reterr)
{
	size_t at = begin(out, 3);

	put_scalar(out, "id", value_uint(id));
	put_scalar(out, "ok", value_bool(true));
	put_tree(out, "result", result);
	return finish(out, at, reterr);
}

void frame_put_error(struct buf *out, uint64_t id, const struct err *error)
{
	size_t at = begin(out, 4);

	put_scalar(out, "id", value_uint(id));
	put_scalar(out, "ok", value_bool(false));
	put_text(out, "code");
	put_text(out, err_name(error->code));
	put_text(out, "error");
	put_text(out, error->msg);
	(void)finish(out, at, NULL);
}

/* ---- reading ---- */

int frame_check(struct slice body, struct err *reterr)
{
	return pack_check(body, &request_limits, reterr);
}

static int read_message(struct slice body, const struct document_limits *limits,
			struct value *ret_message, struct err *reterr)
{
	int rc = pack_read(body, limits, ret_message, reterr);

	if (rc == 0 && ret_message->type != VALUE_MAP) {
		value_clear(ret_message);
		return err_set(reterr, E_INVALID, "a message must be a map");
	}
	return rc;
}

static int read_id(const struct value *message, uint64_t *ret_id,
		   struct err *reterr)
{
	const struct value *id = value_get(message, "id");

	if (id && id->type == VALUE_INT && id->as.integer >= 0) {
		*ret_id = (uint64_t)id->as.integer;
		return 0;
	}
	if (id && id->type == VALUE_UINT) {
		*ret_id = id->as.unsigned_integer;
		return 0;
	}
	return err_set(reterr, E_INVALID, "a message must have a number 'id'");
}

/* Moves a member out of a message without copying its tree. The message is
 * ours to change; it is only the accessor that gives a const member. */
static struct value take(struct value *message, const char *key)
{
	union {
		const struct value *given;
		struct value *ours;
	} member = { .given = value_get(message, key) };

	if (!member.given) {
		return value_null();
	}
	struct value taken = *member.given;

	*member.ours = value_null();
	return taken;
}

static int read_verb(const struct value *message, struct slice *ret_verb,
		     struct err *reterr)
{
	struct slice verb = value_get_text(message, "verb");

	if (verb.len == 0 || verb.len > LIMIT_NAME ||
	    memchr(verb.ptr, 0, verb.len)) {
		return err_set(reterr, E_INVALID,
			       "a request must have a text 'verb'");
	}
	*ret_verb = verb;
	return 0;
}

static int check_args(const struct value *message, struct err *reterr)
{
	const struct value *args = value_get(message, "args");

	if (args && args->type != VALUE_MAP && args->type != VALUE_NULL) {
		return err_set(reterr, E_INVALID, "'args' must be a map");
	}
	return 0;
}

int frame_read_request(struct slice body, uint64_t *ret_id, char **ret_verb,
		       struct value *ret_args, struct err *reterr)
{
	struct value message;
	struct slice verb = { 0 };
	uint64_t id = 0;
	int rc = read_message(body, &request_limits, &message, reterr);

	if (rc) {
		return rc;
	}
	rc = read_id(&message, &id, reterr);
	if (rc == 0) {
		rc = read_verb(&message, &verb, reterr);
	}
	if (rc == 0) {
		rc = check_args(&message, reterr);
	}
	if (rc == 0) {
		struct value args = take(&message, "args");

		*ret_id = id;
		*ret_verb = slice_dup(verb);
		*ret_args = args.type == VALUE_MAP ? args : value_map();
	}
	value_clear(&message);
	return rc;
}

static int code_of(struct slice name)
{
#define X(code, number, text)        \
	if (slice_is(name, #code)) { \
		return code;         \
	}
	ERR_MAP(X)
#undef X
	return E_INVALID;
}

static void read_error(const struct value *message, struct err *error)
{
	struct slice text = value_get_text(message, "error");

	(void)err_set(error, code_of(value_get_text(message, "code")), "%.*s",
		      SLICE_ARG(text));
}

int frame_read_answer(struct slice body, struct frame_answer *ret_answer,
		      struct err *reterr)
{
	struct frame_answer answer = { .error = { .code = 0 } };
	struct value message;
	int rc = read_message(body, &answer_limits, &message, reterr);

	if (rc) {
		return rc;
	}
	rc = read_id(&message, &answer.id, reterr);
	if (rc == 0) {
		if (value_get_bool(&message, "ok", false)) {
			answer.result = take(&message, "result");
		} else {
			read_error(&message, &answer.error);
		}
		*ret_answer = answer;
	}
	value_clear(&message);
	return rc;
}
