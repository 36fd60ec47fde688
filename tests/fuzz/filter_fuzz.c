/*
 * A filter and attributes, as two JSON texts with a line break between them.
 * Whatever comes, the index and the sentence agree with the match.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "document/json.h"
#include "filter/filter.h"

static void check(const struct filter *filter, const struct value *attributes)
{
	struct filter_index *index = filter_index_create(0);
	struct filter_explanation why;
	const uint32_t *ids;
	bool matches = filter_match(filter, attributes);

	filter_index_add(index, filter, 1, 0);
	filter_explain(filter, attributes, &why);
	if ((filter_index_match(index, attributes, 0, &ids) == 1) != matches ||
	    (why.sentence[0] == 0) != matches) {
		abort();
	}
	filter_index_destroy(index);
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
