#include "filter/term.h"

#include <math.h>
#include <string.h>

#include "filter/fold.h"
#include "filter/hash.h"

struct slice term_fold(struct slice text, struct buf *scratch)
{
	buf_clear(scratch);
	scratch->len =
	    fold_write(text, buf_reserve(scratch, fold_room(text.len) + 1));
	return buf_slice(scratch);
}

uint64_t term_gram_hash(uint64_t seed, uint32_t key, const char *bytes)
{
	const unsigned char *at = (const unsigned char *)bytes;
	uint64_t gram = (uint64_t)at[0] << 16 | (uint64_t)at[1] << 8 | at[2];

	gram =
	    (gram + 1 + ((uint64_t)key << 24)) * UINT64_C(0x9e3779b97f4a7c15);
	gram = (gram ^ gram >> 32 ^ seed) * UINT64_C(0xd6e8feb86659fd93);
	return gram ^ gram >> 32;
}

uint64_t term_network_hash(uint64_t seed, uint32_t key, bool v6, unsigned bits,
			   const unsigned char *address)
{
	char bytes[ADDRESS_SIZE + 2];
	size_t len = v6 ? ADDRESS_SIZE : 4;

	bytes[0] = (char)v6;
	bytes[1] = (char)bits;
	memcpy(bytes + 2, address, len);
	return hash_text(seed, HASH_NETWORK, key,
			 (struct slice){ bytes, len + 2 });
}

uint64_t term_affix_hash(uint64_t seed, uint32_t key, enum affix affix,
			 struct slice text, size_t len)
{
	static const enum hash_kind kinds[] = {
		[AFFIX_PREFIX] = HASH_PREFIX,
		[AFFIX_SUFFIX] = HASH_SUFFIX,
		[AFFIX_FOLDED_PREFIX] = HASH_FOLDED_PREFIX,
		[AFFIX_FOLDED_SUFFIX] = HASH_FOLDED_SUFFIX,
	};

	if (affix == AFFIX_SUFFIX || affix == AFFIX_FOLDED_SUFFIX) {
		text.ptr += text.len - len;
	}
	text.len = len;
	return hash_text(seed, kinds[affix], key, text);
}

static struct term affix_term(uint64_t seed, uint32_t key, enum affix affix,
			      struct slice text)
{
	unsigned length = affix_class(text.len);

	return (struct term){
		.kind = TERM_AFFIX,
		.affix = affix,
		.length = length,
		.hash = term_affix_hash(seed, key, affix, text,
					affix_lengths[length]),
	};
}

/* Of the pieces of text, the same one always: that of the least hash. */
static struct term gram_term(uint64_t seed, uint32_t key, struct slice piece)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i + GRAM <= piece.len; i++) {
		uint64_t hash = term_gram_hash(seed, key, piece.ptr + i);

		least = hash < least ? hash : least;
	}
	return (struct term){ .kind = TERM_GRAM, .hash = least };
}

static struct slice longest_inner(const struct pieces *pieces)
{
	struct slice longest = { 0 };

	for (size_t i = 1; i + 1 < pieces->len; i++) {
		if (pieces->list[i].len > longest.len) {
			longest = pieces->list[i];
		}
	}
	return longest;
}

/* By its beginning or end, unless more can be told from what lies between. */
static struct term wildcard_term(uint64_t seed, uint32_t key,
				 const struct pieces *pieces)
{
	struct slice first = pieces->list[0];
	struct slice last = pieces->list[pieces->len - 1];
	struct slice inner = longest_inner(pieces);

	if (pieces->len == 1) {
		struct value text = { .type = VALUE_STRING };

		text.as.text = first;
		return (struct term){
			.kind = TERM_EQUAL,
			.hash = hash_leaf(seed, key, &text),
		};
	}
	if (inner.len >= GRAM && first.len < GRAM && last.len < GRAM) {
		return gram_term(seed, key, inner);
	}
	if (first.len >= last.len && first.len > 0) {
		return affix_term(seed, key, AFFIX_PREFIX, first);
	}
	if (last.len > 0) {
		return affix_term(seed, key, AFFIX_SUFFIX, last);
	}
	return (struct term){ .kind = TERM_NONE };
}

