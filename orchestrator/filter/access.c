#include <math.h>

#include "filter/hash.h"
#include "filter/index.h"
#include "filter/term.h"

/*
 * How likely an alternative is to be true of some message, roughly. Values
 * that filters ask for are taken as a picture of those that messages hold: the
 * more different ones at a key, the rarer is each.
 */
static double equal_chance(const struct filter_index *index,
			   const struct key *key, uint32_t number,
			   const struct value *operand)
{
	const struct postings *list =
	    lists_find(&index->equals, hash_leaf(index->seed, number, operand));
	double crowd = list ? list->len : 0;

	if (operand->type == VALUE_BOOL || operand->type == VALUE_NULL) {
		return 0.3;
	}
	return fmax(1 / (1 + key->sketch.estimate),
		    crowd / (key->equal + 16.0));
}

static double text_chance(double per_byte, double least, size_t len)
{
	return fmax(least, pow(per_byte, fmin((double)len, 16)));
}

static double wildcard_chance(const struct pieces *pieces)
{
	size_t outer = pieces->list[0].len > pieces->list[pieces->len - 1].len
			   ? pieces->list[0].len
			   : pieces->list[pieces->len - 1].len;

	return text_chance(0.5, 0.05, outer < 3 ? 3 : outer);
}

static double network_chance(const struct network *network)
{
	return pow(0.5, network->bits / (network->v6 ? 16.0 : 4.0));
}

static double range_chance(const struct range *range)
{
	bool both = range->lower.number.type != VALUE_NULL &&
		    range->upper.number.type != VALUE_NULL;

	return both ? 0.15 : 0.4;
}

static double chance(const struct filter_index *index, uint32_t number,
		     const struct alternative *one)
{
	const struct key *key = &index->keys.list[number];

	switch (one->kind) {
	case ALTERNATIVE_EQUAL:
		return equal_chance(index, key, number, &one->as.operand);
	case ALTERNATIVE_FOLDED:
		return 1.5 / (1 + key->sketch.estimate);
	case ALTERNATIVE_PREFIX:
	case ALTERNATIVE_FOLDED_PREFIX:
		return text_chance(0.4, 0.02, one->as.text.len);
	case ALTERNATIVE_SUFFIX:
	case ALTERNATIVE_FOLDED_SUFFIX:
		return text_chance(0.5, 0.05, one->as.text.len);
	case ALTERNATIVE_WILDCARD:
		return wildcard_chance(&one->as.pieces);
	case ALTERNATIVE_CIDR:
		return network_chance(one->as.network);
	case ALTERNATIVE_RANGE:
		return range_chance(one->as.range);
	case ALTERNATIVE_EXISTS:
		return 0.8;
	case ALTERNATIVE_BUT:
		return 0.9;
	case ALTERNATIVE_ABSENT:
		break;
	}
	return 0.95;
}

/* Clauses that only a group can hold cost a test with every message. */
#define GROUP_COST 1

static double clause_cost(const struct filter_index *index, uint32_t key,
			  const struct clause *clause, bool fits)
{
	double sum = fits ? 0 : GROUP_COST;

	for (uint32_t i = 0; i < clause->len && sum < 2; i++) {
		sum += chance(index, key, &clause->alternatives[i]);
	}
	return sum;
}

/* Operands are counted whether or not the clause is the one chosen. */
static void learn(struct filter_index *index, uint32_t number,
		  const struct clause *clause)
{
	struct key *key = &index->keys.list[number];

	for (uint32_t i = 0; i < clause->len; i++) {
		const struct alternative *one = &clause->alternatives[i];

		if (one->kind == ALTERNATIVE_EQUAL) {
			sketch_add(&key->sketch, hash_leaf(index->seed, number,
							   &one->as.operand));
		}
	}
}

uint16_t access_choose(struct filter_index *index, const struct item *item,
		       const struct conjunction *conjunction)
{
	double least = HUGE_VAL;
	uint16_t best = 0;

	for (size_t i = 0; i < conjunction->len; i++) {
		const struct clause *clause =
		    conjunction_clause(item->filter, conjunction, i);
		uint32_t key = item->keys[conjunction->clauses[i]];

		learn(index, key, clause);
		if (conjunction->len == 1) {
			break;
		}
		double cost =
		    clause_cost(index, key, clause, term_fits(clause));

		if (cost < least) {
			least = cost;
			best = (uint16_t)i;
		}
	}
	return best;
}

/* The bits of all leaves that may satisfy the clause. */
static uint64_t mask_of(const struct filter_index *index, uint32_t key,
			const struct clause *clause)
{
	uint64_t mask = 0;

	for (uint32_t i = 0; i < clause->len; i++) {
		const struct alternative *one = &clause->alternatives[i];

		if (one->kind != ALTERNATIVE_EQUAL) {
			return UINT64_MAX;
		}
		uint64_t hash = hash_leaf(index->seed, key, &one->as.operand);

		mask |= 1ULL << hash % 64;
	}
	return mask;
}

struct posting access_guard(const struct filter_index *index,
			    const struct item *item,
			    const struct conjunction *conjunction,
			    uint16_t access)
{
	struct posting guard = { .guard = UINT64_MAX };
	int fewest = 65;

	for (size_t i = 0; i < conjunction->len; i++) {
		const struct clause *clause =
		    conjunction_clause(item->filter, conjunction, i);
		uint32_t key = item->keys[conjunction->clauses[i]];

		if (i == access || clause->absent || key > UINT16_MAX) {
			continue;
		}
		uint64_t mask = mask_of(index, key, clause);
		int bits = __builtin_popcountll(mask);

		if (bits < fewest) {
			fewest = bits;
			guard.guard = mask;
			guard.guard_key = (uint16_t)key;
		}
	}
	return guard;
}
