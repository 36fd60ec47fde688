/*
 * MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) read in
 * place. It has passed pack_check(); still nothing here reads behind its end.
 */
#include <string.h>

#include "filter/message.h"

/* As deep as pack_check() lets anything be. */
#define DEPTH_MAX 64

struct reader {
	struct message *message;
	const unsigned char *at;
	const unsigned char *end;
	unsigned depth;
};

enum item_kind { ITEM_BAD, ITEM_LEAF, ITEM_BYTES, ITEM_LIST, ITEM_MAP };

struct item {
	enum item_kind kind;
	size_t len; /* elements or entries */
	struct value leaf;
};

static bool read_below(struct reader *reader, const struct place *place);

static size_t left(const struct reader *reader)
{
	return (size_t)(reader->end - reader->at);
}

/* A big-endian number of 1, 2, 4 or 8 bytes. */
static bool read_number(struct reader *reader, size_t size, uint64_t *ret)
{
	uint64_t number = 0;

	if (left(reader) < size) {
		return false;
	}
	for (size_t i = 0; i < size; i++) {
		number = number << 8 | reader->at[i];
	}
	reader->at += size;
	*ret = number;
	return true;
}

static struct item read_text(struct reader *reader, size_t len, bool bytes)
{
	struct item item = { .kind = bytes ? ITEM_BYTES : ITEM_LEAF };

	if (left(reader) < len) {
		return (struct item){ .kind = ITEM_BAD };
	}
	item.leaf.type = VALUE_STRING;
	item.leaf.as.text = (struct slice){ (const char *)reader->at, len };
	reader->at += len;
	return item;
}

static struct item read_long(struct reader *reader, enum item_kind kind,
			     size_t size)
{
	uint64_t len;

	if (!read_number(reader, size, &len)) {
		return (struct item){ .kind = ITEM_BAD };
	}
	if (kind == ITEM_LEAF || kind == ITEM_BYTES) {
		return read_text(reader, (size_t)len, kind == ITEM_BYTES);
	}
	return (struct item){ .kind = kind, .len = (size_t)len };
}

static struct item leaf_item(struct value leaf)
{
	return (struct item){ .kind = ITEM_LEAF, .leaf = leaf };
}

static struct item read_unsigned(struct reader *reader, size_t size)
{
	uint64_t number;

	if (!read_number(reader, size, &number)) {
		return (struct item){ .kind = ITEM_BAD };
	}
	return leaf_item(value_uint(number));
}

static struct item read_signed(struct reader *reader, size_t size)
{
	uint64_t number;
	unsigned shift = (unsigned)(64 - 8 * size);

	if (!read_number(reader, size, &number)) {
		return (struct item){ .kind = ITEM_BAD };
	}
	/* The sign is that of the topmost bit read. */
	return leaf_item(value_int((int64_t)(number << shift) >> shift));
}

static struct item read_float(struct reader *reader, size_t size)
{
	uint64_t bits;
	double number;

	if (!read_number(reader, size, &bits)) {
		return (struct item){ .kind = ITEM_BAD };
	}
	if (size == 4) {
		uint32_t small_bits = (uint32_t)bits;
		float small;

		memcpy(&small, &small_bits, sizeof(small));
		number = (double)small;
	} else {
		memcpy(&number, &bits, sizeof(number));
	}
	return leaf_item(value_double(number));
}

/* First bytes from 0xc0 to 0xdf. */
static struct item read_marked(struct reader *reader, unsigned char byte)
{
	switch (byte) {
	case 0xc0:
		return leaf_item(value_null());
	case 0xc2:
	case 0xc3:
		return leaf_item(value_bool(byte == 0xc3));
	case 0xc4:
	case 0xc5:
	case 0xc6:
		return read_long(reader, ITEM_BYTES, 1u << (byte - 0xc4));
	case 0xca:
	case 0xcb:
		return read_float(reader, byte == 0xca ? 4 : 8);
	case 0xcc:
	case 0xcd:
	case 0xce:
	case 0xcf:
		return read_unsigned(reader, 1u << (byte - 0xcc));
	case 0xd0:
	case 0xd1:
	case 0xd2:
	case 0xd3:
		return read_signed(reader, 1u << (byte - 0xd0));
	case 0xd9:
	case 0xda:
	case 0xdb:
		return read_long(reader, ITEM_LEAF, 1u << (byte - 0xd9));
	case 0xdc:
	case 0xdd:
		return read_long(reader, ITEM_LIST, byte == 0xdc ? 2 : 4);
	case 0xde:
	case 0xdf:
		return read_long(reader, ITEM_MAP, byte == 0xde ? 2 : 4);
	default:
		return (struct item){ .kind = ITEM_BAD };
	}
}

