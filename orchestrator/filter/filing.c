/* Entries go into the tables by the terms of their access clause, and out. */
#include <stdlib.h>

#include "base/alloc.h"
#include "filter/index.h"
#include "filter/term.h"

static uint32_t access_key(const struct entry *entry)
{
	const struct conjunction *conjunction = entry_conjunction(entry);

	return entry->item->keys[conjunction->clauses[entry->access]];
}

static const struct clause *access_clause(const struct entry *entry)
{
	return conjunction_clause(entry->filter, entry_conjunction(entry),
				  entry->access);
}

const struct clause *entry_access_clause(const struct filter_index *index,
					 uint32_t entry)
{
	return access_clause(&index->entries[entry]);
}

static bool is_for_all(const struct entry *entry)
{
	return !entry->filter || entry_conjunction(entry)->len == 0;
}

static uint32_t *positions(struct entry *entry)
{
	return entry->terms > 1 ? entry->positions.many : &entry->positions.one;
}

void entry_moved(struct filter_index *index, const struct posting *posting,
		 uint32_t position)
{
	positions(&index->entries[posting->entry])[posting->ordinal] = position;
}

/* What is counted per key, so that no table is probed in vain. */
static void count(struct filter_index *index, uint32_t key,
		  const struct term *term, int by)
{
	struct key *counted = &index->keys.list[key];

	switch (term->kind) {
	case TERM_EQUAL:
		counted->equal += (uint32_t)by;
		break;
	case TERM_FOLDED:
		counted->folded += (uint32_t)by;
		break;
	case TERM_AFFIX:
		key_count_affix(&index->keys, key, term->affix, term->length,
				by);
		break;
	case TERM_NETWORK:
		key_count_network(&index->keys, key, term->v6, term->length,
				  by);
		break;
	case TERM_GRAM:
		key_count_gram(&index->keys, key, term->hash, by);
		break;
	case TERM_RANGE:
	case TERM_NONE:
		break;
	}
}

static struct lists *lists_of(struct filter_index *index,
			      const struct term *term)
{
	return term->kind == TERM_EQUAL ? &index->equals : &index->others;
}

static uint32_t enter(struct filter_index *index, uint32_t key,
		      const struct term *term, struct posting posting)
{
	count(index, key, term, 1);
	if (term->kind == TERM_RANGE) {
		return ranges_add(&index->keys.list[key].ranges, term->lower,
				  term->upper, posting);
	}
	return lists_add(lists_of(index, term), term->hash, posting);
}

static void leave(struct filter_index *index, uint32_t key,
		  const struct term *term, uint32_t position)
{
	struct posting moved;

	count(index, key, term, -1);
	if (term->kind == TERM_RANGE) {
		ranges_remove(&index->keys.list[key].ranges, position);
	} else if (lists_remove(lists_of(index, term), term->hash, position,
				&moved)) {
		entry_moved(index, &moved, position);
	}
}

static void file_for_all(struct filter_index *index, uint32_t number)
{
	struct entry *entry = &index->entries[number];
	struct posting posting = { .guard = UINT64_MAX, .entry = number };

	entry->terms = 1;
	entry->positions.one = postings_add(&index->everything, posting);
}

static void unfile_for_all(struct filter_index *index, uint32_t number)
{
	uint32_t position = index->entries[number].positions.one;

	if (postings_remove(&index->everything, position)) {
		entry_moved(index,
			    &postings_first(&index->everything)[position],
			    position);
	}
}

static void make_positions(struct filter_index *index, struct entry *entry,
			   uint32_t terms)
{
	entry->terms = (uint16_t)terms;
	if (terms > 1) {
		entry->positions.many =
		    alloc_resize(NULL, terms, sizeof(uint32_t));
		index->positions_size += terms * sizeof(uint32_t);
	}
}

void index_file(struct filter_index *index, uint32_t number)
{
	struct entry *entry = &index->entries[number];

	if (is_for_all(entry)) {
		file_for_all(index, number);
		return;
	}
	const struct conjunction *conjunction = entry_conjunction(entry);

	entry->access = access_choose(index, entry->item, conjunction);
	const struct clause *clause = access_clause(entry);
	uint32_t key = access_key(entry);
	struct posting posting =
	    access_guard(index, entry->item, conjunction, entry->access);

	posting.entry = number;
	entry->grouped = !term_fits(clause);
	if (entry->grouped) {
		entry->terms = 1;
		entry->positions.one =
		    clause_groups_add(index, key, clause, posting);
		return;
	}
	make_positions(index, entry, clause->len);
	for (uint32_t i = 0; i < clause->len; i++) {
		struct term term =
		    term_of(index->seed, key, &clause->alternatives[i],
			    &index->scratch);

		posting.ordinal = (uint16_t)i;
		positions(entry)[i] = enter(index, key, &term, posting);
	}
}

static void leave_tables(struct filter_index *index, struct entry *entry)
{
	const struct clause *clause = access_clause(entry);
	uint32_t key = access_key(entry);

	for (uint32_t i = 0; i < clause->len; i++) {
		struct term term =
		    term_of(index->seed, key, &clause->alternatives[i],
			    &index->scratch);

		leave(index, key, &term, positions(entry)[i]);
	}
	if (entry->terms > 1) {
		index->positions_size -= entry->terms * sizeof(uint32_t);
		free(entry->positions.many);
	}
}

void index_unfile(struct filter_index *index, uint32_t number)
{
	struct entry *entry = &index->entries[number];

	if (is_for_all(entry)) {
		unfile_for_all(index, number);
	} else if (entry->grouped) {
		clause_groups_remove(index, access_key(entry),
				     access_clause(entry),
				     entry->positions.one);
	} else {
		leave_tables(index, entry);
	}
}
