#include "document/yaml_text.h"

#include <string.h>

#include "base/utf8.h"
#include "document/yaml_scalar.h"

/* libyaml takes no longer one without "? ", in characters with quotes. */
#define LONGEST_KEY 900

/* As it is in any scalar; libyaml also takes U+0085, U+2028 for line ends. */
static bool is_printable(uint32_t point)
{
	if (point < 0xa0) {
		return point >= 0x20 && point < 0x7f;
	}
	return point != 0x2028 && point != 0x2029 && point != 0xfeff &&
	       point < 0x110000 && point != 0xfffe && point != 0xffff;
}

/* `also`: one character that is welcome too; 0 for none. */
static bool all_printable(struct slice text, uint32_t also)
{
	while (text.len) {
		size_t size;
		uint32_t point = utf8_decode(text, &size);

		if (!is_printable(point) && (!also || point != also)) {
			return false;
		}
		text.ptr += size;
		text.len -= size;
	}
	return true;
}

static bool begins_plain(struct slice text)
{
	static const char indicators[] = "-?:,[]{}#&*!|>'\"%@`";

	if (text.ptr[0] == ' ') {
		return false;
	}
	if (!strchr(indicators, text.ptr[0])) {
		return true;
	}
	/* These three are indicators only before a space. */
	return strchr("-?:", text.ptr[0]) && text.len > 1 &&
	       text.ptr[1] != ' ' && !slice_starts_with(text, SLICE("---"));
}

static bool has_break_inside(struct slice text)
{
	for (size_t i = 0; i + 1 < text.len; i++) {
		if ((text.ptr[i] == ':' && text.ptr[i + 1] == ' ') ||
		    (text.ptr[i] == ' ' && text.ptr[i + 1] == '#')) {
			return true;
		}
	}
	return false;
}

static bool is_plain(struct slice text)
{
	if (text.len == 0 || !all_printable(text, 0) || !begins_plain(text) ||
	    has_break_inside(text)) {
		return false;
	}
	char last = text.ptr[text.len - 1];

	return last != ' ' && last != ':' &&
	       !slice_starts_with(text, SLICE("...")) &&
	       yaml_scalar_is_string(text);
}

static void put_escape(struct buf *out, uint32_t point)
{
	static const char names[] = "\"\\\a\b\t\n\v\f\r\x1b";
	static const char letters[] = "\"\\abtnvfre";
	const char *name =
	    point && point < 0x80 ? strchr(names, (int)point) : NULL;

	if (name) {
		buf_printf(out, "\\%c", letters[name - names]);
	} else if (point < 0x100) {
		buf_printf(out, "\\x%02x", (unsigned)point);
	} else if (point < 0x10000) {
		buf_printf(out, "\\u%04x", (unsigned)point);
	} else {
		buf_printf(out, "\\U%08x", (unsigned)point);
	}
}

static void write_quoted(struct buf *out, struct slice text)
{
	buf_put_byte(out, '"');
	while (text.len) {
		size_t size;
		uint32_t point = utf8_decode(text, &size);

		if (is_printable(point) && point != '"' && point != '\\') {
			buf_put(out, text.ptr, size);
		} else {
			put_escape(out, point);
		}
		text.ptr += size;
		text.len -= size;
	}
	buf_put_byte(out, '"');
}

/* A first line that is empty or indented would need a number behind the |. */
static bool is_block(struct slice text)
{
	return text.len && text.ptr[0] != ' ' && text.ptr[0] != '\n' &&
	       memchr(text.ptr, '\n', text.len) && all_printable(text, '\n');
}

static size_t line_len(struct slice text)
{
	const char *end = memchr(text.ptr, '\n', text.len);

	return end ? (size_t)(end - text.ptr) : text.len;
}

/* "-": without a line end; "": one; "+": all that there are. */
static const char *chomping(struct slice text)
{
	if (!slice_ends_with(text, SLICE("\n"))) {
		return "-";
	}
	return slice_ends_with(text, SLICE("\n\n")) ? "+" : "";
}

static void write_block(struct buf *out, struct slice text, unsigned indent)
{
	buf_printf(out, "|%s", chomping(text));
	if (slice_ends_with(text, SLICE("\n"))) {
		text.len--; /* the caller ends the last line */
	}
	for (;;) {
		size_t len = text.len ? line_len(text) : 0;

		buf_put_byte(out, '\n');
		if (len) {
			buf_printf(out, "%*s", (int)indent, "");
			buf_put(out, text.ptr, len);
		}
		if (len >= text.len) {
			return;
		}
		text.ptr += len + 1;
		text.len -= len + 1;
	}
}

void yaml_text_write(struct buf *out, struct slice text, unsigned indent)
{
	if (is_plain(text)) {
		buf_put_slice(out, text);
	} else if (is_block(text)) {
		write_block(out, text, indent < 2 ? 2 : indent);
	} else {
		write_quoted(out, text);
	}
}

void yaml_text_write_key(struct buf *out, struct slice key, unsigned indent)
{
	struct buf written = { 0 };

	if (is_plain(key) && !slice_is(key, "<<")) {
		buf_put_slice(&written, key);
	} else {
		write_quoted(&written, key);
	}
	if (written.len > LONGEST_KEY) {
		buf_put_text(out, "? ");
		buf_put_slice(out, buf_slice(&written));
		buf_printf(out, "\n%*s:", (int)indent, "");
	} else {
		buf_put_slice(out, buf_slice(&written));
		buf_put_byte(out, ':');
	}
	buf_fini(&written);
}
