/* Clauses compared as a whole, alternative by alternative. */
#include <string.h>

#include "filter/hash.h"
#include "filter/term.h"

static uint64_t mix(uint64_t hash, uint64_t more)
{
	hash = (hash ^ more) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

static uint64_t hash_pieces(uint64_t seed, uint32_t key,
			    const struct pieces *pieces)
{
	uint64_t hash = pieces->len;

	for (size_t i = 0; i < pieces->len; i++) {
		hash = mix(hash,
			   hash_text(seed, HASH_CLAUSE, key, pieces->list[i]));
	}
	return hash;
}

static uint64_t hash_bound(uint64_t seed, uint32_t key,
			   const struct bound *bound)
{
	return mix(hash_leaf(seed, key, &bound->number), bound->inclusive);
}

static uint64_t hash_list(uint64_t seed, uint32_t key,
			  const struct alternative *list, size_t len);

static uint64_t hash_alternative(uint64_t seed, uint32_t key,
				 const struct alternative *one)
{
	switch (one->kind) {
	case ALTERNATIVE_EQUAL:
		return hash_leaf(seed, key, &one->as.operand);
	case ALTERNATIVE_WILDCARD:
		return hash_pieces(seed, key, &one->as.pieces);
	case ALTERNATIVE_RANGE:
		return mix(hash_bound(seed, key, &one->as.range->lower),
			   hash_bound(seed, key, &one->as.range->upper));
	case ALTERNATIVE_CIDR:
		return hash_text(seed, HASH_CLAUSE, key, one->as.network->text);
	case ALTERNATIVE_BUT:
		return hash_list(seed, key, one->as.excluded.list,
				 one->as.excluded.len);
	case ALTERNATIVE_EXISTS:
	case ALTERNATIVE_ABSENT:
		return 0;
	default:
		return hash_text(seed, HASH_CLAUSE, key, one->as.text);
	}
}

static uint64_t hash_list(uint64_t seed, uint32_t key,
			  const struct alternative *list, size_t len)
{
	uint64_t hash = mix(seed, len);

	for (size_t i = 0; i < len; i++) {
		hash = mix(hash, list[i].kind);
		hash = mix(hash, hash_alternative(seed, key, &list[i]));
	}
	return hash;
}

uint64_t term_clause_hash(uint64_t seed, uint32_t key,
			  const struct clause *clause)
{
	return mix(hash_list(seed, key, clause->alternatives, clause->len),
		   key);
}

static bool pieces_equal(const struct pieces *a, const struct pieces *b)
{
	bool equal = a->len == b->len;

	for (size_t i = 0; equal && i < a->len; i++) {
		equal = slice_equal(a->list[i], b->list[i]);
	}
	return equal;
}

static bool bounds_equal(const struct bound *a, const struct bound *b)
{
	return a->inclusive == b->inclusive &&
	       value_equal(&a->number, &b->number);
}

static bool lists_equal(const struct alternative *a, size_t a_len,
			const struct alternative *b, size_t b_len);

static bool alternatives_equal(const struct alternative *a,
			       const struct alternative *b)
{
	if (a->kind != b->kind) {
		return false;
	}
	switch (a->kind) {
	case ALTERNATIVE_EQUAL:
		return value_equal(&a->as.operand, &b->as.operand);
	case ALTERNATIVE_WILDCARD:
		return pieces_equal(&a->as.pieces, &b->as.pieces);
	case ALTERNATIVE_RANGE:
		return bounds_equal(&a->as.range->lower, &b->as.range->lower) &&
		       bounds_equal(&a->as.range->upper, &b->as.range->upper);
	case ALTERNATIVE_CIDR:
		return slice_equal(a->as.network->text, b->as.network->text);
	case ALTERNATIVE_BUT:
		return lists_equal(a->as.excluded.list, a->as.excluded.len,
				   b->as.excluded.list, b->as.excluded.len);
	case ALTERNATIVE_EXISTS:
	case ALTERNATIVE_ABSENT:
		return true;
	default:
		return slice_equal(a->as.text, b->as.text);
	}
}

static bool lists_equal(const struct alternative *a, size_t a_len,
			const struct alternative *b, size_t b_len)
{
	bool equal = a_len == b_len;

	for (size_t i = 0; equal && i < a_len; i++) {
		equal = alternatives_equal(&a[i], &b[i]);
	}
	return equal;
}

bool term_clauses_equal(const struct clause *a, const struct clause *b)
{
	return slice_equal(a->path, b->path) &&
	       lists_equal(a->alternatives, a->len, b->alternatives, b->len);
}
