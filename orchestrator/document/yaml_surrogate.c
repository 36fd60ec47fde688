#include "document/yaml_surrogate.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "document/number.h"
#include "document/yaml_quoted.h"

#define PAIR_LEN 12 /* \ud83d\ude00 */
#define LONG_LEN 10 /* \U0001f600 */

static bool unit_at(struct slice text, size_t at, uint64_t *ret_unit)
{
	return text.len - at >= 6 && text.ptr[at] == '\\' &&
	       text.ptr[at + 1] == 'u' &&
	       number_parse_digits((struct slice){ text.ptr + at + 2, 4 }, 16,
				   ret_unit);
}

/* The character of a pair at text[at]; 0 when there is none. */
static unsigned pair_at(struct slice text, size_t at)
{
	uint64_t high;
	uint64_t low;

	if (text.len - at < PAIR_LEN || !unit_at(text, at, &high) ||
	    high < 0xd800 || high > 0xdbff || !unit_at(text, at + 6, &low) ||
	    low < 0xdc00 || low > 0xdfff) {
		return 0;
	}
	return (unsigned)(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
}

static bool has_pair(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\\' && pair_at(text, i)) {
			return true;
		}
	}
	return false;
}

/*
 * Without what libyaml would stop at: \u4444\u4444 is as long. The copy is
 * only for finding quotes, so one behind an escaped backslash does no harm.
 */
static char *without_pairs(struct slice text)
{
	char *copy = slice_dup(text);

	for (size_t i = 0; i < text.len; i++) {
		if (copy[i] == '\\' && pair_at(text, i)) {
			memset(copy + i + 2, '4', 4);
			memset(copy + i + 8, '4', 4);
		}
	}
	return copy;
}

/* Elsewhere \ud83d means itself. */
static void find_quoted(struct slice text, const struct document_limits *limits,
			struct yaml_quoted *ret_quoted)
{
	char *copy = without_pairs(text);

	yaml_quoted_find((struct slice){ copy, text.len }, limits, ret_quoted);
	free(copy);
}

static void step(struct yaml_mark *mark, char c)
{
	if (c == '\n') {
		mark->line++;
		mark->column = 1;
	} else if (((unsigned char)c & 0xc0) != 0x80) {
		mark->column++;
	}
}

static bool starts_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

struct editing {
	struct slice text;
	size_t at;
	size_t index; /* of the character there */
	struct yaml_mark mark;
	struct yaml_edits *edits;
	struct buf out;
};

static void copy_character(struct editing *e)
{
	do {
		buf_put_byte(&e->out, (uint8_t)e->text.ptr[e->at]);
		step(&e->mark, e->text.ptr[e->at]);
		e->at++;
	} while (e->at < e->text.len && !starts_character(e->text.ptr[e->at]));
	e->index++;
}

static void copy_quoted(struct editing *e, size_t end)
{
	while (e->at < e->text.len && e->index < end) {
		bool escape = e->text.ptr[e->at] == '\\';
		unsigned point = escape ? pair_at(e->text, e->at) : 0;

		if (point) {
			struct yaml_edits *edits = e->edits;

			alloc_grow(edits->marks, edits->len, edits->cap);
			edits->marks[edits->len++] = e->mark;
			buf_printf(&e->out, "\\U%08x", point);
			e->mark.column += LONG_LEN;
			e->at += PAIR_LEN;
			e->index += PAIR_LEN;
			continue;
		}
		copy_character(e);
		/* An escaped backslash does not begin a pair. */
		if (escape && e->at < e->text.len) {
			copy_character(e);
		}
	}
}

char *yaml_surrogates_replace(struct slice text,
			      const struct document_limits *limits,
			      struct yaml_edits *edits)
{
	struct editing e = {
		.text = text,
		.mark = { 1, 1 },
		.edits = edits,
	};
	struct yaml_quoted quoted;

	if (!has_pair(text)) {
		return NULL;
	}
	find_quoted(text, limits, &quoted);
	for (size_t i = 0; i < quoted.len; i++) {
		while (e.at < text.len && e.index < quoted.ranges[i].start) {
			copy_character(&e);
		}
		copy_quoted(&e, quoted.ranges[i].end);
	}
	while (e.at < text.len) {
		copy_character(&e);
	}
	yaml_quoted_fini(&quoted);
	edits->text_len = e.out.len;
	return buf_take(&e.out);
}

static bool is_before(struct yaml_mark a, struct yaml_mark b)
{
	return a.line < b.line || (a.line == b.line && a.column < b.column);
}

/* How many edits lie before a position. */
static size_t edits_before(const struct yaml_edits *edits,
			   struct yaml_mark mark)
{
	size_t low = 0;
	size_t high = edits->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (is_before(edits->marks[middle], mark)) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

struct yaml_mark yaml_edits_original(const struct yaml_edits *edits,
				     struct yaml_mark mark)
{
	struct yaml_mark line = { mark.line, 0 };
	size_t count = edits_before(edits, mark) - edits_before(edits, line);

	mark.column += (unsigned)count * (PAIR_LEN - LONG_LEN);
	return mark;
}

void yaml_edits_fini(struct yaml_edits *edits)
{
	free(edits->marks);
	*edits = (struct yaml_edits){ 0 };
}
