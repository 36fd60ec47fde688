#include <math.h>
#include <string.h>

#include "base/id.h"
#include "base/utf8.h"
#include "bus/wire.h"
#include "bus/wire_fields.h"
#include "document/pack.h"

static const void *place(const void *from, size_t offset)
{
	return (const char *)from + offset;
}

static void put_head(struct buf *out, uint8_t small, uint8_t wide, size_t len)
{
	if (len < 16) {
		buf_put_byte(out, (uint8_t)(small | len));
	} else if (len <= UINT16_MAX) {
		buf_put_byte(out, wide);
		buf_put_u16(out, (uint16_t)len);
	} else {
		buf_put_byte(out, (uint8_t)(wide + 1));
		buf_put_u32(out, (uint32_t)len);
	}
}

void wire_put_map_head(struct buf *out, size_t len)
{
	put_head(out, 0x80, 0xde, len);
}

void wire_put_array_head(struct buf *out, size_t len)
{
	put_head(out, 0x90, 0xdc, len);
}

/* With a length that does not fit the small head: `wide` is the first byte for
 * one of 8 bits, and those for 16 and 32 follow it. */
static void put_length(struct buf *out, uint8_t wide, size_t len)
{
	if (len <= UINT8_MAX) {
		buf_put_byte(out, wide);
		buf_put_byte(out, (uint8_t)len);
	} else if (len <= UINT16_MAX) {
		buf_put_byte(out, (uint8_t)(wide + 1));
		buf_put_u16(out, (uint16_t)len);
	} else {
		buf_put_byte(out, (uint8_t)(wide + 2));
		buf_put_u32(out, (uint32_t)len);
	}
}

static void put_bytes(struct buf *out, struct slice bytes)
{
	put_length(out, 0xc4, bytes.len);
	buf_put_slice(out, bytes);
}

/* It is UTF-8. */
static void put_string(struct buf *out, struct slice text)
{
	if (text.len < 32) {
		buf_put_byte(out, (uint8_t)(0xa0 | text.len));
	} else {
		put_length(out, 0xd9, text.len);
	}
	buf_put_slice(out, text);
}

/* What a plugin says may be any bytes; a frame may not. */
static void put_mended(struct buf *out, struct slice text)
{
	struct buf mended = { 0 };

	while (text.len) {
		size_t size = 1;
		uint32_t point = utf8_decode(text, &size);

		if (point == 0xfffd) {
			buf_put_text(&mended, "\xef\xbf\xbd");
		} else {
			buf_put(&mended, text.ptr, size);
		}
		text.ptr += size;
		text.len -= size;
	}
	put_string(out, buf_slice(&mended));
	buf_fini(&mended);
}

void wire_put_text(struct buf *out, struct slice text)
{
	if (utf8_valid(text)) {
		put_string(out, text);
	} else {
		put_mended(out, text);
	}
}

static void put_id(struct buf *out, const struct id *id)
{
	char text[ID_TEXT_SIZE];

	id_format(id, text);
	put_string(out, slice_of(text));
}

static struct slice slice_at(const void *at)
{
	struct slice slice;

	memcpy(&slice, at, sizeof(slice));
	return slice;
}

static int int_at(const void *at)
{
	int number;

	memcpy(&number, at, sizeof(number));
	return number;
}

static size_t count_at(const struct wire_field *field, const void *from)
{
	size_t count;

	memcpy(&count, place(from, field->count_offset), sizeof(count));
	return count;
}

static const void *list_at(const struct wire_field *field, const void *from)
{
	const void *list;

	memcpy(&list, place(from, field->offset), sizeof(list));
	return list;
}

/* ---- which keys are written ---- */

static size_t size_of(enum wire_type type)
{
	switch (type) {
	case FIELD_BOOL:
	case FIELD_CHOICE:
		return sizeof(bool);
	case FIELD_UINT:
		return sizeof(uint32_t);
	case FIELD_INT64:
		return sizeof(int64_t);
	case FIELD_UINT64:
		return sizeof(uint64_t);
	case FIELD_DOUBLE:
		return sizeof(double);
	case FIELD_ID:
		return sizeof(struct id);
	default:
		return sizeof(int);
	}
}

static bool is_zero(const struct wire_field *field, const void *from)
{
	static const char zeros[sizeof(struct id)];
	const void *at = place(from, field->offset);
	struct value value;

	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_CUT:
	case FIELD_HEX:
	case FIELD_BYTES:
		return field->presence == FIELD_NULLABLE
			   ? slice_at(at).ptr == NULL
			   : slice_at(at).len == 0;
	case FIELD_VALUE:
		memcpy(&value, at, sizeof(value));
		return value.type == VALUE_NULL;
	case FIELD_LIST:
	case FIELD_TEXTS:
		return count_at(field, from) == 0;
	case FIELD_MAP:
	case FIELD_PROTOCOL:
	case FIELD_PROTOCOLS:
		return false;
	default:
		return memcmp(at, zeros, size_of(field->type)) == 0;
	}
}

