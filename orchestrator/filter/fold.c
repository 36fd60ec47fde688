#include "filter/fold.h"

#include <stddef.h>

#include "base/utf8.h"

struct fold_run {
	uint32_t first;
	uint32_t last;
	uint32_t stride;
	int32_t delta;
};

#include "fold_table.h" /* made by fold_table.awk */

#define RUNS (sizeof(fold_runs) / sizeof(fold_runs[0]))

/* The last run that does not begin after the character. */
static const struct fold_run *run_find(uint32_t character)
{
	size_t low = 0;
	size_t high = RUNS;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (fold_runs[middle].first <= character) {
			low = middle;
		} else {
			high = middle;
		}
	}
	return &fold_runs[low];
}

uint32_t fold_character(uint32_t character)
{
	if (character < 0x80) {
		return character >= 'A' && character <= 'Z' ? character + 32
							    : character;
	}
	const struct fold_run *run = run_find(character);

	if (character > run->last ||
	    (character - run->first) % run->stride != 0) {
		return character;
	}
	return (uint32_t)((int32_t)character + run->delta);
}

/* The first character, folded, which is taken off the text. A byte that is no
 * UTF-8 is a character that nothing else is. */
static uint32_t take_first(struct slice *text)
{
	uint32_t character = (unsigned char)text->ptr[0];
	size_t size = 1;

	if (character >= 0x80) {
		uint32_t point = utf8_decode(*text, &size);

		character = size == 1 ? UINT32_MAX - character : point;
	}
	text->ptr += size;
	text->len -= size;
	return fold_character(character);
}

static size_t last_size(struct slice text)
{
	size_t size = 1;

	while (size < text.len && size < 4 &&
	       ((unsigned char)text.ptr[text.len - size] & 0xc0) == 0x80) {
		size++;
	}
	return size;
}

static uint32_t take_last(struct slice *text)
{
	size_t size = last_size(*text);
	struct slice last = { text->ptr + text->len - size, size };
	uint32_t character = take_first(&last);

	if (last.len) {
		last = (struct slice){ text->ptr + text->len - 1, 1 };
		size = 1;
		character = take_first(&last);
	}
	text->len -= size;
	return character;
}

bool fold_starts_with(struct slice text, struct slice prefix)
{
	while (prefix.len) {
		if (text.len == 0 || take_first(&text) != take_first(&prefix)) {
			return false;
		}
	}
	return true;
}

bool fold_ends_with(struct slice text, struct slice suffix)
{
	while (suffix.len) {
		if (text.len == 0 || take_last(&text) != take_last(&suffix)) {
			return false;
		}
	}
	return true;
}

bool fold_equal(struct slice a, struct slice b)
{
	while (a.len && b.len) {
		if (take_first(&a) != take_first(&b)) {
			return false;
		}
	}
	return a.len == b.len;
}

/* Some characters of two bytes fold to one of three; none grows more. */
size_t fold_room(size_t len)
{
	return len + len / 2;
}

static size_t put(uint32_t character, char *out)
{
	unsigned char *bytes = (unsigned char *)out;
	static const unsigned char leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t size = character < 0x80      ? 1
		      : character < 0x800   ? 2
		      : character < 0x10000 ? 3
					    : 4;

	for (size_t i = size - 1; i > 0; i--) {
		bytes[i] = (unsigned char)(0x80 | (character & 0x3f));
		character >>= 6;
	}
	bytes[0] = (unsigned char)(leads[size] | character);
	return size;
}

size_t fold_write(struct slice text, char *out)
{
	char *end = out;

	while (text.len) {
		uint32_t character = take_first(&text);

		if (character > 0x10ffff) {
			*end++ = text.ptr[-1];
		} else {
			end += put(character, end);
		}
	}
	return (size_t)(end - out);
}
