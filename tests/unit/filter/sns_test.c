/* The limits of SNS, with its own examples and one beyond each. */
#include "filter_test.h"

static void names(void **arg)
{
	enum filter_limits limits;

	(void)arg;
	for (int i = FILTER_LIMITS_NONE; i <= FILTER_LIMITS_SNS_BODY; i++) {
		const char *name = filter_limits_name((enum filter_limits)i);

		assert_int_equal(filter_limits_parse(slice_of(name), &limits),
				 0);
		assert_int_equal(limits, i);
	}
	assert_int_equal(filter_limits_parse(SLICE("sns"), &limits),
			 E_NOT_FOUND);
	assert_int_equal(filter_limits_parse(SLICE(""), &limits), E_NOT_FOUND);
}

static int check(const char *json, enum filter_limits limits,
		 struct err *reterr)
{
	struct value document = parse(json);
	int rc = filter_check_limits(&document, limits, reterr);

	value_clear(&document);
	return rc;
}

static void assert_beyond(const char *json, enum filter_limits limits,
			  const char *msg)
{
	struct err err = { 0 };

	assert_int_equal(check(json, limits, &err), E_TOO_BIG);
	assert_string_equal(err.msg, msg);
	assert_int_equal(check(json, limits, NULL), E_TOO_BIG);
	assert_int_equal(check(json, FILTER_LIMITS_NONE, NULL), 0);
}

static void assert_within(const char *json, enum filter_limits limits)
{
	struct err err = { 0 };

	if (check(json, limits, &err)) {
		fail_msg("%s: %s", json, err.msg);
	}
}

/* The number of combinations is in the message when it is the reason. */
static void assert_combinations(const struct value *item,
				const struct value *document)
{
	int64_t combinations = value_get_int(item, "combinations", -1);
	struct err err = { 0 };
	char expected[128];

	if (combinations <= 150 || value_len(document) > 5) {
		return;
	}
	assert_int_equal(
	    filter_check_limits(document, FILTER_LIMITS_SNS_BODY, &err),
	    E_TOO_BIG);
	(void)snprintf(expected, sizeof(expected),
		       "filter: %d combinations, but SNS takes at most 150",
		       (int)combinations);
	assert_string_equal(err.msg, expected);
}

static void published_cases(void **arg)
{
	struct value list = read_data("sns_limits.json");

	(void)arg;
	assert_true(value_len(&list) >= 12);
	for (size_t i = 0; i < value_len(&list); i++) {
		const struct value *item = value_at(&list, i);
		const struct value *document = value_get(item, "filter");
		bool body =
		    slice_is(value_get_text(item, "scope"), "MessageBody");
		struct filter *filter = NULL;
		struct err err = { 0 };
		int rc =
		    filter_check_limits(document,
					body ? FILTER_LIMITS_SNS_BODY
					     : FILTER_LIMITS_SNS_ATTRIBUTES,
					&err);

		if ((rc == 0) != value_get_bool(item, "sns_accepts", rc != 0)) {
			fail_msg("%.*s: %s",
				 SLICE_ARG(value_get_text(item, "name")),
				 err.msg);
		}
		assert_combinations(item, document);
		/* We ourselves take all of them. */
		assert_int_equal(filter_compile(document, &filter, NULL), 0);
		filter_destroy(filter);
	}
	value_clear(&list);
}

static void keys(void **arg)
{
	(void)arg;
	assert_within("null", FILTER_LIMITS_SNS_ATTRIBUTES);
	assert_within("{}", FILTER_LIMITS_SNS_ATTRIBUTES);
	assert_within("{\"a\":[1],\"b\":[1],\"c\":[1],\"d\":[1],\"e\":[1]}",
		      FILTER_LIMITS_SNS_ATTRIBUTES);
	assert_beyond("{\"a\":[1],\"b\":[1],\"c\":[1],\"d\":[1],\"e\":[1],"
		      "\"f\":[1]}",
		      FILTER_LIMITS_SNS_BODY,
		      "filter: 6 keys, but SNS takes at most 5");
	/* Only those of the top are counted. */
	assert_within("{\"z\":{\"a\":[1],\"b\":[1],\"c\":[1],\"d\":[1],"
		      "\"e\":[1],\"f\":[1]}}",
		      FILTER_LIMITS_SNS_BODY);
}

static void nesting(void **arg)
{
	(void)arg;
	assert_within("{\"a.b\":[1]}", FILTER_LIMITS_SNS_ATTRIBUTES);
	assert_within("{\"a\":{\"b\":[1]}}", FILTER_LIMITS_SNS_BODY);
	assert_beyond("{\"a\":{\"b\":{\"c\":[1]}}}",
		      FILTER_LIMITS_SNS_ATTRIBUTES,
		      "filter: keys nested over 3 levels, but SNS takes only "
		      "1 for message attributes");
	assert_within("{\"$or\":[{\"a\":[1]},{\"b\":[1]}]}",
		      FILTER_LIMITS_SNS_ATTRIBUTES);
	assert_beyond("{\"$or\":[{\"a\":[1]},{\"b\":{\"c\":[1]}}]}",
		      FILTER_LIMITS_SNS_ATTRIBUTES,
		      "filter: keys nested over 2 levels, but SNS takes only "
		      "1 for message attributes");
}

static void combinations(void **arg)
{
	struct buf json = { 0 };

	(void)arg;
	assert_beyond("{\"a\":{\"b\":{\"c\":{\"d\":[1,2,3,4,5,6,7,8]}}},"
		      "\"e\":[1,2,3,4,5]}",
		      FILTER_LIMITS_SNS_BODY,
		      "filter: 160 combinations, but SNS takes at most 150");
	/* So many that they would not fit any number. */
	buf_put_text(&json, "{\"a\":{");
	for (int key = 0; key < 80; key++) {
		buf_printf(&json, "%s\"%d\":[1,2,3]", key ? "," : "", key);
	}
	buf_put_text(&json, "}}");
	buf_put_byte(&json, 0);
	assert_beyond(json.data, FILTER_LIMITS_SNS_BODY,
		      "filter: 1000000000 combinations, but SNS takes at most "
		      "150");
	buf_fini(&json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(published_cases),
		cmocka_unit_test(keys),
		cmocka_unit_test(nesting),
		cmocka_unit_test(combinations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
