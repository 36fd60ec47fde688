#include "store/tails.h"

#include <stdlib.h>
#include <string.h>

#include "store/record.h"

#define HEADER_SIZE (1 + ID_SIZE)
#define TAIL_SIZE   4

/* The last six of the 26 digits, five bits each. */
#define TAIL_DIGITS 6
#define DIGIT_BITS  5
#define DIGIT_MASK  31u

/* The last digit first: all with the same end stand together. */
static uint32_t tail_of(const struct id *id)
{
	uint32_t low = read_u32(id->bytes + ID_SIZE - TAIL_SIZE);
	uint32_t tail = 0;

	for (int i = 0; i < TAIL_DIGITS; i++) {
		tail = tail << DIGIT_BITS | (low & DIGIT_MASK);
		low >>= DIGIT_BITS;
	}
	return tail;
}

static int compare(const void *a, const void *b)
{
	uint32_t first = *(const uint32_t *)a;
	uint32_t second = *(const uint32_t *)b;

	return (first > second) - (first < second);
}

void segment_encode(struct buf *out, const struct id *first,
		    const struct id *ids, size_t len)
{
	uint32_t tails[TAILS_SEGMENT];

	for (size_t i = 0; i < len; i++) {
		tails[i] = tail_of(&ids[i]);
	}
	qsort(tails, len, sizeof(*tails), compare);
	record_begin(out);
	buf_put(out, first->bytes, ID_SIZE);
	for (size_t i = 0; i < len; i++) {
		buf_put_u32(out, tails[i]);
	}
}

int segment_decode(struct slice key, struct slice value,
		   struct segment *ret_segment)
{
	struct segment segment;

	if (key.len != ID_SIZE || value.len < HEADER_SIZE + TAIL_SIZE ||
	    value.ptr[0] != RECORD_FORMAT ||
	    (value.len - HEADER_SIZE) % TAIL_SIZE != 0) {
		return E_CORRUPT;
	}
	memcpy(segment.last.bytes, key.ptr, ID_SIZE);
	memcpy(segment.first.bytes, value.ptr + 1, ID_SIZE);
	segment.tails = value.ptr + HEADER_SIZE;
	segment.len = (value.len - HEADER_SIZE) / TAIL_SIZE;
	if (id_compare(&segment.first, &segment.last) > 0) {
		return E_CORRUPT;
	}
	*ret_segment = segment;
	return 0;
}

static uint32_t tail_at(const struct segment *segment, size_t index)
{
	return read_u32(segment->tails + index * TAIL_SIZE);
}

bool segment_is_sorted(const struct segment *segment)
{
	for (size_t i = 1; i < segment->len; i++) {
		if (tail_at(segment, i - 1) > tail_at(segment, i)) {
			return false;
		}
	}
	return true;
}

bool segment_has(const struct segment *segment, const struct id *from,
		 const struct id *to)
{
	uint32_t wanted = tail_of(from);
	size_t begin = 0;
	size_t end = segment->len;

	while (begin < end) {
		size_t middle = begin + (end - begin) / 2;

		if (tail_at(segment, middle) < wanted) {
			begin = middle + 1;
		} else {
			end = middle;
		}
	}
	return begin < segment->len && tail_at(segment, begin) <= tail_of(to);
}
