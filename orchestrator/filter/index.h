/*
 * The inside of an index: private to this room.
 *
 * Each conjunction of a filter is an entry, filed under one of its clauses
 * only: the one that is expected to be true least often (access.h). A match
 * probes the tables with what the message holds, which gives candidates, and
 * tests those against all of their clauses. (Access predicates: Fabret et al.,
 * "Filtering algorithms and implementation for very fast publish/subscribe
 * systems", SIGMOD 2001.)
 */
#ifndef FILTER_INDEX_H
#define FILTER_INDEX_H

#include "filter/clause.h"
#include "filter/consistency.h"
#include "filter/message.h"
#include "filter/postings.h"
#include "filter/slots.h"

/* One filter. */
struct item {
	const struct filter *filter; /* NULL: everything */
	uint64_t born;
	uint64_t retired; /* UINT64_MAX: not yet */
	uint32_t id;
	uint32_t matched; /* the last match that it was found in */
	uint32_t first;   /* of its entries; they are linked */
	uint32_t keys[];  /* by clause */
};

#define CACHE_LINE 64 /* bytes that come from memory together */

/* One conjunction of a filter. */
struct entry {
	struct item *item;
	const struct filter *filter; /* the item's, one step nearer */
	/* Where its terms stand: positions in lists, numbers of ranges. */
	union {
		uint32_t one;
		uint32_t *many;
	} positions;
	uint32_t next; /* of the same filter; 0: the last */
	uint32_t seen; /* the last match that it was a candidate of */
	uint16_t conjunction;
	uint16_t access; /* clause of the conjunction */
	uint16_t terms;
	bool grouped;  /* its access clause is a group's */
	uint8_t lines; /* of memory, that are worth fetching of the filter */
};

/* A clause that no table can hold, and all entries filed under it. */
struct group {
	uint64_t hash;
	uint32_t key;
	uint32_t place; /* in the key's list, or in that of the absent */
	const struct clause *clause; /* of one of the entries */
	struct postings postings;
};

struct groups {
	struct slots slots;
	struct group *list; /* 0 is not used */
	uint32_t len;
	uint32_t cap;
	uint32_t free; /* a chain through `place` */
	/* Those that hold when their key has no leaf. */
	uint32_t *absent;
	uint32_t absent_len;
	uint32_t absent_cap;
	size_t heap;
};

/* So many candidates are collected before they are tested. */
#define CANDIDATES_MAX 1024

struct filter_index {
	uint64_t seed;
	struct keys keys;
	struct lists equals; /* filters on a value, by the value */
	/* By all else. These are few, and are asked for more often than found:
	 * in a table of their own that stays in the cache. */
	struct lists others;
	struct groups groups;
	struct postings everything; /* conjunctions without a clause */
	struct item **items;        /* by id */
	size_t items_cap;
	size_t len;
	size_t items_size;     /* bytes */
	struct entry *entries; /* 0 is not used */
	uint32_t entries_len;
	uint32_t entries_cap;
	uint32_t entries_free; /* a chain through `next` */
	size_t positions_size; /* bytes */
	struct buf scratch;

	/* Of the match at work. */
	struct message message;
	struct consistency consistency;
	uint64_t generation;
	uint32_t epoch; /* number of the match */
	/* Lists whose value is in the message. */
	const struct postings **hits;
	size_t hits_len;
	size_t hits_cap;
	uint32_t candidates[CANDIDATES_MAX];
	size_t candidates_len;
	size_t looked_at; /* candidates of this match */
	uint32_t *found;
	size_t found_len;
	size_t found_cap;
	uint32_t *sorted; /* as long as `found` */
	size_t sorted_cap;
};

static inline const struct clause *
conjunction_clause(const struct filter *filter,
		   const struct conjunction *conjunction, size_t i)
{
	return &filter->clauses[conjunction->clauses[i]];
}

/* The entry's conjunction; not of one whose filter is NULL. */
static inline const struct conjunction *entry_conjunction(const struct entry *e)
{
	return &e->filter->conjunctions[e->conjunction];
}

/* filing.c: enter the entry's terms into the tables, and take them out. */
void index_file(struct filter_index *index, uint32_t entry);
void index_unfile(struct filter_index *index, uint32_t entry);

/* access.c: which clause the conjunction is best filed under; and the guard of
 * another one for its postings. */
uint16_t access_choose(struct filter_index *index, const struct item *item,
		       const struct conjunction *conjunction);
struct posting access_guard(const struct filter_index *index,
			    const struct item *item,
			    const struct conjunction *conjunction,
			    uint16_t access);

/* groups.c */
void clause_groups_fini(struct groups *groups);
uint32_t clause_groups_add(struct filter_index *index, uint32_t key,
			   const struct clause *clause, struct posting posting);
void clause_groups_remove(struct filter_index *index, uint32_t key,
			  const struct clause *clause, uint32_t position);
size_t clause_groups_size(const struct groups *groups);

/* A posting of the entry stands at another position now. */
void entry_moved(struct filter_index *index, const struct posting *posting,
		 uint32_t position);
/* The clause under which the entry is filed. */
const struct clause *entry_access_clause(const struct filter_index *index,
					 uint32_t entry);

/* probe.c: candidates for the message. */
void index_probe(struct filter_index *index);

/* verify.c: does the clause's leaf or absence satisfy it? */
bool index_clause_holds(const struct filter_index *index,
			const struct clause *clause, uint32_t key);
/* All candidates so far; ids of the filters that match go to `found`. */
void index_verify(struct filter_index *index);

/* sort.c: how many were found, and their ids, ascending. */
size_t index_sort(struct filter_index *index, const uint32_t **ret_ids);

#endif