static struct term range_term(uint64_t seed, uint32_t key,
			      const struct range *range)
{
	const struct value *lower = &range->lower.number;
	const struct value *upper = &range->upper.number;

	if (lower->type != VALUE_NULL && upper->type != VALUE_NULL &&
	    value_compare_numbers(lower, upper) == 0) {
		return (struct term){
			.kind = TERM_EQUAL,
			.hash = hash_leaf(seed, key, lower),
		};
	}
	return (struct term){
		.kind = TERM_RANGE,
		.lower = lower->type == VALUE_NULL ? -HUGE_VAL
						   : value_as_double(lower),
		.upper = upper->type == VALUE_NULL ? HUGE_VAL
						   : value_as_double(upper),
	};
}

static struct term folded_term(uint64_t seed, uint32_t key,
			       enum alternative_kind kind, struct slice text,
			       struct buf *scratch)
{
	struct slice folded = term_fold(text, scratch);

	if (kind == ALTERNATIVE_FOLDED_PREFIX) {
		return affix_term(seed, key, AFFIX_FOLDED_PREFIX, folded);
	}
	if (kind == ALTERNATIVE_FOLDED_SUFFIX) {
		return affix_term(seed, key, AFFIX_FOLDED_SUFFIX, folded);
	}
	return (struct term){
		.kind = TERM_FOLDED,
		.hash = hash_text(seed, HASH_FOLDED, key, folded),
	};
}

static struct term network_term(uint64_t seed, uint32_t key,
				const struct network *network)
{
	return (struct term){
		.kind = TERM_NETWORK,
		.length = network->bits,
		.v6 = network->v6,
		.hash = term_network_hash(seed, key, network->v6, network->bits,
					  network->address),
	};
}

struct term term_of(uint64_t seed, uint32_t key,
		    const struct alternative *alternative, struct buf *scratch)
{
	switch (alternative->kind) {
	case ALTERNATIVE_EQUAL:
		return (struct term){
			.kind = TERM_EQUAL,
			.hash = hash_leaf(seed, key, &alternative->as.operand),
		};
	case ALTERNATIVE_PREFIX:
		return affix_term(seed, key, AFFIX_PREFIX,
				  alternative->as.text);
	case ALTERNATIVE_SUFFIX:
		return affix_term(seed, key, AFFIX_SUFFIX,
				  alternative->as.text);
	case ALTERNATIVE_FOLDED:
	case ALTERNATIVE_FOLDED_PREFIX:
	case ALTERNATIVE_FOLDED_SUFFIX:
		return folded_term(seed, key, alternative->kind,
				   alternative->as.text, scratch);
	case ALTERNATIVE_WILDCARD:
		return wildcard_term(seed, key, &alternative->as.pieces);
	case ALTERNATIVE_RANGE:
		return range_term(seed, key, alternative->as.range);
	case ALTERNATIVE_CIDR:
		return network_term(seed, key, alternative->as.network);
	case ALTERNATIVE_EXISTS:
	case ALTERNATIVE_ABSENT:
	case ALTERNATIVE_BUT:
		break;
	}
	return (struct term){ .kind = TERM_NONE };
}

static bool wildcard_fits(const struct pieces *pieces)
{
	return pieces->list[0].len || pieces->list[pieces->len - 1].len ||
	       pieces->len == 1 || longest_inner(pieces).len >= GRAM;
}

bool term_fits(const struct clause *clause)
{
	for (uint32_t i = 0; i < clause->len; i++) {
		const struct alternative *one = &clause->alternatives[i];

		switch (one->kind) {
		case ALTERNATIVE_EXISTS:
		case ALTERNATIVE_ABSENT:
		case ALTERNATIVE_BUT:
			return false;
		case ALTERNATIVE_WILDCARD:
			if (!wildcard_fits(&one->as.pieces)) {
				return false;
			}
			break;
		default:
			break;
		}
	}
	return true;
}
