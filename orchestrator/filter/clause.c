#include "filter/clause.h"

#include "filter/address.h"
#include "filter/fold.h"
#include "filter/wildcard.h"

bool value_is_leaf(const struct value *value)
{
	switch (value->type) {
	case VALUE_ARRAY:
	case VALUE_MAP:
	case VALUE_BYTES:
		return false;
	default:
		return true;
	}
}

static bool above(const struct value *number, const struct bound *lower)
{
	int order = value_compare_numbers(number, &lower->number);

	return order > 0 || (order == 0 && lower->inclusive);
}

static bool below(const struct value *number, const struct bound *upper)
{
	int order = value_compare_numbers(number, &upper->number);

	return order < 0 || (order == 0 && upper->inclusive);
}

static bool in_range(const struct value *leaf, const struct range *range)
{
	return value_is_number(leaf) &&
	       (range->lower.number.type == VALUE_NULL ||
		above(leaf, &range->lower)) &&
	       (range->upper.number.type == VALUE_NULL ||
		below(leaf, &range->upper));
}

static bool in_network(struct slice text, const struct network *network)
{
	struct address address;

	return address_parse(text, &address) &&
	       network_contains(network, &address);
}

static bool accepts_text(const struct alternative *alternative,
			 struct slice text)
{
	switch (alternative->kind) {
	case ALTERNATIVE_PREFIX:
		return slice_starts_with(text, alternative->as.text);
	case ALTERNATIVE_SUFFIX:
		return slice_ends_with(text, alternative->as.text);
	case ALTERNATIVE_FOLDED:
		return fold_equal(text, alternative->as.text);
	case ALTERNATIVE_FOLDED_PREFIX:
		return fold_starts_with(text, alternative->as.text);
	case ALTERNATIVE_FOLDED_SUFFIX:
		return fold_ends_with(text, alternative->as.text);
	case ALTERNATIVE_WILDCARD:
		return wildcard_matches(&alternative->as.pieces, text);
	case ALTERNATIVE_CIDR:
		return in_network(text, alternative->as.network);
	default:
		return false;
	}
}

static bool accepts_none_of(const struct alternative *list, size_t len,
			    const struct value *leaf)
{
	for (size_t i = 0; i < len; i++) {
		if (alternative_accepts(&list[i], leaf)) {
			return false;
		}
	}
	return true;
}

bool alternative_accepts(const struct alternative *alternative,
			 const struct value *leaf)
{
	switch (alternative->kind) {
	case ALTERNATIVE_EQUAL:
		return value_equal(leaf, &alternative->as.operand);
	case ALTERNATIVE_RANGE:
		return in_range(leaf, alternative->as.range);
	case ALTERNATIVE_EXISTS:
		return true;
	case ALTERNATIVE_ABSENT:
		return false;
	case ALTERNATIVE_BUT:
		return accepts_none_of(alternative->as.excluded.list,
				       alternative->as.excluded.len, leaf);
	default:
		return leaf->type == VALUE_STRING &&
		       accepts_text(alternative, leaf->as.text);
	}
}

bool clause_accepts(const struct clause *clause, const struct value *leaf)
{
	for (uint32_t i = 0; i < clause->len; i++) {
		if (alternative_accepts(&clause->alternatives[i], leaf)) {
			return true;
		}
	}
	return false;
}
