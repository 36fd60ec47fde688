#include "document/yaml_surrogate.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "document/json.h"
#include "document/number.h"

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

/* Only JSON: elsewhere \ud83d may be in single quotes and mean itself. */
static bool is_json(struct slice text, const struct document_limits *limits)
{
	struct value value;

	if (json_read(text, limits, &value, NULL) < 0) {
		return false;
	}
	value_clear(&value);
	return true;
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

static size_t copy_one(struct slice text, size_t at, struct yaml_mark *mark,
		       struct yaml_edits *edits, struct buf *out)
{
	unsigned point = text.ptr[at] == '\\' ? pair_at(text, at) : 0;

	if (point) {
		alloc_grow(edits->marks, edits->len, edits->cap);
		edits->marks[edits->len++] = *mark;
		buf_printf(out, "\\U%08x", point);
		mark->column += LONG_LEN;
		return PAIR_LEN;
	}
	/* An escaped backslash does not begin a pair. */
	size_t size = text.ptr[at] == '\\' && at + 1 < text.len ? 2 : 1;

	for (size_t i = 0; i < size; i++) {
		buf_put_byte(out, (uint8_t)text.ptr[at + i]);
		step(mark, text.ptr[at + i]);
	}
	return size;
}

char *yaml_surrogates_replace(struct slice text,
			      const struct document_limits *limits,
			      struct yaml_edits *edits)
{
	struct yaml_mark mark = { 1, 1 };
	struct buf out = { 0 };

	if (!has_pair(text) || !is_json(text, limits)) {
		return NULL;
	}
	for (size_t at = 0; at < text.len;) {
		at += copy_one(text, at, &mark, edits, &out);
	}
	edits->text_len = out.len;
	return buf_take(&out);
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
