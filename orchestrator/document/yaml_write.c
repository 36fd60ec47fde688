#include "document/yaml_write.h"

#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"
#include "document/base64.h"
#include "document/number.h"
#include "document/yaml_text.h"

/* Where a value goes: decides what stands between it and what is before. */
enum where { AT_ROOT, BEHIND_KEY, BEHIND_DASH };

static void write_value(struct buf *out, const struct value *value,
			unsigned indent, enum where where);

static void put_indent(struct buf *out, unsigned indent)
{
	for (unsigned i = 0; i < indent; i++) {
		buf_put_byte(out, ' ');
	}
}

static void write_double(struct buf *out, double number)
{
	char text[NUMBER_TEXT_SIZE];

	number_format(number, text);
	buf_put_text(out, text);
}

static void write_bytes(struct buf *out, struct slice bytes)
{
	buf_put_text(out, "!!binary \"");
	base64_write(out, bytes);
	buf_put_byte(out, '"');
}

static void write_scalar(struct buf *out, const struct value *value,
			 unsigned indent)
{
	switch (value->type) {
	case VALUE_BOOL:
		buf_put_text(out, value->as.boolean ? "true" : "false");
		break;
	case VALUE_INT:
		buf_printf(out, "%" PRId64, value->as.integer);
		break;
	case VALUE_UINT:
		buf_printf(out, "%" PRIu64, value->as.unsigned_integer);
		break;
	case VALUE_DOUBLE:
		write_double(out, value->as.number);
		break;
	case VALUE_STRING:
		yaml_text_write(out, value->as.text, indent);
		break;
	case VALUE_BYTES:
		write_bytes(out, value->as.text);
		break;
	default:
		buf_put_text(out, "null");
		break;
	}
	buf_put_byte(out, '\n');
}

static void write_items(struct buf *out, const struct value *array,
			unsigned indent, enum where where)
{
	for (size_t i = 0; i < value_len(array); i++) {
		/* The first item stays in the line of an outer dash. */
		if (i || where != BEHIND_DASH) {
			put_indent(out, indent);
		}
		buf_put_text(out, "- ");
		write_value(out, value_at(array, i), indent + 2, BEHIND_DASH);
	}
}

static void write_members(struct buf *out, const struct value *map,
			  unsigned indent, enum where where)
{
	for (size_t i = 0; i < value_len(map); i++) {
		const struct value_entry *entry = value_entry_at(map, i);

		if (i || where != BEHIND_DASH) {
			put_indent(out, indent);
		}
		yaml_text_write_key(out, entry->key, indent);
		write_value(out, &entry->value, indent + 2, BEHIND_KEY);
	}
}

static void write_value(struct buf *out, const struct value *value,
			unsigned indent, enum where where)
{
	bool collection =
	    value->type == VALUE_ARRAY || value->type == VALUE_MAP;

	if (!collection || value_len(value) == 0) {
		buf_put_text(out, where == BEHIND_KEY ? " " : "");
		if (collection) {
			buf_put_text(out, value->type == VALUE_ARRAY ? "[]\n"
								     : "{}\n");
		} else {
			write_scalar(out, value, indent);
		}
		return;
	}
	buf_put_text(out, where == BEHIND_KEY ? "\n" : "");
	if (value->type == VALUE_ARRAY) {
		write_items(out, value, indent, where);
	} else {
		write_members(out, value, indent, where);
	}
}

void yaml_write(struct buf *out, const struct value *value)
{
	write_value(out, value, 0, AT_ROOT);
}
