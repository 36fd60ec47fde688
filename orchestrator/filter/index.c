#include "filter/filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "document/pack.h"

struct entry {
	const struct filter *filter;
	uint32_t id;
	uint64_t born;
	uint64_t retired; /* UINT64_MAX: not yet */
};

struct filter_index {
	struct entry *entries; /* by id, ascending */
	size_t len;
	size_t cap;
	uint32_t *found; /* the last result, as long as `entries` */
	size_t found_cap;
};

struct filter_index *filter_index_create(uint64_t seed)
{
	(void)seed;
	return alloc_zeroed(1, sizeof(struct filter_index));
}

void filter_index_destroy(struct filter_index *index)
{
	if (index) {
		free(index->entries);
		free(index->found);
		free(index);
	}
}

/* The first place whose id is not below `id`. */
static size_t place_of(const struct filter_index *index, uint32_t id)
{
	size_t low = 0;
	size_t high = index->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (index->entries[middle].id < id) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

void filter_index_add(struct filter_index *index, const struct filter *filter,
		      uint32_t id, uint64_t generation)
{
	alloc_grow(index->entries, index->len, index->cap);
	size_t place = place_of(index, id);

	memmove(&index->entries[place + 1], &index->entries[place],
		(index->len - place) * sizeof(*index->entries));
	index->entries[place] =
	    (struct entry){ filter, id, generation, UINT64_MAX };
	index->len++;
}

static struct entry *find(const struct filter_index *index, uint32_t id)
{
	size_t place = place_of(index, id);

	if (place == index->len || index->entries[place].id != id) {
		return NULL;
	}
	return &index->entries[place];
}

int filter_index_retire(struct filter_index *index, uint32_t id,
			uint64_t generation)
{
	struct entry *entry = find(index, id);

	if (!entry || entry->retired != UINT64_MAX) {
		return E_NOT_FOUND;
	}
	entry->retired = generation;
	return 0;
}

int filter_index_remove(struct filter_index *index, uint32_t id)
{
	size_t place = place_of(index, id);

	if (place == index->len || index->entries[place].id != id) {
		return E_NOT_FOUND;
	}
	index->len--;
	memmove(&index->entries[place], &index->entries[place + 1],
		(index->len - place) * sizeof(*index->entries));
	return 0;
}

size_t filter_index_len(const struct filter_index *index)
{
	return index->len;
}

size_t filter_index_size(const struct filter_index *index)
{
	return index->cap * sizeof(*index->entries);
}

size_t filter_index_match(struct filter_index *index,
			  const struct value *attributes, uint64_t generation,
			  const uint32_t **ret_ids)
{
	size_t len = 0;

	if (index->found_cap < index->cap) {
		index->found_cap = index->cap;
		index->found = alloc_resize(index->found, index->found_cap,
					    sizeof(*index->found));
	}
	for (size_t i = 0; i < index->len; i++) {
		const struct entry *entry = &index->entries[i];

		if (entry->born <= generation && generation < entry->retired &&
		    filter_match(entry->filter, attributes)) {
			index->found[len++] = index->entries[i].id;
		}
	}
	*ret_ids = index->found;
	return len;
}

size_t filter_index_match_packed(struct filter_index *index,
				 struct slice attributes, uint64_t generation,
				 const uint32_t **ret_ids)
{
	struct value value = value_null();

	(void)pack_read(attributes, NULL, &value, NULL);
	size_t len = filter_index_match(index, &value, generation, ret_ids);

	value_clear(&value);
	return len;
}
