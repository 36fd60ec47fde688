#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool make_room(struct text *text, size_t more)
{
	size_t cap = text->cap ? text->cap : 256;

	while (cap - text->len <= more) {
		cap *= 2;
	}
	if (cap != text->cap && !text->failed) {
		char *grown = realloc(text->ptr, cap);

		text->failed = !grown;
		if (grown) {
			text->ptr = grown;
			text->cap = cap;
		}
	}
	return !text->failed;
}

void text_put(struct text *text, const char *bytes, size_t len)
{
	if (make_room(text, len)) {
		memcpy(text->ptr + text->len, bytes, len);
		text->len += len;
		text->ptr[text->len] = '\0';
	}
}

void text_put_string(struct text *text, const char *string)
{
	text_put(text, string, strlen(string));
}

void text_printf(struct text *text, const char *format, ...)
{
	va_list args;
	char *made = NULL;

	va_start(args, format);
	int len = vasprintf(&made, format, args);

	va_end(args);
	if (len < 0) {
		text->failed = true;
		return;
	}
	text_put(text, made, (size_t)len);
	free(made);
}

void text_put_json(struct text *text, const char *string)
{
	text_put_string(text, "\"");
	for (; *string; string++) {
		unsigned char byte = (unsigned char)*string;

		if (byte == '"' || byte == '\\') {
			text_printf(text, "\\%c", byte);
		} else if (byte < 0x20) {
			text_printf(text, "\\u%04x", byte);
		} else {
			text_put(text, string, 1);
		}
	}
	text_put_string(text, "\"");
}

static bool is_continuation(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/*
 * How many bytes the printable character at `bytes` has; 0 when there is none.
 * Overlong forms, surrogates and control characters are none.
 */
static size_t printable(const unsigned char *bytes, size_t len)
{
	size_t size = bytes[0] < 0x80   ? 1
		      : bytes[0] < 0xc2 ? 0
		      : bytes[0] < 0xe0 ? 2
		      : bytes[0] < 0xf0 ? 3
		      : bytes[0] < 0xf5 ? 4
					: 0;

	if (size == 0 || size > len) {
		return 0;
	}
	for (size_t i = 1; i < size; i++) {
		if (!is_continuation(bytes[i])) {
			return 0;
		}
	}
	if (size == 1) {
		return bytes[0] >= 0x20 && bytes[0] < 0x7f;
	}
	bool bad = (bytes[0] == 0xc2 && bytes[1] < 0xa0) ||
		   (bytes[0] == 0xe0 && bytes[1] < 0xa0) ||
		   (bytes[0] == 0xed && bytes[1] >= 0xa0) ||
		   (bytes[0] == 0xf0 && bytes[1] < 0x90) ||
		   (bytes[0] == 0xf4 && bytes[1] >= 0x90);

	return bad ? 0 : size;
}

static void put_escape(struct text *text, unsigned char byte)
{
	switch (byte) {
	case '\n':
		text_put_string(text, "\\n");
		break;
	case '\t':
		text_put_string(text, "\\t");
		break;
	case '\\':
		text_put_string(text, "\\\\");
		break;
	default:
		text_printf(text, "\\x%02x", byte);
	}
}

void text_put_escaped(struct text *text, const char *bytes, size_t len)
{
	while (len) {
		size_t size = printable((const unsigned char *)bytes, len);

		if (size == 0 || strchr("\\`|", *bytes)) {
			size = 1;
			put_escape(text, (unsigned char)*bytes);
		} else {
			text_put(text, bytes, size);
		}
		bytes += size;
		len -= size;
	}
}

void text_put_name(struct text *text, const char *name)
{
	if (strncmp(name, "./", 2) == 0) {
		name += 2;
	}
	text_put_escaped(text, name, strlen(name));
}

void text_fini(struct text *text)
{
	free(text->ptr);
	memset(text, 0, sizeof(*text));
}
