/* Why a filter does not match: the clause as written, the leaves, a sentence.
 */
#include "filter_test.h"

#include "filter/look.h"
#include "filter/written.h"

static struct filter_explanation explain(const char *filter_json,
					 const char *attributes_json)
{
	struct filter *filter = compile(filter_json);
	struct value attributes = parse(attributes_json);
	struct filter_explanation why;

	filter_explain(filter, &attributes, &why);
	assert_int_equal(why.matches, filter_match(filter, &attributes));
	assert_int_equal(why.sentence[0] == '\0', why.matches);
	/* It keeps nothing of either. */
	filter_destroy(filter);
	value_clear(&attributes);
	return why;
}

static void assert_json(const struct value *value, const char *json)
{
	struct buf text = { 0 };

	json_write(&text, value, JSON_COMPACT);
	buf_put_byte(&text, 0);
	assert_string_equal(text.data, json);
	buf_fini(&text);
}

static void assert_explained(const char *filter, const char *attributes,
			     const char *clause, const char *seen,
			     const char *sentence)
{
	struct filter_explanation why = explain(filter, attributes);

	assert_string_equal(why.sentence, sentence);
	assert_json(&why.clause, clause);
	assert_json(&why.seen, seen);
	assert_true(why.seen_count >= value_len(&why.seen));
	filter_explanation_fini(&why);
}

/* Every alternative comes out as it went in. */
static void as_written(void **arg)
{
	static const char *const lists[] = {
		"[\"a\",\"\",1,1.5,1e+300,true,false,null]",
		"[9223372036854775808,-9223372036854775808]",
		"[{\"prefix\":\"a\"},{\"prefix\":\"\"},{\"suffix\":\"b\"}]",
		"[{\"prefix\":{\"equals-ignore-case\":\"Ab\"}}]",
		"[{\"suffix\":{\"equals-ignore-case\":\"Ab\"}}]",
		"[{\"equals-ignore-case\":\"ÄÖß\"}]",
		"[{\"wildcard\":\"\"},{\"wildcard\":\"*\"},"
		"{\"wildcard\":\"a*b*\"},{\"wildcard\":\"a\\\\*b\\\\\\\\*\"}]",
		"[{\"numeric\":[\"=\",5]},{\"numeric\":[\"=\",-0.5]}]",
		"[{\"numeric\":[\"<\",5]},{\"numeric\":[\"<=\",5]}]",
		"[{\"numeric\":[\">\",5]},{\"numeric\":[\">=\",5]}]",
		"[{\"numeric\":[\">\",1,\"<=\",2]},"
		"{\"numeric\":[\">=\",-1.5,\"<\",18446744073709551615]}]",
		"[{\"cidr\":\"10.0.0.7/24\"},{\"cidr\":\"2001:DB8::/32\"}]",
		"[{\"exists\":true},{\"exists\":false}]",
		"[{\"anything-but\":\"a\"},{\"anything-but\":5}]",
		"[{\"anything-but\":[\"a\"]},{\"anything-but\":[\"a\",\"\"]}]",
		"[{\"anything-but\":[1,2.5]}]",
		"[{\"anything-but\":{\"prefix\":\"a\"}}]",
		"[{\"anything-but\":{\"prefix\":[\"a\",\"b\"]}}]",
		"[{\"anything-but\":{\"suffix\":[\"a\"]}}]",
		"[{\"anything-but\":{\"equals-ignore-case\":[\"a\",\"B\"]}}]",
		"[{\"anything-but\":{\"wildcard\":\"*a\\\\*\"}}]",
		"[{\"anything-but\":{\"wildcard\":[\"\",\"a*\"]}}]",
	};

	(void)arg;
	for (size_t i = 0; i < COUNT(lists); i++) {
		struct buf json = { 0 };

		buf_printf(&json, "{\"a\":{\"b\":%s}}", lists[i]);
		buf_put_byte(&json, 0);
		struct filter *filter = compile(json.data);
		struct value list = written_alternatives(filter->clauses);

		assert_json(&list, lists[i]);
		value_clear(&list);
		filter_destroy(filter);
		buf_fini(&json);
	}
}

