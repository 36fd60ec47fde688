/*
 * A merge sort from the bottom up that begins with the pieces that are in order
 * already: what a step of the engine changes comes in long ones.
 */
#include "store/batch_order.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct sorting {
	const struct batch *batch;
	size_t *order;
	size_t *spare;
	size_t *ends; /* of the pieces, in `order` */
	size_t pieces;
};

static uint64_t word_at(const char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return be64toh(word);
}

/* As memcmp() says, without the call for most: nearly all keys begin with a
 * run's id. What is left at the end is compared with what was before it. */
static int compare_bytes(const char *a, const char *b, size_t len)
{
	const size_t size = sizeof(uint64_t);

	if (len < size) {
		return len ? memcmp(a, b, len) : 0;
	}
	for (size_t at = 0;;
	     at = at + 2 * size > len ? len - size : at + size) {
		uint64_t left = word_at(a + at);
		uint64_t right = word_at(b + at);

		if (left != right) {
			return left < right ? -1 : 1;
		}
		if (at + size == len) {
			return 0;
		}
	}
}

int batch_compare(const struct batch *batch, const struct operation *a,
		  const struct operation *b)
{
	if (a->table != b->table) {
		return a->table < b->table ? -1 : 1;
	}
	size_t len = a->key_len < b->key_len ? a->key_len : b->key_len;
	int order = compare_bytes(batch->bytes.data + a->offset,
				  batch->bytes.data + b->offset, len);

	if (order || a->key_len == b->key_len) {
		return order;
	}
	return a->key_len < b->key_len ? -1 : 1;
}

static int compare(const struct sorting *sorting, size_t a, size_t b)
{
	return batch_compare(sorting->batch, &sorting->batch->operations[a],
			     &sorting->batch->operations[b]);
}

static void find_pieces(struct sorting *sorting, size_t len)
{
	for (size_t i = 1; i < len; i++) {
		if (compare(sorting, sorting->order[i - 1], sorting->order[i]) >
		    0) {
			sorting->ends[sorting->pieces++] = i;
		}
	}
	sorting->ends[sorting->pieces++] = len;
}

/* Two pieces that follow one another, into the same place of `spare`. */
static void merge(const struct sorting *sorting, size_t begin, size_t middle,
		  size_t end)
{
	const size_t *order = sorting->order;
	size_t left = begin;
	size_t right = middle;
	size_t at = begin;

	while (left < middle && right < end) {
		bool later = compare(sorting, order[left], order[right]) > 0;

		sorting->spare[at++] = order[later ? right++ : left++];
	}
	memcpy(sorting->spare + at, order + left,
	       (middle - left) * sizeof(*order));
	at += middle - left;
	memcpy(sorting->spare + at, order + right,
	       (end - right) * sizeof(*order));
}

static void merge_pairs(struct sorting *sorting)
{
	size_t begin = 0;
	size_t merged = 0;

	for (size_t i = 0; i < sorting->pieces; i += 2) {
		size_t middle = sorting->ends[i];
		size_t end =
		    i + 1 < sorting->pieces ? sorting->ends[i + 1] : middle;

		merge(sorting, begin, middle, end);
		sorting->ends[merged++] = end;
		begin = end;
	}
	sorting->pieces = merged;

	size_t *order = sorting->order;

	sorting->order = sorting->spare;
	sorting->spare = order;
}

void batch_order(const struct batch *batch, size_t begin, size_t end,
		 size_t **ret_order)
{
	size_t len = end - begin;
	struct sorting sorting = {
		.batch = batch,
		.order = alloc_bytes((len + 1) * sizeof(size_t)),
		.spare = alloc_bytes((len + 1) * sizeof(size_t)),
		.ends = alloc_bytes((len + 1) * sizeof(size_t)),
	};

	for (size_t i = 0; i < len; i++) {
		sorting.order[i] = begin + i;
	}
	find_pieces(&sorting, len);
	while (sorting.pieces > 1) {
		merge_pairs(&sorting);
	}
	free(sorting.spare);
	free(sorting.ends);
	*ret_order = sorting.order;
}
