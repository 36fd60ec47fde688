#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "bus/wire.h"
#include "bus/wire_fields.h"
#include "document/pack.h"
#include "document/pack_walk.h"

static const struct document_limits frame_limits = {
	.size = LIMIT_LINK_FRAME,
	.depth = PACK_DEPTH,
	.nodes = LIMIT_LINK_NODES,
};

/* Bytes that pack_check() has not seen; NULL instead when it has. */
struct quick_look {
	const struct wire_only *only;
};

static void *place(void *into, size_t offset)
{
	return (char *)into + offset;
}

static int wrong(struct err *reterr, const struct wire_field *field,
		 const char *wanted)
{
	return err_set(reterr, E_INVALID, "'%s' is not %s", field->key, wanted);
}

/* ---- texts ---- */

static bool is_hex(struct slice text, size_t len)
{
	if (text.len != len) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (!strchr("0123456789abcdef", text.ptr[i]) || !text.ptr[i]) {
			return false;
		}
	}
	return true;
}

static int get_text(const struct value *value, const struct wire_field *field,
		    const struct quick_look *look, void *at, struct err *reterr)
{
	enum value_type type =
	    field->type == FIELD_BYTES ? VALUE_BYTES : VALUE_STRING;

	if (value->type != type) {
		return wrong(reterr, field,
			     type == VALUE_BYTES ? "bytes" : "a text");
	}
	struct slice text = value->as.text;

	if (look && type == VALUE_STRING && !utf8_valid(text)) {
		return wrong(reterr, field, "UTF-8");
	}
	if (field->type == FIELD_HEX && !is_hex(text, field->max)) {
		return err_set(reterr, E_INVALID,
			       "'%s' is not %zu lower-case hex digits",
			       field->key, field->max);
	}
	if (field->presence == FIELD_REQUIRED && text.len == 0) {
		return err_set(reterr, E_INVALID, "'%s' is empty", field->key);
	}
	if (text.len > field->max && field->type != FIELD_CUT) {
		return err_set(reterr, E_TOO_BIG,
			       "'%s' has more than %zu bytes", field->key,
			       field->max);
	}
	if (field->type == FIELD_CUT) {
		text.len = utf8_floor(text, field->max);
	}
	memcpy(at, &text, sizeof(text));
	return 0;
}

static int get_id(const struct value *value, const struct wire_field *field,
		  void *at, struct err *reterr)
{
	struct id id;

	if (value->type != VALUE_STRING || id_parse(value->as.text, &id)) {
		return wrong(reterr, field, "the id of a run");
	}
	memcpy(at, &id, sizeof(id));
	return 0;
}

static int get_word(const struct value *value, const struct wire_field *field,
		    int *ret_word, struct err *reterr)
{
	if (value->type != VALUE_STRING) {
		return wrong(reterr, field, "a text");
	}
	for (int i = 0; field->words[i]; i++) {
		if (slice_is(value->as.text, field->words[i])) {
			*ret_word = i;
			return 0;
		}
	}
	size_t len = utf8_floor(value->as.text, 40);

	return err_set(reterr, E_INVALID, "'%s' is '%.*s', which is unknown",
		       field->key, (int)len, value->as.text.ptr);
}

static int get_choice(const struct value *value, const struct wire_field *field,
		      void *at, struct err *reterr)
{
	int word = 0;
	int rc = get_word(value, field, &word, reterr);

	if (rc == 0 && field->type == FIELD_WORD) {
		memcpy(at, &word, sizeof(word));
	} else if (rc == 0) {
		bool second = word == 1;

		memcpy(at, &second, sizeof(second));
	}
	return rc;
}

static int get_code(const struct value *value, const struct wire_field *field,
		    void *at, struct err *reterr)
{
	static const int codes[] = {
#define X(name, number, text) name,
		ERR_MAP(X)
#undef X
	};
	int code = E_INVALID;

	if (value->type != VALUE_STRING) {
		return wrong(reterr, field, "a text");
	}
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		if (slice_is(value->as.text, err_name(codes[i]))) {
			code = codes[i];
		}
	}
	memcpy(at, &code, sizeof(code));
	return 0;
}

/* ---- numbers ---- */