static void clause_and_leaves(void **arg)
{
	(void)arg;
	assert_explained("{\"a\":[1]}", "{\"a\":1}", "null", "[]", "");
	assert_explained("{\"a\":[1],\"b\":[2]}", "{\"a\":1,\"b\":[3,\"x\"]}",
			 "{\"b\":[2]}", "[3,\"x\"]",
			 "attribute 'b' has 2 values, the first of them 3, "
			 "none of which matches [2]");
	assert_explained("{\"a\":{\"b\":[{\"prefix\":\"x\"}]}}",
			 "{\"a\":[{\"b\":1},{\"b\":[null]},{\"c\":2}]}",
			 "{\"a.b\":[{\"prefix\":\"x\"}]}", "[1,null]",
			 "attribute 'a.b' has 2 values, the first of them 1, "
			 "none of which matches [{\"prefix\":\"x\"}]");
	assert_explained("{\"a\":[{\"exists\":true}]}", "{\"a\":{\"b\":1}}",
			 "{\"a\":[{\"exists\":true}]}", "[]",
			 "attribute 'a' is a map, which does not match "
			 "[{\"exists\":true}]");
	assert_explained("{\"a.b\":[1]}", "{\"a\":[{\"b\":[]},{\"b\":{}}]}",
			 "{\"a.b\":[1]}", "[]",
			 "attribute 'a.b' is an empty list, which does not "
			 "match [1]");
	assert_explained("{\"a\":[1]}", "{\"a\":[[],{\"b\":1}]}", "{\"a\":[1]}",
			 "[]",
			 "attribute 'a' is a list without values, which does "
			 "not match [1]");
	assert_explained("{\"a.b\":[1]}", "{\"a\":{\"c\":1}}", "{\"a.b\":[1]}",
			 "[]",
			 "attribute 'a.b' is absent, which does not match [1]");
	assert_explained("{\"a\":[{\"exists\":false}]}", "{\"a\":false}",
			 "{\"a\":[{\"exists\":false}]}", "[false]",
			 "attribute 'a' is false, which does not match "
			 "[{\"exists\":false}]");
}

static void at_most_so_many_leaves(void **arg)
{
	struct filter_explanation why =
	    explain("{\"a\":[0]}", "{\"a\":[1,2,3,4,5,6,7,8,9]}");

	(void)arg;
	assert_int_equal(why.seen_count, FILTER_SEEN_MAX + 1);
	assert_int_equal(value_len(&why.seen), FILTER_SEEN_MAX);
	filter_explanation_fini(&why);
	why = explain("{\"a\":[0]}", "{\"a\":[1,2,3,4,5,6,7,8]}");
	assert_int_equal(why.seen_count, FILTER_SEEN_MAX);
	assert_int_equal(value_len(&why.seen), FILTER_SEEN_MAX);
	filter_explanation_fini(&why);
}

static void elements_that_do_not_agree(void **arg)
{
	(void)arg;
	assert_explained("{\"k\":[7],\"l\":{\"x\":[1],\"y\":[2]}}",
			 "{\"k\":7,\"l\":[{\"x\":1},{\"y\":2}]}",
			 "{\"l.x\":[1],\"l.y\":[2]}", "[1,2]",
			 "attributes 'l.x' and 'l.y' match one by one, but not "
			 "within the same element of a list");
	/* One path with two clauses is shown with the first of them. */
	assert_explained("{\"l\":{\"x\":[1]},\"l.x\":[2],\"l.y\":[1]}",
			 "{\"l\":[{\"x\":1},{\"x\":2,\"y\":1}]}",
			 "{\"l.x\":[1],\"l.y\":[1]}", "[1,2,1]",
			 "attributes 'l.x', 'l.x' and 'l.y' match one by one, "
			 "but not within the same element of a list");
}

#define NEAREST "no branch of '$or' matches; in the nearest one, "

