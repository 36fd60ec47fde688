#include "filter/filter.h"

static const char *const names[FILTER_LIMITS_KINDS] = {
	[FILTER_LIMITS_NONE] = "none",
	[FILTER_LIMITS_SNS_ATTRIBUTES] = "sns-attributes",
	[FILTER_LIMITS_SNS_BODY] = "sns-body",
};

int filter_limits_parse(struct slice name, enum filter_limits *ret_limits)
{
	for (int i = 0; i < FILTER_LIMITS_KINDS; i++) {
		if (slice_is(name, names[i])) {
			*ret_limits = (enum filter_limits)i;
			return 0;
		}
	}
	return E_NOT_FOUND;
}

const char *filter_limits_name(enum filter_limits limits)
{
	return names[limits];
}

#define KEYS_MAX         5
#define COMBINATIONS_MAX 150

/* Beyond this the number itself is not interesting. */
#define COMBINATIONS_SHOWN 1000000000

static size_t bounded(size_t combinations)
{
	return combinations < COMBINATIONS_SHOWN ? combinations
						 : COMBINATIONS_SHOWN;
}

static size_t count_map(const struct value *map, size_t depth);

static size_t count_branches(const struct value *list, size_t depth)
{
	size_t sum = 0;

	for (size_t i = 0; i < value_len(list); i++) {
		sum = bounded(sum + count_map(value_at(list, i), depth));
	}
	return sum;
}

static size_t count_entry(const struct value_entry *entry, size_t depth)
{
	if (slice_is(entry->key, "$or")) {
		return count_branches(&entry->value, depth);
	}
	if (entry->value.type == VALUE_MAP) {
		return count_map(&entry->value, depth + 1);
	}
	return bounded(value_len(&entry->value) * depth);
}

static size_t count_map(const struct value *map, size_t depth)
{
	size_t product = 1;

	for (size_t i = 0; i < value_len(map); i++) {
		product = bounded(product *
				  count_entry(value_entry_at(map, i), depth));
	}
	return product;
}

static size_t deepest_of(const struct value *map);

static size_t levels(const struct value_entry *entry)
{
	size_t deepest = 1;

	if (!slice_is(entry->key, "$or")) {
		return entry->value.type == VALUE_MAP
			   ? 1 + deepest_of(&entry->value)
			   : 1;
	}
	for (size_t i = 0; i < value_len(&entry->value); i++) {
		size_t depth = deepest_of(value_at(&entry->value, i));

		deepest = depth > deepest ? depth : deepest;
	}
	return deepest;
}

static size_t deepest_of(const struct value *map)
{
	size_t deepest = 1;

	for (size_t i = 0; i < value_len(map); i++) {
		size_t depth = levels(value_entry_at(map, i));

		deepest = depth > deepest ? depth : deepest;
	}
	return deepest;
}

int filter_check_limits(const struct value *document, enum filter_limits limits,
			struct err *reterr)
{
	if (limits == FILTER_LIMITS_NONE) {
		return 0;
	}
	if (value_len(document) > KEYS_MAX) {
		return err_set(reterr, E_TOO_BIG,
			       "filter: %zu keys, but SNS takes at most %d",
			       value_len(document), KEYS_MAX);
	}
	size_t depth = deepest_of(document);

	if (limits == FILTER_LIMITS_SNS_ATTRIBUTES && depth > 1) {
		return err_set(reterr, E_TOO_BIG,
			       "filter: keys nested over %zu levels, but SNS "
			       "takes only 1 for message attributes",
			       depth);
	}
	size_t combinations = count_map(document, 1);

	if (combinations > COMBINATIONS_MAX) {
		return err_set(reterr, E_TOO_BIG,
			       "filter: %zu combinations, but SNS takes at "
			       "most %d",
			       combinations, COMBINATIONS_MAX);
	}
	return 0;
}
