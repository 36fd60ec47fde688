/* The cases of tests/data/filters and filters_more, all of them. */
#include "filter/read.h"
#include "filter_test.h"

/* At least so many, so that no case can be left out unseen. */
#define CASES         310
#define CASES_REFUSED 65 /* of those, the ones that expect an error */
#define TEXTS         27
#define MORE          123
#define MORE_REFUSED  27

static void assert_match(const char *name, const struct filter *filter,
			 const struct value *item)
{
	const struct value *attributes = value_get(item, "attributes");
	const struct value *expected = value_get(item, "match");
	struct filter_index *index = filter_index_create(0);
	struct filter_explanation why;
	const uint32_t *ids;

	if (!expected) {
		fail_msg("%s: compiled, but is an error", name);
	}
	bool matches = filter_match(filter, attributes);

	filter_index_add(index, filter, 7, 0);
	filter_explain(filter, attributes, &why);
	if (matches != expected->as.boolean) {
		fail_msg("%s: %s", name, matches ? "matched" : why.sentence);
	}
	assert_int_equal(filter_index_match(index, attributes, 0, &ids),
			 matches);
	assert_int_equal(why.sentence[0] == 0, matches);
	filter_index_destroy(index);
	filter_explanation_fini(&why);
}

/* What cannot be in the file as it is, a key that is there twice for one,
 * stands in filter_text. */
static int compile_case(const struct value *item, struct filter **ret_filter,
			struct err *reterr)
{
	const struct value *text = value_get(item, "filter_text");
	struct value document;
	int rc;

	if (!text) {
		return filter_compile(value_get(item, "filter"), ret_filter,
				      reterr);
	}
	rc = filter_read(text->as.text, &document, reterr);
	if (rc == 0) {
		rc = filter_compile(&document, ret_filter, reterr);
		value_clear(&document);
	}
	return rc;
}

static void run_case(const struct value *item, size_t *ret_refused)
{
	char *name = slice_dup(value_get_text(item, "name"));
	struct filter *filter;
	struct err err = { 0 };

	if (compile_case(item, &filter, &err) == 0) {
		assert_match(name, filter, item);
		filter_destroy(filter);
	} else {
		if (!value_get_bool(item, "error", false)) {
			fail_msg("%s: %s", name, err.msg);
		}
		if (err.code != E_INVALID) {
			fail_msg("%s: %s: %s", name, err_name(err.code),
				 err.msg);
		}
		(*ret_refused)++;
	}
	free(name);
}

static void run_cases(struct value list, size_t least, size_t least_refused)
{
	size_t refused = 0;

	assert_true(value_len(&list) >= least);
	for (size_t i = 0; i < value_len(&list); i++) {
		run_case(value_at(&list, i), &refused);
	}
	assert_true(refused >= least_refused);
	value_clear(&list);
}

static void cases(void **arg)
{
	(void)arg;
	run_cases(read_data("cases.json"), CASES, CASES_REFUSED);
}

/* The edges of the language: what the cases above leave open. */
static void more_cases(void **arg)
{
	(void)arg;
	run_cases(read_file(TEST_DATA "/filters_more/cases.json"), MORE,
		  MORE_REFUSED);
}

static void texts(void **arg)
{
	struct value list = read_data("cases_text.json");

	(void)arg;
	assert_true(value_len(&list) >= TEXTS);
	for (size_t i = 0; i < value_len(&list); i++) {
		const struct value *item = value_at(&list, i);
		struct slice name = value_get_text(item, "name");
		struct slice text = value_get_text(item, "filter_text");
		struct value document;
		struct filter *filter;

		if (json_read(text, NULL, &document, NULL)) {
			continue;
		}
		if (filter_compile(&document, &filter, NULL) == 0) {
			fail_msg("%.*s: accepted", SLICE_ARG(name));
		}
		value_clear(&document);
	}
	value_clear(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases),
		cmocka_unit_test(more_cases),
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
