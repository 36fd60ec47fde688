#include <stdlib.h>

#include "base/alloc.h"
#include "filter/index.h"
#include "filter/term.h"

void clause_groups_fini(struct groups *groups)
{
	for (uint32_t i = 1; i < groups->len; i++) {
		postings_fini(&groups->list[i].postings);
	}
	slots_fini(&groups->slots);
	free(groups->list);
	free(groups->absent);
}

size_t clause_groups_size(const struct groups *groups)
{
	size_t slots = groups->slots.list ? groups->slots.mask + 1 : 0;

	return groups->heap + groups->cap * sizeof(*groups->list) +
	       groups->absent_cap * sizeof(*groups->absent) +
	       slots * sizeof(*groups->slots.list);
}

/* The group's number, or 0; and the hash that it has or would have. */
static uint32_t find(const struct filter_index *index, uint32_t key,
		     const struct clause *clause, uint64_t *ret_hash)
{
	uint64_t hash = term_clause_hash(index->seed, key, clause);
	size_t at = (size_t)hash;
	uint32_t number;

	while ((number = slots_next(&index->groups.slots, hash, &at))) {
		const struct group *group = &index->groups.list[number];

		if (term_clauses_equal(group->clause, clause)) {
			break;
		}
	}
	*ret_hash = hash;
	return number;
}

static uint32_t new_group(struct groups *groups)
{
	uint32_t number = groups->free;

	if (number) {
		groups->free = groups->list[number].place;
		return number;
	}
	if (groups->len == 0) {
		groups->len = 1;
	}
	if (groups->len >= groups->cap) {
		groups->cap = groups->cap ? groups->cap * 2 : 8;
		groups->list = alloc_resize(groups->list, groups->cap,
					    sizeof(*groups->list));
	}
	return groups->len++;
}

/* The list that the group stands in: its key's, or that of the absent. */
struct standing {
	uint32_t **list;
	uint32_t *len;
	uint32_t *cap;
};

static struct standing standing_of(struct filter_index *index, uint32_t number,
				   bool absent)
{
	struct key *key = &index->keys.list[number];

	if (absent) {
		return (struct standing){ &index->groups.absent,
					  &index->groups.absent_len,
					  &index->groups.absent_cap };
	}
	return (struct standing){ &key->groups, &key->groups_len,
				  &key->groups_cap };
}

static uint32_t open_group(struct filter_index *index, uint32_t key,
			   const struct clause *clause, uint64_t hash)
{
	struct standing standing = standing_of(index, key, clause->absent);
	uint32_t number = new_group(&index->groups);

	alloc_grow(*standing.list, *standing.len, *standing.cap);
	index->groups.list[number] = (struct group){
		.hash = hash,
		.key = key,
		.place = *standing.len,
		.clause = clause,
	};
	(*standing.list)[(*standing.len)++] = number;
	slots_add(&index->groups.slots, hash, number);
	return number;
}

static void close_group(struct filter_index *index, uint32_t number)
{
	struct group *group = &index->groups.list[number];
	struct standing standing =
	    standing_of(index, group->key, group->clause->absent);
	uint32_t last = (*standing.list)[--(*standing.len)];

	(*standing.list)[group->place] = last;
	index->groups.list[last].place = group->place;
	slots_remove(&index->groups.slots, group->hash, number);
	*group = (struct group){ .place = index->groups.free };
	index->groups.free = number;
}

uint32_t clause_groups_add(struct filter_index *index, uint32_t key,
			   const struct clause *clause, struct posting posting)
{
	uint64_t hash;
	uint32_t number = find(index, key, clause, &hash);

	if (!number) {
		number = open_group(index, key, clause, hash);
	}
	struct postings *postings = &index->groups.list[number].postings;

	index->groups.heap -= postings_size(postings);
	uint32_t position = postings_add(postings, posting);

	index->groups.heap += postings_size(postings);
	return position;
}

void clause_groups_remove(struct filter_index *index, uint32_t key,
			  const struct clause *clause, uint32_t position)
{
	uint64_t hash;
	uint32_t number = find(index, key, clause, &hash);
	struct group *group = &index->groups.list[number];
	struct postings *postings = &group->postings;

	index->groups.heap -= postings_size(postings);
	bool moved = postings_remove(postings, position);

	index->groups.heap += postings_size(postings);
	if (moved) {
		entry_moved(index, &postings_first(postings)[position],
			    position);
	}
	if (postings->len == 0) {
		close_group(index, number);
	} else {
		/* The clause at hand was perhaps that of who leaves. */
		group->clause =
		    entry_access_clause(index, postings_first(postings)->entry);
	}
}