static bool is_written(const struct wire_shape *shape,
		       const struct wire_field *field, const void *from)
{
	if (field->kinds) {
		int kind = int_at(place(from, shape->fields->offset));

		if (!(field->kinds & WIRE_KIND(kind))) {
			return false;
		}
	}
	return field->presence == FIELD_REQUIRED || !is_zero(field, from);
}

/* ---- values ---- */

static struct value number_at(const struct wire_field *field, const void *at)
{
	uint32_t word;
	int64_t wide;
	uint64_t wide_unsigned;
	double number;

	switch (field->type) {
	case FIELD_UINT:
		memcpy(&word, at, sizeof(word));
		return value_int(word);
	case FIELD_INT64:
		memcpy(&wide, at, sizeof(wide));
		return value_int(wide);
	case FIELD_UINT64:
		memcpy(&wide_unsigned, at, sizeof(wide_unsigned));
		return value_uint(wide_unsigned);
	case FIELD_DOUBLE:
		memcpy(&number, at, sizeof(number));
		return value_double(isfinite(number) ? number : 0);
	case FIELD_BOOL:
		return value_bool(*(const bool *)at);
	default:
		return value_int(int_at(at));
	}
}

static void put_list(struct buf *out, const struct wire_field *field,
		     const void *from)
{
	const char *list = list_at(field, from);
	size_t count = count_at(field, from);

	wire_put_array_head(out, count);
	for (size_t i = 0; i < count; i++) {
		if (field->type == FIELD_TEXTS) {
			wire_put_text(
			    out, slice_at(list + i * sizeof(struct slice)));
		} else {
			wire_fields_put(out, field->shape,
					list + i * field->shape->size);
		}
	}
}

static void put_protocol(struct buf *out, enum wire_type type)
{
	struct value protocol = value_int(WIRE_PROTOCOL);

	if (type == FIELD_PROTOCOLS) {
		wire_put_array_head(out, 1);
	}
	pack_write(out, &protocol);
}

static void put_value(struct buf *out, const void *at)
{
	struct value value;

	memcpy(&value, at, sizeof(value));
	pack_write(out, &value);
}

static void put_number(struct buf *out, const struct wire_field *field,
		       const void *at)
{
	struct value number = number_at(field, at);

	if (number.type == VALUE_INT && number.as.integer >= 0 &&
	    number.as.integer < 0x80) {
		buf_put_byte(out, (uint8_t)number.as.integer);
	} else {
		pack_write(out, &number);
	}
}

static void put_field(struct buf *out, const struct wire_field *field,
		      const void *from)
{
	const void *at = place(from, field->offset);

	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_CUT:
	case FIELD_HEX:
		wire_put_text(out, slice_at(at));
		break;
	case FIELD_BYTES:
		put_bytes(out, slice_at(at));
		break;
	case FIELD_ID:
		put_id(out, at);
		break;
	case FIELD_WORD:
		put_string(out, slice_of(field->words[int_at(at)]));
		break;
	case FIELD_CHOICE:
		wire_put_text(
		    out, slice_of(field->words[*(const bool *)at ? 1 : 0]));
		break;
	case FIELD_CODE:
		wire_put_text(out, slice_of(err_name(int_at(at))));
		break;
	case FIELD_VALUE:
		put_value(out, at);
		break;
	case FIELD_MAP:
		wire_fields_put(out, field->shape, at);
		break;
	case FIELD_LIST:
	case FIELD_TEXTS:
		put_list(out, field, from);
		break;
	case FIELD_PROTOCOL:
	case FIELD_PROTOCOLS:
		put_protocol(out, field->type);
		break;
	default:
		put_number(out, field, at);
		break;
	}
}

void wire_fields_put(struct buf *out, const struct wire_shape *shape,
		     const void *from)
{
	const struct wire_field *written[WIRE_FIELDS_MAX];
	const struct wire_field *field;
	size_t len = 0;

	for (field = shape->fields; field->key; field++) {
		if (is_written(shape, field, from)) {
			written[len++] = field;
		}
	}
	wire_put_map_head(out, len);
	for (size_t i = 0; i < len; i++) {
		put_string(out, slice_of(written[i]->key));
		put_field(out, written[i], from);
	}
}