static void branches(void **arg)
{
	(void)arg;
	/* The first of equals. */
	assert_explained("{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}",
			 "{\"a\":3,\"b\":4}", "{\"a\":[1]}", "[3]",
			 NEAREST "attribute 'a' is 3, which does not match "
				 "[1]");
	/* What is there wins over what is not, but not over nearer ones. */
	assert_explained("{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}", "{\"b\":4}",
			 "{\"b\":[2]}", "[4]",
			 NEAREST "attribute 'b' is 4, which does not match "
				 "[2]");
	assert_explained("{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}",
			 "{\"b\":{\"c\":2}}", "{\"b\":[2]}", "[]",
			 NEAREST "attribute 'b' is a map, which does not match "
				 "[2]");
	assert_explained("{\"$or\":[{\"a\":[1],\"c\":[1]},{\"b\":[2]}]}",
			 "{\"b\":4,\"c\":1}", "{\"a\":[1]}", "[]",
			 NEAREST "attribute 'a' is absent, which does not "
				 "match [1]");
	assert_explained("{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}", "{}",
			 "{\"a\":[1]}", "[]",
			 NEAREST "attribute 'a' is absent, which does not "
				 "match [1]");
	/* The one with most clauses satisfied. */
	assert_explained("{\"$or\":[{\"a\":[1],\"b\":[1]},"
			 "{\"c\":[1],\"d\":[1],\"e\":[1]}]}",
			 "{\"a\":1,\"c\":1,\"e\":1}", "{\"d\":[1]}", "[]",
			 NEAREST "attribute 'd' is absent, which does not "
				 "match [1]");
	/* What fails outside of $or is no matter of branches. */
	assert_explained("{\"$or\":[{\"a\":[1]},{\"b\":[2]}],\"s\":[1]}",
			 "{\"b\":2,\"s\":2}", "{\"s\":[1]}", "[2]",
			 "attribute 's' is 2, which does not match [1]");
	assert_explained("{\"$or\":[{\"l.x\":[1],\"l.y\":[2]},{\"b\":[2]}]}",
			 "{\"l\":[{\"x\":1},{\"y\":2}]}",
			 "{\"l.x\":[1],\"l.y\":[2]}", "[1,2]",
			 NEAREST "attributes 'l.x' and 'l.y' match one by one, "
				 "but not within the same element of a list");
	assert_explained("{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}", "{\"b\":2}",
			 "null", "[]", "");
}

static void no_attributes_at_all(void **arg)
{
	(void)arg;
	assert_explained("{\"a\":[1]}", "[{\"a\":1}]", "{\"a\":[1]}", "[]",
			 "the attributes are not a map");
	assert_explained("{\"$or\":[{\"a\":[{\"exists\":false}]},{\"b\":[1]}]}",
			 "3", "{\"a\":[{\"exists\":false}]}", "[]",
			 "the attributes are not a map");
	assert_explained("{\"a\":[1]}", "null", "{\"a\":[1]}", "[]",
			 "attribute 'a' is absent, which does not match [1]");
}

static void odd_paths(void **arg)
{
	struct filter_explanation why =
	    explain("{\"\":[1],\"a\\u0001\":[2]}", "{}");
	struct buf json = { 0 };

	(void)arg;
	assert_string_equal(why.sentence, "attribute '' is absent, which does "
					  "not match [1]");
	filter_explanation_fini(&why);
	buf_put_text(&json, "{\"");
	for (size_t i = 0; i < 500; i++) {
		buf_put_text(&json, "ü");
	}
	buf_put_text(&json, "\":[1]}");
	buf_put_byte(&json, 0);
	why = explain(json.data, "{}");
	assert_true(strlen(why.sentence) < 300);
	assert_non_null(strstr(why.sentence, "ü...' is absent"));
	filter_explanation_fini(&why);
	buf_fini(&json);
}

/* Clauses written back and compiled again say the same of everything. */
static void written_back(void **arg)
{
	struct value cases = read_data("cases.json");
	size_t explained = 0;

	(void)arg;
	for (size_t i = 0; i < value_len(&cases); i++) {
		const struct value *item = value_at(&cases, i);
		const struct value *attributes = value_get(item, "attributes");
		struct filter_explanation why;
		struct filter *filter = NULL;
		struct filter *again = NULL;

		if (filter_compile(value_get(item, "filter"), &filter, NULL)) {
			continue;
		}
		filter_explain(filter, attributes, &why);
		if (!why.matches) {
			assert_true(value_len(&why.clause) > 0);
			assert_int_equal(
			    filter_compile(&why.clause, &again, NULL), 0);
			assert_false(filter_match(again, attributes));
			explained++;
		}
		filter_destroy(again);
		filter_destroy(filter);
		filter_explanation_fini(&why);
	}
	assert_true(explained > 90);
	value_clear(&cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_written),
		cmocka_unit_test(clause_and_leaves),
		cmocka_unit_test(at_most_so_many_leaves),
		cmocka_unit_test(elements_that_do_not_agree),
		cmocka_unit_test(branches),
		cmocka_unit_test(no_attributes_at_all),
		cmocka_unit_test(odd_paths),
		cmocka_unit_test(written_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