static struct item read_item(struct reader *reader)
{
	if (reader->at == reader->end) {
		return (struct item){ .kind = ITEM_BAD };
	}
	unsigned char byte = *reader->at++;

	if (byte < 0x80) {
		return leaf_item(value_int(byte));
	}
	if (byte >= 0xe0) {
		return leaf_item(value_int((signed char)byte));
	}
	if (byte >= 0xc0) {
		return read_marked(reader, byte);
	}
	if (byte >= 0xa0) {
		return read_text(reader, byte & 31u, false);
	}
	return (struct item){
		.kind = byte < 0x90 ? ITEM_MAP : ITEM_LIST,
		.len = byte & 15u,
	};
}

/* Nearly all keys are short texts, whose length is in their first byte. */
static bool read_key(struct reader *reader, struct slice *ret_key)
{
	size_t len = left(reader) ? *reader->at ^ 0xa0u : SIZE_MAX;

	if (len < 32 && len < left(reader)) {
		*ret_key = (struct slice){ (const char *)reader->at + 1, len };
		reader->at += 1 + len;
		return true;
	}
	struct item key = read_item(reader);

	*ret_key = key.leaf.as.text;
	return key.kind == ITEM_LEAF && key.leaf.type == VALUE_STRING;
}

static bool read_map(struct reader *reader, const struct place *place,
		     size_t len)
{
	for (size_t i = 0; i < len; i++) {
		struct slice key;

		if (!read_key(reader, &key)) {
			return false;
		}
		struct place below =
		    message_enter_key(reader->message, place, key);

		if (!read_below(reader, &below)) {
			return false;
		}
	}
	return true;
}

static bool read_compound(struct reader *reader, const struct place *place,
			  const struct item *item);

static bool read_element(struct reader *reader, const struct place *place,
			 uint32_t list)
{
	struct item item = read_item(reader);

	if (item.kind == ITEM_LEAF) {
		message_add_leaf(reader->message, place, &item.leaf);
		return true;
	}
	if (item.kind != ITEM_LIST && item.kind != ITEM_MAP) {
		return item.kind == ITEM_BYTES;
	}
	struct place inside =
	    message_enter_element(reader->message, place, list);
	bool ok = read_compound(reader, &inside, &item);

	message_leave_element(reader->message, &inside);
	return ok;
}

static bool read_list(struct reader *reader, const struct place *place,
		      size_t len)
{
	uint32_t list = message_new_list(reader->message);

	for (size_t i = 0; i < len; i++) {
		if (!read_element(reader, place, list)) {
			return false;
		}
	}
	return true;
}

static bool read_compound(struct reader *reader, const struct place *place,
			  const struct item *item)
{
	if (reader->depth == DEPTH_MAX) {
		return false;
	}
	reader->depth++;
	bool ok = item->kind == ITEM_MAP ? read_map(reader, place, item->len)
					 : read_list(reader, place, item->len);

	reader->depth--;
	return ok;
}

static bool read_below(struct reader *reader, const struct place *place)
{
	struct item item = read_item(reader);

	switch (item.kind) {
	case ITEM_LEAF:
		message_add_leaf(reader->message, place, &item.leaf);
		return true;
	case ITEM_BYTES:
		return true;
	case ITEM_LIST:
	case ITEM_MAP:
		return read_compound(reader, place, &item);
	case ITEM_BAD:
		break;
	}
	return false;
}

static bool is_null(const struct item *item)
{
	return item->kind == ITEM_LEAF && item->leaf.type == VALUE_NULL;
}

void message_read_packed(struct message *message, struct slice attributes)
{
	struct place root = { .key = 0 };
	struct reader reader = {
		.message = message,
		.at = (const unsigned char *)attributes.ptr,
		.end = (const unsigned char *)attributes.ptr + attributes.len,
	};

	if (attributes.len) {
		struct item item = read_item(&reader);

		if (item.kind == ITEM_MAP) {
			(void)read_compound(&reader, &root, &item);
		} else {
			message->refused = !is_null(&item);
		}
	}
}
