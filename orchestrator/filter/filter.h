/*
 * Filters on a run's attributes. The language is that of SNS filter policies
 * and EventBridge patterns: a map from attribute to a list of alternatives,
 * AND over keys, OR within a list, each alternative tested against one leaf at
 * a time. Objects add to the path, arrays vanish from it; {"a": {"b": [...]}}
 * and {"a.b": [...]} are the same.
 *
 * Understood here: exact strings, numbers, true, false, null; {"prefix": s},
 * {"numeric": [op, n, ...]}, {"exists": true|false}, {"anything-but": x}.
 * Every other operator is refused by name.
 *
 * Pure: no store, no globals. A compiled filter is constant and may be matched
 * on several threads at once.
 */
#ifndef FILTER_FILTER_H
#define FILTER_FILTER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "document/value.h"

struct filter;

/*
 * `document` null or an empty map matches everything. On failure E_INVALID,
 * E_TOO_BIG or E_UNSUPPORTED, with the path inside the filter and what was
 * expected: "filter.size[0].numeric: a number must follow '<'".
 */
int filter_compile(const struct value *document, struct filter **ret_filter,
		   struct err *reterr);

/*
 * Where in the document the mistake lies, for callers that know more of it
 * than its value: steps[i] is the index of the map's entry or of the list's
 * element on the i-th level. `at_key` when the last entry's key is to blame
 * and not what it holds.
 */
#define FILTER_FAULT_DEPTH 24

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

/* `attributes` is a map, or null for none. A NULL filter matches. */
bool filter_match(const struct filter *filter, const struct value *attributes);

/*
 * Why it does not match: appends a sentence naming the first clause that
 * failed and the value it saw; nothing when it matches.
 */
void filter_explain(const struct filter *filter, const struct value *attributes,
		    struct buf *out);

/*
 * Many filters, matched at once. Filters are borrowed and must outlive their
 * entry; ids are the caller's own. Matching does not change the index.
 */
struct filter_index;

struct filter_index *filter_index_create(void);
void filter_index_destroy(struct filter_index *index);
void filter_index_add(struct filter_index *index, const struct filter *filter,
		      uint32_t id);
/* E_NOT_FOUND when there is no such entry. */
int filter_index_remove(struct filter_index *index, uint32_t id);

/*
 * Ids of all that match, ascending. The result is valid until the next call
 * on this index.
 */
size_t filter_index_match(struct filter_index *index,
			  const struct value *attributes,
			  const uint32_t **ret_ids);

#endif
