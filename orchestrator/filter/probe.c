/* What the message holds, looked up in the tables: gives the candidates. */
#include "base/alloc.h"
#include "filter/address.h"
#include "filter/hash.h"
#include "filter/index.h"
#include "filter/term.h"

static void add_candidate(void *arg, const struct posting *posting)
{
	struct filter_index *index = arg;

	if (!(index->message.masks[posting->guard_key] & posting->guard)) {
		return;
	}
	if (index->candidates_len == CANDIDATES_MAX) {
		index_verify(index);
	}
	index->candidates[index->candidates_len++] = posting->entry;
	index->looked_at++;
}

static void add_postings(struct filter_index *index,
			 const struct postings *postings)
{
	const struct posting *list = postings_first(postings);

	for (uint32_t i = 0; i < postings->len; i++) {
		add_candidate(index, &list[i]);
	}
}

static void add_listed(struct filter_index *index, uint64_t hash)
{
	const struct postings *postings = lists_find(&index->others, hash);

	if (postings) {
		add_postings(index, postings);
	}
}

static void probe_affixes(struct filter_index *index, uint32_t key,
			  const struct affixes *affixes, enum affix affix,
			  struct slice text)
{
	for (uint32_t used = affixes->used[affix]; used; used &= used - 1) {
		size_t len = affix_lengths[__builtin_ctz(used)];

		if (len > text.len) {
			return;
		}
		add_listed(index,
			   term_affix_hash(index->seed, key, affix, text, len));
	}
}

static void probe_grams(struct filter_index *index, uint32_t key,
			const struct grams *grams, struct slice text)
{
	for (size_t i = 0; i + GRAM <= text.len; i++) {
		uint64_t hash = term_gram_hash(index->seed, key, text.ptr + i);

		if (grams->bits[hash % GRAM_BITS / 64] >> hash % 64 & 1) {
			add_listed(index, hash);
		}
	}
}

static void probe_networks(struct filter_index *index, uint32_t key,
			   const struct networks *networks, struct slice text)
{
	struct address address;

	if (!address_parse(text, &address) || !networks->total[address.v6]) {
		return;
	}
	/* From the longest mask down, so that bits only ever go. */
	for (unsigned bits = address.v6 ? 128 : 32; bits != UINT32_MAX;
	     bits--) {
		if (networks->count[address.v6][bits]) {
			address_mask(&address, bits);
			add_listed(index, term_network_hash(index->seed, key,
							    address.v6, bits,
							    address.bytes));
		}
	}
}

static void probe_folded(struct filter_index *index, uint32_t number,
			 const struct key *key, struct slice text)
{
	const struct affixes *affixes = key->affixes;
	bool has_affixes = affixes && (affixes->used[AFFIX_FOLDED_PREFIX] ||
				       affixes->used[AFFIX_FOLDED_SUFFIX]);

	if (!key->folded && !has_affixes) {
		return;
	}
	struct slice folded = term_fold(text, &index->scratch);

	if (key->folded) {
		add_listed(index,
			   hash_text(index->seed, HASH_FOLDED, number, folded));
	}
	if (has_affixes) {
		probe_affixes(index, number, affixes, AFFIX_FOLDED_PREFIX,
			      folded);
		probe_affixes(index, number, affixes, AFFIX_FOLDED_SUFFIX,
			      folded);
	}
}

static void probe_text(struct filter_index *index, uint32_t number,
		       const struct key *key, struct slice text)
{
	if (key->affixes) {
		probe_affixes(index, number, key->affixes, AFFIX_PREFIX, text);
		probe_affixes(index, number, key->affixes, AFFIX_SUFFIX, text);
	}
	if (key->grams && key->grams->count) {
		probe_grams(index, number, key->grams, text);
	}
	if (key->networks) {
		probe_networks(index, number, key->networks, text);
	}
	probe_folded(index, number, key, text);
}

/* Most leaves are looked up here. What is found is first asked for, all at
 * once, and then read. */
static void note_hit(struct filter_index *index, uint64_t hash)
{
	const struct postings *postings = lists_find(&index->equals, hash);

	if (!postings) {
		return;
	}
	if (postings->cap) {
		__builtin_prefetch(postings->as.many);
	} else {
		__builtin_prefetch(&index->entries[postings->as.one.entry]);
	}
	alloc_grow(index->hits, index->hits_len, index->hits_cap);
	index->hits[index->hits_len++] = postings;
}

static void add_hits(struct filter_index *index)
{
	for (size_t i = 0; i < index->hits_len; i++) {
		add_postings(index, index->hits[i]);
	}
}

static void probe_leaf(struct filter_index *index, uint32_t number,
		       const struct key *key, const struct leaf *leaf)
{
	if (leaf->value.type == VALUE_STRING) {
		probe_text(index, number, key, leaf->value.as.text);
	} else if (key->ranges.root && value_is_number(&leaf->value)) {
		ranges_find(&key->ranges, value_as_double(&leaf->value),
			    add_candidate, index);
	}
}

static void probe_group(struct filter_index *index, uint32_t number)
{
	const struct group *group = &index->groups.list[number];

	if (index_clause_holds(index, group->clause, group->key)) {
		add_postings(index, &group->postings);
	}
}

static void probe_key(struct filter_index *index, uint32_t number)
{
	const struct key *key = &index->keys.list[number];
	uint32_t at = index->message.seen[number].first;

	for (; at; at = index->message.leaves[at].next) {
		probe_leaf(index, number, key, &index->message.leaves[at]);
	}
	for (uint32_t i = 0; i < key->groups_len; i++) {
		probe_group(index, key->groups[i]);
	}
}

/* First what takes a while to come from memory, then what takes a while to
 * work out. */
void index_probe(struct filter_index *index)
{
	const struct message *message = &index->message;

	index->hits_len = 0;
	index->looked_at = 0;
	index->found_len = 0;
	for (uint32_t i = 1; i < message->len; i++) {
		const struct leaf *leaf = &message->leaves[i];

		if (index->keys.list[leaf->key].equal) {
			note_hit(index, leaf->hash);
		}
	}
	add_postings(index, &index->everything);
	if (message->refused) {
		return;
	}
	for (uint32_t i = 0; i < index->groups.absent_len; i++) {
		probe_group(index, index->groups.absent[i]);
	}
	for (uint32_t i = 0; i < message->touched_len; i++) {
		probe_key(index, message->touched[i]);
	}
	add_hits(index);
}
