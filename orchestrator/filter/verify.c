/* Candidates tested against all of their clauses. */
#include "base/alloc.h"
#include "filter/index.h"

/* How a clause is satisfied. */
enum reach {
	REACH_NONE,
	REACH_BOUND, /* only by leaves inside elements of lists */
	REACH_FREE,  /* also by one outside of any, or by absence */
};

/* Told of each leaf that an alternative accepts; true when that is enough. */
typedef bool leaf_visitor(void *arg, const struct leaf *leaf);

static bool each_of_many(const struct message *message, uint32_t key,
			 const struct alternative *one, leaf_visitor *visit,
			 void *arg)
{
	bool equal = one->kind == ALTERNATIVE_EQUAL;
	uint32_t at = equal ? message_find(message, key, &one->as.operand)
			    : message->seen[key].first;

	while (at) {
		const struct leaf *leaf = &message->leaves[at];

		if ((equal || alternative_accepts(one, &leaf->value)) &&
		    visit(arg, leaf)) {
			return true;
		}
		at = equal ? leaf->same : leaf->next;
	}
	return false;
}

static void each_accepted(const struct message *message,
			  const struct clause *clause, uint32_t key,
			  leaf_visitor *visit, void *arg)
{
	uint32_t at = message->seen[key].first;

	if (message_has_many(message, key)) {
		for (uint32_t i = 0; i < clause->len; i++) {
			if (each_of_many(message, key, &clause->alternatives[i],
					 visit, arg)) {
				return;
			}
		}
		return;
	}
	for (; at; at = message->leaves[at].next) {
		const struct leaf *leaf = &message->leaves[at];

		if (clause_accepts(clause, &leaf->value) && visit(arg, leaf)) {
			return;
		}
	}
}

static bool note_reach(void *arg, const struct leaf *leaf)
{
	enum reach *reach = arg;

	*reach = leaf->trail == 0 ? REACH_FREE : REACH_BOUND;
	return *reach == REACH_FREE;
}

static enum reach reach_of(const struct message *message,
			   const struct clause *clause, uint32_t key)
{
	enum reach reach = REACH_NONE;

	if (!message->seen[key].first) {
		return clause->absent ? REACH_FREE : REACH_NONE;
	}
	each_accepted(message, clause, key, note_reach, &reach);
	return reach;
}

bool index_clause_holds(const struct filter_index *index,
			const struct clause *clause, uint32_t key)
{
	return reach_of(&index->message, clause, key) != REACH_NONE;
}

static bool note_trail(void *arg, const struct leaf *leaf)
{
	consistency_add_trail(arg, leaf->trail);
	return false;
}

/* Each clause holds by itself, at least two only inside of lists. */
static bool agrees(struct filter_index *index, const struct item *item,
		   const struct conjunction *conjunction)
{
	consistency_begin(&index->consistency);
	for (size_t i = 0; i < conjunction->len; i++) {
		const struct clause *clause =
		    conjunction_clause(item->filter, conjunction, i);
		uint32_t key = item->keys[conjunction->clauses[i]];

		if (reach_of(&index->message, clause, key) == REACH_BOUND) {
			consistency_add_goal(&index->consistency);
			each_accepted(&index->message, clause, key, note_trail,
				      &index->consistency);
		}
	}
	return consistency_holds(&index->consistency, &index->message);
}

static bool holds(struct filter_index *index, const struct item *item,
		  const struct conjunction *conjunction)
{
	size_t bound = 0;

	for (size_t i = 0; i < conjunction->len; i++) {
		enum reach reach =
		    reach_of(&index->message,
			     conjunction_clause(item->filter, conjunction, i),
			     item->keys[conjunction->clauses[i]]);

		if (reach == REACH_NONE) {
			return false;
		}
		bound += reach == REACH_BOUND;
	}
	return bound < 2 || agrees(index, item, conjunction);
}

static void verify(struct filter_index *index, struct entry *entry)
{
	struct item *item = entry->item;

	if (entry->seen == index->epoch || item->matched == index->epoch) {
		return;
	}
	entry->seen = index->epoch;
	if (index->generation < item->born ||
	    index->generation >= item->retired) {
		return;
	}
	if (entry->filter && !holds(index, item, entry_conjunction(entry))) {
		return;
	}
	item->matched = index->epoch;
	alloc_grow(index->found, index->found_len, index->found_cap);
	index->found[index->found_len++] = item->id;
}

/*
 * What a candidate needs lies in several places, found through its entry. For
 * a batch of them each is asked for at once, so that the batch waits twice and
 * not each of them.
 */
#define BATCH 32

/*
 * Only a hint: the address need not be anybody's. A compiler may leave out
 * calls of functions that do nothing but hint, and gcc did; the empty statement
 * is one that it must keep.
 */
static void fetch_line(const void *start, size_t offset)
{
	__builtin_prefetch((const void *)((uintptr_t)start + offset));
	__asm__ volatile("");
}

static void fetch(const struct filter_index *index, const uint32_t *list,
		  size_t len)
{
	for (size_t i = 0; i < len; i++) {
		fetch_line(&index->entries[list[i]], 0);
	}
	for (size_t i = 0; i < len; i++) {
		const struct entry *entry = &index->entries[list[i]];

		fetch_line(entry->item, 0);
		fetch_line(entry->item, sizeof(struct item));
		for (size_t line = 0; line < entry->lines; line++) {
			fetch_line(entry->filter, line * CACHE_LINE);
		}
	}
}

void index_verify(struct filter_index *index)
{
	for (size_t i = 0; i < index->candidates_len; i++) {
		const uint32_t *list = &index->candidates[i];
		size_t left = index->candidates_len - i;

		if (i % BATCH == 0) {
			fetch(index, list, left < BATCH ? left : BATCH);
		}
		verify(index, &index->entries[*list]);
	}
	index->candidates_len = 0;
}