static int get_signed(const struct value *value, const struct wire_field *field,
		      void *at, struct err *reterr)
{
	if (value->type != VALUE_INT) {
		return wrong(reterr, field, "an integer");
	}
	int64_t number = value->as.integer;
	int small = (int)number;

	if (field->type == FIELD_INT64) {
		memcpy(at, &number, sizeof(number));
		return 0;
	}
	if (small != number) {
		return wrong(reterr, field, "an integer of 32 bits");
	}
	memcpy(at, &small, sizeof(small));
	return 0;
}

static int get_unsigned(const struct value *value,
			const struct wire_field *field, void *at,
			struct err *reterr)
{
	bool fits = value->type == VALUE_UINT ||
		    (value->type == VALUE_INT && value->as.integer >= 0);
	uint64_t number = value->type == VALUE_UINT
			      ? value->as.unsigned_integer
			      : (uint64_t)value->as.integer;
	uint32_t small = (uint32_t)number;

	if (!fits) {
		return wrong(reterr, field, "an integer from 0");
	}
	if (field->type == FIELD_UINT64) {
		memcpy(at, &number, sizeof(number));
		return 0;
	}
	if (small != number) {
		return wrong(reterr, field, "an integer from 0 of 32 bits");
	}
	memcpy(at, &small, sizeof(small));
	return 0;
}

static int get_double(const struct value *value, const struct wire_field *field,
		      void *at, struct err *reterr)
{
	double number = value_as_double(value);

	if (!value_is_number(value)) {
		return wrong(reterr, field, "a number");
	}
	memcpy(at, &number, sizeof(number));
	return 0;
}

static int get_bool(const struct value *value, const struct wire_field *field,
		    void *at, struct err *reterr)
{
	if (value->type != VALUE_BOOL) {
		return wrong(reterr, field, "true or false");
	}
	memcpy(at, &value->as.boolean, sizeof(bool));
	return 0;
}

static bool is_protocol(const struct value *value)
{
	return value->type == VALUE_INT && value->as.integer == WIRE_PROTOCOL;
}

static int get_protocol(const struct pack_item *item,
			const struct wire_field *field, struct err *reterr)
{
	bool found = field->type == FIELD_PROTOCOL && is_protocol(&item->value);
	size_t len = item->value.type == VALUE_ARRAY ? item->len : 0;
	const char *at = item->behind;

	for (size_t i = 0; i < len; i++) {
		struct pack_item one = pack_item_at(at);

		found = found || is_protocol(&one.value);
		at = pack_skip(at);
	}
	return found ? 0
		     : err_set(reterr, E_VERSION,
			       "only version %d of the protocol is understood",
			       WIRE_PROTOCOL);
}

/* ---- lists ---- */

static int fields_get(const char **at, const struct wire_shape *shape,
		      const struct quick_look *look, void *into,
		      struct err *reterr);

static int get_element(const char **at, const struct wire_field *field,
		       const struct quick_look *look, void *into,
		       struct err *reterr)
{
	if (field->type == FIELD_TEXTS) {
		const struct wire_field text = {
			.key = field->key,
			.type = FIELD_TEXT,
			.presence = FIELD_REQUIRED,
			.max = WIRE_TOPIC_MAX,
		};
		struct pack_item item = pack_item_at(*at);

		*at = pack_skip(*at);
		return get_text(&item.value, &text, look, into, reterr);
	}
	memset(into, 0, field->shape->size);
	return fields_get(at, field->shape, look, into, reterr);
}

/* Is the element at `at` left out? */
static bool is_left_out(const struct wire_field *field,
			const struct quick_look *look, const char *at)
{
	const struct wire_only *only = look ? look->only : NULL;

	while (only && only->shape && only->shape != field->shape) {
		only++;
	}
	if (!only || !only->shape) {
		return false;
	}
	struct pack_item map = pack_item_at(at);
	const char *wanted = only->shape->fields->key;

	at = map.behind;
	for (size_t i = 0; map.value.type == VALUE_MAP && i < map.len; i++) {
		struct pack_item key = pack_item_at(at);

		if (key.value.type == VALUE_STRING &&
		    slice_is(key.value.as.text, wanted)) {
			struct pack_item found = pack_item_at(key.behind);

			return found.value.type == VALUE_STRING &&
			       !slice_equal(found.value.as.text, only->text);
		}
		at = pack_skip(pack_skip(at));
	}
	return false;
}

