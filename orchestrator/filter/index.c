#include "filter/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct filter_index *filter_index_create(uint64_t seed)
{
	struct filter_index *index = alloc_zeroed(1, sizeof(*index));

	index->seed = seed;
	index->keys.seed = seed;
	return index;
}

static size_t item_size(const struct filter *filter)
{
	size_t clauses = filter ? filter->clause_count : 0;

	return sizeof(struct item) + clauses * sizeof(uint32_t);
}

void filter_index_destroy(struct filter_index *index)
{
	if (!index) {
		return;
	}
	for (size_t id = 0; id < index->items_cap; id++) {
		free(index->items[id]);
	}
	for (uint32_t i = 1; i < index->entries_len; i++) {
		if (index->entries[i].terms > 1) {
			free(index->entries[i].positions.many);
		}
	}
	free(index->items);
	free(index->entries);
	keys_fini(&index->keys);
	lists_fini(&index->equals);
	lists_fini(&index->others);
	clause_groups_fini(&index->groups);
	postings_fini(&index->everything);
	buf_fini(&index->scratch);
	message_fini(&index->message);
	consistency_fini(&index->consistency);
	free(index->hits);
	free(index->found);
	free(index->sorted);
	free(index);
}

static uint32_t new_entry(struct filter_index *index)
{
	uint32_t number = index->entries_free;

	if (number) {
		index->entries_free = index->entries[number].next;
		return number;
	}
	if (index->entries_len == 0) {
		index->entries_len = 1;
	}
	if (index->entries_len >= index->entries_cap) {
		uint32_t cap = index->entries_cap;

		index->entries_cap = cap ? cap + cap / 2 : 16;
		index->entries =
		    alloc_resize(index->entries, index->entries_cap,
				 sizeof(*index->entries));
	}
	return index->entries_len++;
}

/* A filter of many alternatives is never read as a whole. */
#define LINES_MAX 8

static uint8_t lines_of(const struct filter *filter)
{
	if (!filter) {
		return 0;
	}
	size_t start = (uintptr_t)filter % CACHE_LINE;
	size_t lines = (start + filter->size + CACHE_LINE - 1) / CACHE_LINE;

	return lines < LINES_MAX ? (uint8_t)lines : LINES_MAX;
}

static void add_entry(struct filter_index *index, struct item *item,
		      size_t conjunction)
{
	uint32_t number = new_entry(index);

	index->entries[number] = (struct entry){
		.item = item,
		.filter = item->filter,
		.next = item->first,
		.conjunction = (uint16_t)conjunction,
		.lines = lines_of(item->filter),
	};
	item->first = number;
	index_file(index, number);
}

static void fit_items(struct filter_index *index, uint32_t id)
{
	size_t cap = index->items_cap;

	if (id < cap) {
		return;
	}
	while (cap <= id) {
		cap = cap ? cap + cap / 2 : 16;
	}
	index->items = alloc_resize(index->items, cap, sizeof(*index->items));
	memset(&index->items[index->items_cap], 0,
	       (cap - index->items_cap) * sizeof(*index->items));
	index->items_cap = cap;
}

static void use_keys(struct filter_index *index, struct item *item)
{
	for (size_t i = 0; i < item->filter->clause_count; i++) {
		item->keys[i] =
		    keys_use(&index->keys, item->filter->clauses[i].path);
	}
}

void filter_index_add(struct filter_index *index, const struct filter *filter,
		      uint32_t id, uint64_t generation)
{
	struct item *item = alloc_bytes(item_size(filter));

	*item = (struct item){
		.filter = filter,
		.born = generation,
		.retired = UINT64_MAX,
		.id = id,
	};
	fit_items(index, id);
	index->items[id] = item;
	index->items_size += item_size(filter);
	index->len++;
	if (!filter) {
		add_entry(index, item, 0);
		return;
	}
	use_keys(index, item);
	for (size_t i = 0; i < filter->conjunction_count; i++) {
		add_entry(index, item, i);
	}
}

static struct item *find(const struct filter_index *index, uint32_t id)
{
	return id < index->items_cap ? index->items[id] : NULL;
}

int filter_index_retire(struct filter_index *index, uint32_t id,
			uint64_t generation)
{
	struct item *item = find(index, id);

	if (!item || item->retired != UINT64_MAX) {
		return E_NOT_FOUND;
	}
	item->retired = generation;
	return 0;
}

static void remove_entries(struct filter_index *index, struct item *item)
{
	uint32_t number = item->first;

	while (number) {
		uint32_t next = index->entries[number].next;

		index_unfile(index, number);
		index->entries[number] =
		    (struct entry){ .next = index->entries_free };
		index->entries_free = number;
		number = next;
	}
}

int filter_index_remove(struct filter_index *index, uint32_t id)
{
	struct item *item = find(index, id);
	const struct filter *filter = item ? item->filter : NULL;

	if (!item) {
		return E_NOT_FOUND;
	}
	remove_entries(index, item);
	for (size_t i = 0; filter && i < filter->clause_count; i++) {
		keys_release(&index->keys, item->keys[i]);
	}
	index->items[id] = NULL;
	index->items_size -= item_size(filter);
	index->len--;
	free(item);
	return 0;
}

size_t filter_index_len(const struct filter_index *index)
{
	return index->len;
}

size_t filter_index_size(const struct filter_index *index)
{
	size_t buffers = index->found_cap + index->sorted_cap;

	return sizeof(*index) + keys_size(&index->keys) +
	       lists_size(&index->equals) + lists_size(&index->others) +
	       clause_groups_size(&index->groups) +
	       postings_size(&index->everything) +
	       index->items_cap * sizeof(*index->items) + index->items_size +
	       index->entries_cap * sizeof(*index->entries) +
	       index->positions_size + index->scratch.cap +
	       message_size(&index->message) + buffers * sizeof(*index->found);
}

/* Stamps of earlier matches must not look like this one's. */
static void next_epoch(struct filter_index *index)
{
	if (++index->epoch) {
		return;
	}
	for (size_t id = 0; id < index->items_cap; id++) {
		if (index->items[id]) {
			index->items[id]->matched = 0;
		}
	}
	for (uint32_t i = 1; i < index->entries_len; i++) {
		index->entries[i].seen = 0;
	}
	index->epoch = 1;
}

static size_t match(struct filter_index *index, uint64_t generation,
		    const uint32_t **ret_ids)
{
	next_epoch(index);
	index->generation = generation;
	index_probe(index);
	index_verify(index);
	return index_sort(index, ret_ids);
}

size_t filter_index_match(struct filter_index *index,
			  const struct value *attributes, uint64_t generation,
			  const uint32_t **ret_ids)
{
	message_begin(&index->message, &index->keys, &index->equals);
	message_read(&index->message, attributes);
	return match(index, generation, ret_ids);
}

size_t filter_index_match_packed(struct filter_index *index,
				 struct slice attributes, uint64_t generation,
				 const uint32_t **ret_ids)
{
	message_begin(&index->message, &index->keys, &index->equals);
	message_read_packed(&index->message, attributes);
	return match(index, generation, ret_ids);
}
