#include <inttypes.h>

#include "base/utf8.h"
#include "document/base64.h"
#include "document/json.h"
#include "document/number.h"

struct writer {
	struct buf *out;
	enum json_style style;
	unsigned depth;
};

static void write_value(struct writer *writer, const struct value *value);

static bool is_plain(char c)
{
	unsigned char byte = (unsigned char)c;

	return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

static size_t plain_run(struct slice text)
{
	size_t len = 0;

	while (len < text.len && is_plain(text.ptr[len])) {
		len++;
	}
	return len;
}

static void put_ascii(struct buf *out, char c)
{
	static const char *const shorter[0x20] = {
		['\b'] = "\\b", ['\f'] = "\\f", ['\n'] = "\\n",
		['\r'] = "\\r", ['\t'] = "\\t",
	};
	unsigned char byte = (unsigned char)c;

	if (byte >= 0x20) {
		buf_put_byte(out, '\\');
		buf_put_byte(out, byte);
	} else if (shorter[byte]) {
		buf_put_text(out, shorter[byte]);
	} else {
		buf_printf(out, "\\u%04x", byte);
	}
}

/* One character that is not plain; its length in bytes. */
static size_t put_special(struct buf *out, struct slice text)
{
	size_t size = 1;

	if ((unsigned char)text.ptr[0] < 0x80) {
		put_ascii(out, text.ptr[0]);
		return size;
	}
	(void)utf8_decode(text, &size);
	if (size == 1) {
		buf_put_text(out, "\xef\xbf\xbd");
	} else {
		buf_put(out, text.ptr, size);
	}
	return size;
}

void json_write_string(struct buf *out, struct slice text)
{
	buf_put_byte(out, '"');
	while (text.len) {
		size_t done = plain_run(text);

		if (done) {
			buf_put(out, text.ptr, done);
		} else {
			done = put_special(out, text);
		}
		text.ptr += done;
		text.len -= done;
	}
	buf_put_byte(out, '"');
}

static void new_line(struct writer *writer)
{
	if (writer->style == JSON_PRETTY) {
		buf_put_byte(writer->out, '\n');
		for (unsigned i = 0; i < writer->depth; i++) {
			buf_put_text(writer->out, "  ");
		}
	}
}

static void write_array(struct writer *writer, const struct value *array)
{
	size_t len = value_len(array);

	buf_put_byte(writer->out, '[');
	writer->depth++;
	for (size_t i = 0; i < len; i++) {
		buf_put_text(writer->out, i ? "," : "");
		new_line(writer);
		write_value(writer, value_at(array, i));
	}
	writer->depth--;
	if (len) {
		new_line(writer);
	}
	buf_put_byte(writer->out, ']');
}

static void write_map(struct writer *writer, const struct value *map)
{
	size_t len = value_len(map);

	buf_put_byte(writer->out, '{');
	writer->depth++;
	for (size_t i = 0; i < len; i++) {
		const struct value_entry *entry = value_entry_at(map, i);

		buf_put_text(writer->out, i ? "," : "");
		new_line(writer);
		json_write_string(writer->out, entry->key);
		buf_put_text(writer->out,
			     writer->style == JSON_PRETTY ? ": " : ":");
		write_value(writer, &entry->value);
	}
	writer->depth--;
	if (len) {
		new_line(writer);
	}
	buf_put_byte(writer->out, '}');
}

static void write_double(struct buf *out, double number)
{
	char text[NUMBER_TEXT_SIZE];

	number_format(number, text);
	buf_put_text(out, text);
}

static void write_bytes(struct buf *out, struct slice bytes)
{
	buf_put_byte(out, '"');
	base64_write(out, bytes);
	buf_put_byte(out, '"');
}

static void write_value(struct writer *writer, const struct value *value)
{
	struct buf *out = writer->out;

	switch (value->type) {
	case VALUE_NULL:
		buf_put_text(out, "null");
		break;
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
		json_write_string(out, value->as.text);
		break;
	case VALUE_BYTES:
		write_bytes(out, value->as.text);
		break;
	case VALUE_ARRAY:
		write_array(writer, value);
		break;
	case VALUE_MAP:
		write_map(writer, value);
		break;
	}
}

void json_write(struct buf *out, const struct value *value,
		enum json_style style)
{
	struct writer writer = { .out = out, .style = style };

	write_value(&writer, value);
}
