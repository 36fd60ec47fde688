#include "text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static bool reserve(struct text *text, size_t more)
{
	size_t need = text->len + more + 1;

	if (text->failed || need <= text->cap) {
		return !text->failed;
	}
	size_t cap = need < 256 ? 256 : need + need / 2;
	char *ptr = realloc(text->ptr, cap);

	if (!ptr) {
		text->failed = true;
		return false;
	}
	text->ptr = ptr;
	text->cap = cap;
	return true;
}

void text_put(struct text *text, const char *bytes, size_t len)
{
	if (reserve(text, len)) {
		if (len) {
			memcpy(text->ptr + text->len, bytes, len);
		}
		text->len += len;
		text->ptr[text->len] = '\0';
	}
}

void text_put_string(struct text *text, const char *string)
{
	text_put(text, string, strlen(string));
}

void text_fini(struct text *text)
{
	free(text->ptr);
	memset(text, 0, sizeof(*text));
}

/* Bytes of the sequence that a lead byte starts; 0 for what is no lead. */
static size_t sequence_length(unsigned char lead)
{
	if (lead < 0x80) {
		return 1;
	}
	if (lead < 0xc2) {
		return 0;
	}
	if (lead < 0xe0) {
		return 2;
	}
	if (lead < 0xf0) {
		return 3;
	}
	return lead < 0xf5 ? 4 : 0;
}

/* RFC 3629 narrows the second byte after some leads. */
static bool second_fits(unsigned char lead, unsigned char second)
{
	switch (lead) {
	case 0xe0:
		return second >= 0xa0;
	case 0xed:
		return second <= 0x9f;
	case 0xf0:
		return second >= 0x90;
	case 0xf4:
		return second <= 0x8f;
	default:
		return true;
	}
}

/* Length of the valid character at the start; 0 when there is none. */
static size_t character(const char *bytes, size_t len)
{
	const unsigned char *at = (const unsigned char *)bytes;
	size_t need = sequence_length(at[0]);

	if (need == 0 || need > len) {
		return 0;
	}
	for (size_t i = 1; i < need; i++) {
		if ((at[i] & 0xc0) != 0x80) {
			return 0;
		}
	}
	return need == 1 || second_fits(at[0], at[1]) ? need : 0;
}

size_t text_whole(const char *bytes, size_t len)
{
	for (size_t back = 1; back <= 3 && back <= len; back++) {
		unsigned char byte = (unsigned char)bytes[len - back];

		if ((byte & 0xc0) != 0x80) {
			return sequence_length(byte) > back ? len - back : len;
		}
	}
	return len;
}

static void put_escaped(struct text *text, unsigned char byte)
{
	char escaped[8];

	switch (byte) {
	case '"':
		text_put_string(text, "\\\"");
		break;
	case '\\':
		text_put_string(text, "\\\\");
		break;
	case '\n':
		text_put_string(text, "\\n");
		break;
	case '\t':
		text_put_string(text, "\\t");
		break;
	default:
		(void)snprintf(escaped, sizeof(escaped), "\\u%04x", byte);
		text_put_string(text, escaped);
	}
}

void text_put_json(struct text *text, const char *bytes, size_t len)
{
	text_put_string(text, "\"");
	for (size_t at = 0; at < len;) {
		unsigned char byte = (unsigned char)bytes[at];
		size_t size = character(bytes + at, len - at);

		if (size == 0) {
			text_put_string(text, "\xef\xbf\xbd");
			at++;
		} else if (byte < 0x20 || byte == '"' || byte == '\\') {
			put_escaped(text, byte);
			at++;
		} else {
			text_put(text, bytes + at, size);
			at += size;
		}
	}
	text_put_string(text, "\"");
}

/* Where the string ends that starts at `at`: behind its closing quote. */
static size_t skip_string(const char *bytes, size_t len, size_t at)
{
	for (at++; at < len && bytes[at] != '"'; at++) {
		if (bytes[at] == '\\') {
			at++;
		}
	}
	return at + 1;
}

bool text_is_one_json(const char *bytes, size_t len)
{
	size_t depth = 0;
	size_t at = 0;

	while (at < len) {
		char c = bytes[at];

		if (c == '"') {
			at = skip_string(bytes, len, at);
			continue;
		}
		if (c == '[' || c == '{') {
			depth++;
		} else if (depth == 0 && c && strchr(",:]}", c)) {
			return false;
		} else if (c == ']' || c == '}') {
			depth--;
		}
		at++;
	}
	return depth == 0 && at == len;
}

static bool list_reserve(struct list *list)
{
	if (list->failed || list->len + 1 < list->cap) {
		return !list->failed;
	}
	size_t cap = list->cap ? list->cap * 2 : 16;
	char **items = realloc(list->items, cap * sizeof(*items));

	if (!items) {
		list->failed = true;
		return false;
	}
	list->items = items;
	list->cap = cap;
	return true;
}

void list_add(struct list *list, struct tutti_slice first,
	      struct tutti_slice rest)
{
	char *item =
	    list_reserve(list) ? malloc(first.len + rest.len + 1) : NULL;

	if (!item) {
		list->failed = true;
		return;
	}
	if (first.len) {
		memcpy(item, first.ptr, first.len);
	}
	if (rest.len) {
		memcpy(item + first.len, rest.ptr, rest.len);
	}
	item[first.len + rest.len] = '\0';
	list->items[list->len++] = item;
	list->items[list->len] = NULL;
}

void list_fini(struct list *list)
{
	for (size_t i = 0; i < list->len; i++) {
		free(list->items[i]);
	}
	free(list->items);
	memset(list, 0, sizeof(*list));
}
