/*
 * A filter and attributes, as two JSON texts with a line break between them.
 * Whatever comes, the index and the explanation agree with the match, and the
 * clause that is shown as the reason can be compiled and does not match either.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "document/json.h"
#include "document/pack.h"
#include "filter/filter.h"

static void require(bool condition)
{
	if (!condition) {
		abort();
	}
}

static void check_index(const struct filter *filter,
			const struct value *attributes, bool expected)
{
	struct filter_index *index = filter_index_create(0);
	struct buf packed = { 0 };
	const uint32_t *ids;

	filter_index_add(index, filter, 1, 0);
	require((filter_index_match(index, attributes, 0, &ids) == 1) ==
		expected);
	pack_write(&packed, attributes);
	require((filter_index_match_packed(index, buf_slice(&packed), 0,
					   &ids) == 1) == expected);
	filter_index_destroy(index);
	buf_fini(&packed);
}

/* Several clauses are shown when each of them alone would match. */
static void check_reason(const struct filter_explanation *why,
			 const struct value *attributes)
{
	struct filter *again = NULL;

	require(value_len(&why->clause) > 0);
	require(value_len(&why->seen) <= FILTER_SEEN_MAX);
	require(value_len(&why->seen) <= why->seen_count);
	require(filter_compile(&why->clause, &again, NULL) == 0);
	require(strstr(why->sentence, "one by one") ||
		!filter_match(again, attributes));
	filter_destroy(again);
}

static void check(const struct filter *filter, const struct value *attributes)
{
	struct filter_explanation why;
	bool matches = filter_match(filter, attributes);

	check_index(filter, attributes, matches);
	filter_explain(filter, attributes, &why);
	require(why.matches == matches);
	require((why.sentence[0] == 0) == matches);
	if (!matches) {
		check_reason(&why, attributes);
	}
	filter_explanation_fini(&why);
}

static void run(struct slice filter_text, struct slice attributes_text)
{
	struct value document;
	struct value attributes;
	struct filter *filter = NULL;
	struct err err = { 0 };

	if (json_read(filter_text, NULL, &document, NULL)) {
		return;
	}
	if (filter_compile(&document, &filter, &err)) {
		if (!slice_starts_with(slice_of(err.msg), SLICE("filter"))) {
			abort();
		}
	} else if (json_read(attributes_text, NULL, &attributes, NULL) == 0) {
		(void)filter_check_limits(&document, FILTER_LIMITS_SNS_BODY,
					  &err);
		check(filter, &attributes);
		value_clear(&attributes);
	}
	filter_destroy(filter);
	value_clear(&document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *line = size ? memchr(text, '\n', size) : NULL;
	size_t len = line ? (size_t)(line - text) : size;
	size_t rest = line ? size - len - 1 : 0;

	run((struct slice){ text, len },
	    (struct slice){ line ? line + 1 : "", rest });
	return 0;
}
