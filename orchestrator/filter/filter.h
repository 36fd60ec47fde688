/*
 * Filters on a run's attributes. The language is that of SNS filter policies
 * and EventBridge patterns: a map from attribute to a list of alternatives,
 * AND over keys, OR within a list, each alternative tested against one leaf at
 * a time. Objects add to the path, arrays vanish from it; {"a": {"b": [...]}}
 * and {"a.b": [...]} are the same. Two keys are never satisfied by different
 * elements of the same array. docs/filters.md has the rules and the bounds.
 *
 * Pure: no store, no globals. A compiled filter is constant and may be matched
 * on several threads at once; an index belongs to one thread.
 */
#ifndef FILTER_FILTER_H
#define FILTER_FILTER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "document/value.h"

struct filter;

/*
 * `document` null or an empty map matches everything. On failure E_INVALID or
 * E_TOO_BIG, with the path inside the filter and what was expected:
 * "filter.size[0].numeric: a number must follow '<'". The filter keeps nothing
 * of the document.
 */
int filter_compile(const struct value *document, struct filter **ret_filter,
		   struct err *reterr);

/*
 * Where in the document the mistake lies, for callers that know more of it
 * than its value: steps[i] is the index of the map's entry or of the list's
 * element on the i-th level. `at_key` when the last entry's key is to blame
 * and not what it holds.
 */
#define FILTER_FAULT_DEPTH 40

struct filter_fault {
	size_t depth;
	size_t steps[FILTER_FAULT_DEPTH];
	bool at_key;
};

/* As filter_compile(); fills *ret_fault on failure. */
int filter_compile_located(const struct value *document,
			   struct filter **ret_filter,
			   struct filter_fault *ret_fault, struct err *reterr);

/* NULL is fine. */
void filter_destroy(struct filter *filter);

/* Bytes of memory that the compiled filter takes. */
size_t filter_size(const struct filter *filter);

/*
 * The limits of SNS, for those whose filters must also be valid there: at most
 * five top-level keys, at most 150 combinations (per key the number of values
 * times its nesting depth, multiplied over the keys, summed over the branches
 * of an $or), and no nested keys for a policy on message attributes.
 */
enum filter_limits {
	FILTER_LIMITS_NONE,
	FILTER_LIMITS_SNS_ATTRIBUTES, /* "sns-attributes" */
	FILTER_LIMITS_SNS_BODY,       /* "sns-body" */
	FILTER_LIMITS_KINDS,
};

/* "none", "sns-attributes", "sns-body"; E_NOT_FOUND for anything else. */
int filter_limits_parse(struct slice name, enum filter_limits *ret_limits);
const char *filter_limits_name(enum filter_limits limits);

/* For a document that compiles. E_TOO_BIG with the limit and the number. */
int filter_check_limits(const struct value *document, enum filter_limits limits,
			struct err *reterr);

/* `attributes` is a map, or null for none; anything else matches an empty
 * filter only. A NULL filter matches. */
bool filter_match(const struct filter *filter, const struct value *attributes);

/* Why a filter does or does not match. */
struct filter_explanation {
	bool matches;
	/*
	 * The first clause that failed, as written: {path: [alternatives]}.
	 * With several that hold one by one, but not within one element of a
	 * list: all of those. With $or, of the branch that came furthest. Null
	 * when the filter matches.
	 */
	struct value clause;
	/* The leaves seen at its path, at most FILTER_SEEN_MAX; an array. */
	struct value seen;
	size_t seen_count; /* all of them */
	char *sentence;    /* for people; "" when it matches */
};

#define FILTER_SEEN_MAX 8

/* Release it with filter_explanation_fini(). */
void filter_explain(const struct filter *filter, const struct value *attributes,
		    struct filter_explanation *ret_explanation);
void filter_explanation_fini(struct filter_explanation *explanation);

/*
 * Many filters, matched at once: the cost is near that of the filters that
 * match, not of all there are. Filters are borrowed and must outlive their
 * entry. Ids are the caller's own and dense: memory grows with the greatest.
 *
 * Generations are the caller's numbers and never go back. A filter is seen by
 * matches in generations from the one it was added in up to, but without, the
 * one it was retired in; so whoever stays with one generation sees one set of
 * filters, whatever is added and retired meanwhile. A retired filter stays in
 * the index until it is removed.
 *
 * Adding and removing cost O(alternatives of one clause per conjunction); a
 * match allocates nothing once its buffers have grown.
 */
struct filter_index;

/* `seed` makes hashes unpredictable to those who write filters. */
struct filter_index *filter_index_create(uint64_t seed);
void filter_index_destroy(struct filter_index *index);

/* A NULL filter matches everything. The id must not be in use. */
void filter_index_add(struct filter_index *index, const struct filter *filter,
		      uint32_t id, uint64_t generation);

/* E_NOT_FOUND when there is no such entry, or it is retired already. */
int filter_index_retire(struct filter_index *index, uint32_t id,
			uint64_t generation);

/* Retired or not, the entry is no more. E_NOT_FOUND. */
int filter_index_remove(struct filter_index *index, uint32_t id);

/* Filters in the index, retired ones among them; and its bytes of memory,
 * without the filters'. */
size_t filter_index_len(const struct filter_index *index);
size_t filter_index_size(const struct filter_index *index);

/*
 * Ids of all that match, ascending. The result is valid until the next call
 * on this index.
 */
size_t filter_index_match(struct filter_index *index,
			  const struct value *attributes, uint64_t generation,
			  const uint32_t **ret_ids);

/*
 * The same for attributes in MessagePack that pack_check() has passed, without
 * making a value of them. What is no MessagePack ends the message where it
 * is.
 */
size_t filter_index_match_packed(struct filter_index *index,
				 struct slice attributes, uint64_t generation,
				 const uint32_t **ret_ids);

#endif