static int get_elements(const struct pack_item *array,
			const struct wire_field *field,
			const struct quick_look *look, char *list,
			size_t *ret_count, const char **ret_end,
			struct err *reterr)
{
	size_t size = field->shape ? field->shape->size : sizeof(struct slice);
	const char *at = array->behind;

	*ret_count = 0;
	for (size_t i = 0; i < array->len; i++) {
		if (is_left_out(field, look, at)) {
			at = pack_skip(at);
			continue;
		}
		/* It counts also when it is only read in part. */
		int rc = get_element(&at, field, look,
				     list + (*ret_count)++ * size, reterr);

		if (rc < 0) {
			return err_wrap(reterr, "%s[%zu]", field->key, i);
		}
	}
	*ret_end = at;
	return 0;
}

static int get_list(const struct pack_item *array,
		    const struct wire_field *field,
		    const struct quick_look *look, void *into,
		    const char **ret_end, struct err *reterr)
{
	size_t size = field->type == FIELD_TEXTS ? sizeof(struct slice)
						 : field->shape->size;
	size_t len = array->len;

	if (array->value.type != VALUE_ARRAY) {
		return wrong(reterr, field, "an array");
	}
	if (len > field->max) {
		return err_set(reterr, E_TOO_BIG,
			       "'%s' has more than %zu elements", field->key,
			       field->max);
	}
	if (len == 0) {
		*ret_end = array->behind;
		return 0;
	}
	char *list = alloc_try(len * size);

	if (!list) {
		return err_set(reterr, E_NO_MEMORY, "out of memory");
	}
	int rc = get_elements(array, field, look, list, &len, ret_end, reterr);

	memcpy(place(into, field->offset), &list, sizeof(list));
	memcpy(place(into, field->count_offset), &len, sizeof(len));
	return rc;
}

/* ---- fields ---- */

static int get_map(const char *from, const struct wire_field *field,
		   const struct quick_look *look, void *at, struct err *reterr)
{
	int rc = fields_get(&from, field->shape, look, at, reterr);

	return rc < 0 ? err_wrap(reterr, "%s", field->key) : 0;
}

/* A document of its own. */
static int get_value(const char *from, void *at, struct err *reterr)
{
	struct slice bytes = { from, (size_t)(pack_skip(from) - from) };
	struct value value;
	int rc = pack_read(bytes, &frame_limits, &value, reterr);

	if (rc == 0) {
		memcpy(at, &value, sizeof(value));
	}
	return rc;
}

/* *ret_end: behind the value, if it was gone over to its end, else as before.
 */
static int get_field(const char *from, const struct wire_field *field,
		     const struct quick_look *look, void *into,
		     const char **ret_end, struct err *reterr)
{
	void *at = place(into, field->offset);
	struct pack_item item = pack_item_at(from);
	const struct value *value = &item.value;

	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_CUT:
	case FIELD_HEX:
	case FIELD_BYTES:
		return get_text(value, field, look, at, reterr);
	case FIELD_BOOL:
		return get_bool(value, field, at, reterr);
	case FIELD_INT:
	case FIELD_INT64:
		return get_signed(value, field, at, reterr);
	case FIELD_UINT:
	case FIELD_UINT64:
		return get_unsigned(value, field, at, reterr);
	case FIELD_DOUBLE:
		return get_double(value, field, at, reterr);
	case FIELD_ID:
		return get_id(value, field, at, reterr);
	case FIELD_WORD:
	case FIELD_CHOICE:
		return get_choice(value, field, at, reterr);
	case FIELD_CODE:
		return get_code(value, field, at, reterr);
	case FIELD_VALUE:
		return get_value(from, at, reterr);
	case FIELD_MAP:
		return get_map(from, field, look, at, reterr);
	case FIELD_LIST:
	case FIELD_TEXTS:
		return get_list(&item, field, look, into, ret_end, reterr);
	default:
		return get_protocol(&item, field, reterr);
	}
}

static bool applies(const struct wire_shape *shape,
		    const struct wire_field *field, const void *into)
{
	int kind;

	if (!field->kinds) {
		return true;
	}
	memcpy(&kind, (const char *)into + shape->fields->offset, sizeof(kind));
	return (field->kinds & WIRE_KIND(kind)) != 0;
}

