/* The ids found, ascending. */
#include <string.h>

#include "base/alloc.h"
#include "filter/index.h"

#define FEW   48
#define DIGIT 11 /* bits */
#define RADIX (1u << DIGIT)

static void insert_all(uint32_t *ids, size_t len)
{
	for (size_t i = 1; i < len; i++) {
		uint32_t id = ids[i];
		size_t at = i;

		for (; at && ids[at - 1] > id; at--) {
			ids[at] = ids[at - 1];
		}
		ids[at] = id;
	}
}

/* One pass of a radix sort: stable, by the digit at `shift`. */
static void sort_digit(const uint32_t *from, uint32_t *to, size_t len,
		       unsigned shift)
{
	uint32_t starts[RADIX] = { 0 };
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++) {
		starts[from[i] >> shift & (RADIX - 1)]++;
	}
	for (size_t i = 0; i < RADIX; i++) {
		uint32_t count = starts[i];

		starts[i] = sum;
		sum += count;
	}
	for (size_t i = 0; i < len; i++) {
		to[starts[from[i] >> shift & (RADIX - 1)]++] = from[i];
	}
}

static const uint32_t *sort_many(struct filter_index *index)
{
	size_t len = index->found_len;
	uint32_t *from = index->found;
	uint32_t *to;

	if (index->sorted_cap < index->found_cap) {
		index->sorted_cap = index->found_cap;
		index->sorted = alloc_resize(index->sorted, index->sorted_cap,
					     sizeof(*index->sorted));
	}
	to = index->sorted;
	for (unsigned shift = 0; shift < 32 && (index->items_cap - 1) >> shift;
	     shift += DIGIT) {
		uint32_t *done = to;

		sort_digit(from, to, len, shift);
		to = from;
		from = done;
	}
	return from;
}

size_t index_sort(struct filter_index *index, const uint32_t **ret_ids)
{
	if (index->found_len <= FEW) {
		insert_all(index->found, index->found_len);
		*ret_ids = index->found;
	} else {
		*ret_ids = sort_many(index);
	}
	return index->found_len;
}
