/* What the tests of this room share: filters and attributes from JSON. */
#ifndef TESTS_UNIT_FILTER_FILTER_TEST_H
#define TESTS_UNIT_FILTER_FILTER_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "document/json.h"
#include "filter/filter.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline struct value parse(const char *json)
{
	struct value value;
	struct err err = { 0 };

	if (json_read(slice_of(json), NULL, &value, &err)) {
		fail_msg("%s: %s", json, err.msg);
	}
	return value;
}

/* The filter keeps nothing of its document, which is gone afterwards. */
static inline struct filter *compile(const char *json)
{
	struct value document = parse(json);
	struct filter *filter = NULL;
	struct err err = { 0 };

	if (filter_compile(&document, &filter, &err)) {
		fail_msg("%s: %s", json, err.msg);
	}
	value_clear(&document);
	return filter;
}

static inline bool matches(const char *filter_json, const char *attributes_json)
{
	struct filter *filter = compile(filter_json);
	struct value attributes = parse(attributes_json);
	bool result = filter_match(filter, &attributes);

	value_clear(&attributes);
	filter_destroy(filter);
	return result;
}

struct match_case {
	const char *filter;
	const char *attributes;
	bool matches;
};

static inline void assert_matches(const struct match_case *cases, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (matches(cases[i].filter, cases[i].attributes) !=
		    cases[i].matches) {
			fail_msg("%s on %s: not %s", cases[i].filter,
				 cases[i].attributes,
				 cases[i].matches ? "matched" : "refused");
		}
	}
}

static inline void assert_refused(const char *json, int code, const char *msg)
{
	struct value document = parse(json);
	struct filter *filter = NULL;
	struct err err = { 0 };

	assert_int_equal(filter_compile(&document, &filter, &err), code);
	assert_string_equal(err.msg, msg);
	assert_int_equal(err.code, code);
	assert_null(filter);
	value_clear(&document);
}

/* Compiles and forgets it again; takes the document over. */
static inline int compile_and_clear(struct value document, struct err *reterr)
{
	struct filter *filter = NULL;
	int rc = filter_compile(&document, &filter, reterr);

	filter_destroy(filter);
	value_clear(&document);
	return rc;
}

/* {"k": [{name: operand}]} */
static inline struct value with_operator(const char *name, struct value operand)
{
	struct value document = value_map();
	struct value list = value_array();
	struct value map = value_map();

	value_set(&map, name, operand);
	value_push(&list, map);
	value_set(&document, "k", list);
	return document;
}

static inline struct value text_of(size_t len, char c)
{
	struct buf text = { 0 };
	struct value value;

	memset(buf_reserve(&text, len + 1), c, len);
	text.len = len;
	value = value_string(buf_slice(&text));
	buf_fini(&text);
	return value;
}

static inline struct value read_file(const char *path)
{
	struct buf text = { 0 };
	struct value value;
	struct err err = { 0 };

	FILE *file = fopen(path, "rb");

	assert_non_null(file);
	for (;;) {
		size_t got = fread(buf_reserve(&text, 65536), 1, 65536, file);

		if (got == 0) {
			break;
		}
		text.len += got;
	}
	assert_int_equal(fclose(file), 0);
	if (json_read(buf_slice(&text), NULL, &value, &err)) {
		fail_msg("%s: %s", path, err.msg);
	}
	buf_fini(&text);
	return value;
}

/* A whole file of tests/data/filters. */
static inline struct value read_data(const char *name)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/filters/%s", CONFORMANCE_DATA,
		       name);
	return read_file(path);
}

#endif