static bool is_nil(const char *value)
{
	return (unsigned char)*value == 0xc0;
}

/* Its last value has been gone over already, or has not. */
static const char *behind_map(const struct pack_item *map, const char *last,
			      const char *last_end)
{
	if (!last) {
		return map->behind;
	}
	return last_end ? last_end : pack_skip(last);
}

static int fields_get(const char **at, const struct wire_shape *shape,
		      const struct quick_look *look, void *into,
		      struct err *reterr)
{
	const char *found[WIRE_FIELDS_FOUND] = { 0 };
	struct pack_item map = pack_item_at(*at);

	if (map.value.type != VALUE_MAP) {
		return err_set(reterr, E_INVALID, "a map is wanted, not a %s",
			       value_type_name(&map.value));
	}
	const char *last = wire_fields_find(&map, shape, found);
	const char *last_end = NULL;

	for (size_t i = 0; shape->fields[i].key; i++) {
		const struct wire_field *field = &shape->fields[i];
		bool absent = !found[i] || is_nil(found[i]);
		bool needed = field->presence == FIELD_REQUIRED;
		const char *end = NULL;

		if ((absent && !needed) || !applies(shape, field, into)) {
			continue;
		}
		if (absent) {
			return err_set(reterr, E_INVALID, "'%s' is missing",
				       field->key);
		}
		int rc = get_field(found[i], field, look, into, &end, reterr);

		if (rc < 0) {
			return rc;
		}
		if (found[i] == last) {
			last_end = end;
		}
	}
	*at = behind_map(&map, last, last_end);
	return 0;
}

int wire_fields_get(const char **at, const struct wire_shape *shape, void *into,
		    struct err *reterr)
{
	return fields_get(at, shape, NULL, into, reterr);
}

static void fini_list(const struct wire_field *field, void *at)
{
	char *list;
	size_t count;

	memcpy(&list, place(at, field->offset), sizeof(list));
	memcpy(&count, place(at, field->count_offset), sizeof(count));
	bool nested = field->shape && !field->shape->plain;

	for (size_t i = 0; nested && i < count; i++) {
		wire_fields_fini(field->shape, list + i * field->shape->size);
	}
	free(list);
}

static void fini_value(void *at)
{
	struct value value;

	memcpy(&value, at, sizeof(value));
	value_clear(&value);
	memcpy(at, &value, sizeof(value));
}

bool wire_is_map(struct slice bytes)
{
	unsigned char head = bytes.len ? (unsigned char)*bytes.ptr : 0;

	return ((head & 0xf0) == 0x80 || head == 0xde || head == 0xdf) &&
	       pack_check(bytes, &frame_limits, NULL) == 0;
}

void wire_fields_fini(const struct wire_shape *shape, void *at)
{
	for (const struct wire_field *field = shape->fields; field->key;
	     field++) {
		if (!applies(shape, field, at)) {
			continue;
		}
		if (field->type == FIELD_LIST || field->type == FIELD_TEXTS) {
			fini_list(field, at);
		} else if (field->type == FIELD_MAP) {
			wire_fields_fini(field->shape,
					 place(at, field->offset));
		} else if (field->type == FIELD_VALUE) {
			fini_value(place(at, field->offset));
		}
	}
}

int wire_read_map(struct slice bytes, const struct wire_shape *shape,
		  void *into, char **ret_document, struct err *reterr)
{
	int rc = pack_check(bytes, &frame_limits, reterr);

	if (rc < 0) {
		return rc;
	}
	char *copy = alloc_try(bytes.len);

	if (!copy) {
		return err_set(reterr, E_NO_MEMORY, "out of memory");
	}
	memcpy(copy, bytes.ptr, bytes.len);
	*ret_document = copy;
	const char *at = copy;

	return wire_fields_get(&at, shape, into, reterr);
}

int wire_read_only(struct slice bytes, const struct wire_shape *shape,
		   const struct wire_only *only, void *into, struct err *reterr)
{
	const struct quick_look look = { only };
	const char *at = bytes.ptr;

	if (bytes.len > LIMIT_LINK_FRAME || !pack_is_whole(bytes)) {
		return err_set(reterr, E_INVALID, "no well-formed MessagePack");
	}
	return fields_get(&at, shape, &look, into, reterr);
}
