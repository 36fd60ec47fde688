/* Every refusal: code, place and sentence; and the limits. */
#include "filter_test.h"

#include "base/limits.h"

struct refusal {
	const char *json;
	int code;
	const char *msg;
};

static const struct refusal refusals[] = {
	{ "[1]", E_INVALID,
	  "filter: expected a map from attribute to list of alternatives, "
	  "found list" },
	{ "\"x\"", E_INVALID,
	  "filter: expected a map from attribute to list of alternatives, "
	  "found string" },
	{ "{\"k\":\"v\"}", E_INVALID,
	  "filter.k: expected a list of alternatives or a map, found string" },
	{ "{\"k\":null}", E_INVALID,
	  "filter.k: expected a list of alternatives or a map, found null" },
	{ "{\"k\":[]}", E_INVALID,
	  "filter.k: an empty list would never match; write at least one "
	  "alternative" },
	{ "{\"k\":{}}", E_INVALID,
	  "filter.k: an empty map; write what must match" },
	{ "{\"k\":{\"j\":{}}}", E_INVALID,
	  "filter.k.j: an empty map; write what must match" },
	{ "{\"k\":[\"a\",[\"b\"]]}", E_INVALID,
	  "filter.k[1]: a list inside the list; put its items in the outer "
	  "one" },
	{ "{\"k\":{\"prefix\":\"a\"}}", E_INVALID,
	  "filter.k.prefix: operators stand in a list, as in [{\"prefix\": "
	  "...}]" },
	{ "{\"prefix\":\"a\"}", E_INVALID,
	  "filter.prefix: expected a list of alternatives or a map, found "
	  "string" },
	{ "{\"k\":[{}]}", E_INVALID,
	  "filter.k[0]: expected one operator in the map, found 0" },
	{ "{\"k\":[{\"prefix\":\"a\",\"exists\":true}]}", E_INVALID,
	  "filter.k[0]: expected one operator in the map, found 2" },
	{ "{\"k\":[{\"Prefix\":\"a\"}]}", E_INVALID,
	  "filter.k[0].Prefix: unknown operator 'Prefix'; did you mean "
	  "'prefix'?" },
	{ "{\"k\":[{\"anythingbut\":\"a\"}]}", E_INVALID,
	  "filter.k[0].anythingbut: unknown operator 'anythingbut'; did you "
	  "mean 'anything-but'?" },
	{ "{\"k\":[{\"contains\":\"a\"}]}", E_INVALID,
	  "filter.k[0].contains: unknown operator 'contains'; known are "
	  "prefix, suffix, equals-ignore-case, wildcard, anything-but, "
	  "numeric, exists and cidr" },
	{ "{\"k\":[{\"prefix\":{\"prefix\":\"a\"}}]}", E_INVALID,
	  "filter.k[0].prefix.prefix: only equals-ignore-case can stand "
	  "inside prefix" },
	{ "{\"k\":[{\"prefix\":{\"wildcard\":\"a*\"}}]}", E_INVALID,
	  "filter.k[0].prefix.wildcard: only equals-ignore-case can stand "
	  "inside prefix" },
	{ "{\"k\":[{\"suffix\":{\"prefix\":\"a\"}}]}", E_INVALID,
	  "filter.k[0].suffix.prefix: only equals-ignore-case can stand inside "
	  "suffix" },
	{ "{\"k\":[{\"suffix\":{\"equal-ignore-case\":\"a\"}}]}", E_INVALID,
	  "filter.k[0].suffix.equal-ignore-case: unknown operator "
	  "'equal-ignore-case'; did you mean 'equals-ignore-case'?" },
	{ "{\"k\":[{\"prefix\":{}}]}", E_INVALID,
	  "filter.k[0].prefix: expected one operator in the map, found 0" },
	{ "{\"k\":[{\"prefix\":{\"equals-ignore-case\":[\"a\"]}}]}", E_INVALID,
	  "filter.k[0].prefix.equals-ignore-case: expected a string, found "
	  "list" },
	{ "{\"k\":[{\"suffix\":null}]}", E_INVALID,
	  "filter.k[0].suffix: expected a string, found null" },
	{ "{\"k\":[{\"equals-ignore-case\":{\"prefix\":\"a\"}}]}", E_INVALID,
	  "filter.k[0].equals-ignore-case: expected a string, found map" },
	{ "{\"k\":[{\"equals-ignore-case\":1}]}", E_INVALID,
	  "filter.k[0].equals-ignore-case: expected a string, found number" },
	{ "{\"k\":[{\"wildcard\":1}]}", E_INVALID,
	  "filter.k[0].wildcard: expected a string, found number" },
	{ "{\"k\":[{\"anything-but\":{\"suffix\":[\"a\",\"\"]}}]}", E_INVALID,
	  "filter.k[0].anything-but.suffix[1]: an empty suffix excludes every "
	  "string" },
	{ "{\"k\":[{\"anything-but\":{\"equals-ignore-case\":[]}}]}", E_INVALID,
	  "filter.k[0].anything-but.equals-ignore-case: an empty list excludes "
	  "nothing" },
	{ "{\"k\":[{\"anything-but\":{\"wildcard\":[\"a\",[\"b\"]]}}]}",
	  E_INVALID,
	  "filter.k[0].anything-but.wildcard[1]: expected a string, found "
	  "list" },
	{ "{\"k\":[{\"anything-but\":{\"anything-but\":\"a\"}}]}", E_INVALID,
	  "filter.k[0].anything-but.anything-but: 'anything-but' cannot stand "
	  "inside anything-but" },
	{ "{\"k\":[{\"anything-but\":{\"numeric\":[\"=\",1]}}]}", E_INVALID,
	  "filter.k[0].anything-but.numeric: 'numeric' cannot stand inside "
	  "anything-but" },
	{ "{\"k\":[{\"anything-but\":{\"prefix\":\"a\",\"suffix\":\"b\"}}]}",
	  E_INVALID,
	  "filter.k[0].anything-but: expected one operator in the map, found "
	  "2" },
	{ "{\"k\":[{\"anything-but\":[[\"a\"]]}]}", E_INVALID,
	  "filter.k[0].anything-but[0]: the list must hold only strings or "
	  "only numbers, found list" },
	{ "{\"k\":[{\"prefix\":12}]}", E_INVALID,
	  "filter.k[0].prefix: expected a string, found number" },
	{ "{\"k\":[{\"prefix\":[\"a\"]}]}", E_INVALID,
	  "filter.k[0].prefix: expected a string, found list" },
	{ "{\"k\":[{\"exists\":1}]}", E_INVALID,
	  "filter.k[0].exists: expected true or false, found number" },
	{ "{\"k\":[{\"exists\":\"yes\"}]}", E_INVALID,
	  "filter.k[0].exists: expected true or false, found string" },
	{ "{\"k\":[{\"anything-but\":[]}]}", E_INVALID,
	  "filter.k[0].anything-but: an empty list excludes nothing" },
	{ "{\"k\":[{\"anything-but\":[\"a\",1]}]}", E_INVALID,
	  "filter.k[0].anything-but[1]: the list must hold only strings or "
	  "only numbers, found number" },
	{ "{\"k\":[{\"anything-but\":[1,2,\"a\"]}]}", E_INVALID,
	  "filter.k[0].anything-but[2]: the list must hold only strings or "
	  "only numbers, found string" },
	{ "{\"k\":[{\"anything-but\":[null]}]}", E_INVALID,
	  "filter.k[0].anything-but[0]: the list must hold only strings or "
	  "only numbers, found null" },
	{ "{\"k\":[{\"anything-but\":true}]}", E_INVALID,
	  "filter.k[0].anything-but: expected a string, a number, a list of "
	  "either, or an operator, found boolean" },
	{ "{\"k\":[{\"anything-but\":{}}]}", E_INVALID,
	  "filter.k[0].anything-but: expected one operator in the map, found "
	  "0" },
	{ "{\"k\":[{\"anything-but\":{\"exists\":false}}]}", E_INVALID,
	  "filter.k[0].anything-but.exists: 'exists' cannot stand inside "
	  "anything-but" },
	{ "{\"k\":[{\"anything-but\":{\"cidr\":\"x\"}}]}", E_INVALID,
	  "filter.k[0].anything-but.cidr: 'cidr' cannot stand inside "
	  "anything-but" },
	{ "{\"k\":[{\"anything-but\":{\"sufix\":\"x\"}}]}", E_INVALID,
	  "filter.k[0].anything-but.sufix: unknown operator 'sufix'; did you "
	  "mean 'suffix'?" },
	{ "{\"k\":[{\"anything-but\":{\"prefix\":\"\"}}]}", E_INVALID,
	  "filter.k[0].anything-but.prefix: an empty prefix excludes every "
	  "string" },
	{ "{\"k\":[{\"anything-but\":{\"prefix\":[]}}]}", E_INVALID,
	  "filter.k[0].anything-but.prefix: an empty list excludes nothing" },
	{ "{\"k\":[{\"anything-but\":{\"prefix\":[\"a\",3]}}]}", E_INVALID,
	  "filter.k[0].anything-but.prefix[1]: expected a string, found "
	  "number" },
	{ "{\"k\":[{\"anything-but\":{\"prefix\":"
	  "{\"equals-ignore-case\":\"a\"}}}]}",
	  E_INVALID,
	  "filter.k[0].anything-but.prefix: expected a string, found map" },
	{ "{\"k\":[{\"numeric\":5}]}", E_INVALID,
	  "filter.k[0].numeric: expected a list such as [\">\", 0, \"<=\", "
	  "100], found number" },
	{ "{\"k\":[{\"numeric\":[]}]}", E_INVALID,
	  "filter.k[0].numeric: expected a list such as [\">\", 0, \"<=\", "
	  "100], found an empty one" },
	{ "{\"k\":[{\"numeric\":[\"==\",5]}]}", E_INVALID,
	  "filter.k[0].numeric[0]: expected one of = < <= > >=, found '=='" },
	{ "{\"k\":[{\"numeric\":[5,\">\"]}]}", E_INVALID,
	  "filter.k[0].numeric[0]: expected one of = < <= > >=, found "
	  "number" },
	{ "{\"size\":[{\"numeric\":[\"<\"]}]}", E_INVALID,
	  "filter.size[0].numeric: a number must follow '<'" },
	{ "{\"k\":[{\"numeric\":[\">\",\"5\"]}]}", E_INVALID,
	  "filter.k[0].numeric[1]: expected a number, found '5'" },
	{ "{\"k\":[{\"numeric\":[\">\",null]}]}", E_INVALID,
	  "filter.k[0].numeric[1]: expected a number, found null" },
	{ "{\"k\":[{\"numeric\":[\"<\",9,\">\",1]}]}", E_INVALID,
	  "filter.k[0].numeric: the lower bound (> or >=) comes first" },
	{ "{\"k\":[{\"numeric\":[\"=\",9,\"<\",10]}]}", E_INVALID,
	  "filter.k[0].numeric: nothing may follow '=' and its number" },
	{ "{\"k\":[{\"numeric\":[\">\",1,\">=\",2]}]}", E_INVALID,
	  "filter.k[0].numeric[2]: expected < or <=, found '>='" },
	{ "{\"k\":[{\"numeric\":[\">\",1,\"<\"]}]}", E_INVALID,
	  "filter.k[0].numeric: a number must follow '<'" },
	{ "{\"k\":[{\"numeric\":[\">\",20,30]}]}", E_INVALID,
	  "filter.k[0].numeric[2]: expected < or <=, found number" },
	{ "{\"k\":[{\"numeric\":[\">\",1,\"<\",2,\"<\",3]}]}", E_INVALID,
	  "filter.k[0].numeric: expected at most two comparisons" },
	{ "{\"k\":[{\"numeric\":[\">\",1,\"<\",2,\"<\"]}]}", E_INVALID,
	  "filter.k[0].numeric: expected at most two comparisons" },
	{ "{\"k\":[{\"numeric\":[\">=\",5,\"<=\",5.0]}]}", E_INVALID,
	  "filter.k[0].numeric: the lower bound must be less than the upper "
	  "one; write [\"=\", 5]" },
	{ "{\"k\":[{\"numeric\":[\">\",5,\"<=\",5]}]}", E_INVALID,
	  "filter.k[0].numeric: the lower bound must be less than the upper "
	  "one" },
	{ "{\"k\":[{\"numeric\":[\">=\",6,\"<=\",5]}]}", E_INVALID,
	  "filter.k[0].numeric: the lower bound must be less than the upper "
	  "one" },
	{ "{\"$and\":[{\"a\":[1]},{\"b\":{\"c\":[1]}}]}", E_INVALID,
	  "filter.$and: there is no '$and': keys are and-ed anyway" },
	{ "{\"k\":{\"$OR\":[{\"a\":[1]},{\"b\":[1]}]}}", E_INVALID,
	  "filter.k.$OR: there is no '$OR'; did you mean '$or'?" },
	{ "{\"$not\":[{\"a\":[1]}]}", E_INVALID,
	  "filter.$not: there is no '$not'; only '$or' takes a list of maps "
	  "of keys" },
	{ "{\"$k\":[{\"prefx\":\"a\"}]}", E_INVALID,
	  "filter.$k[0].prefx: unknown operator 'prefx'; did you mean "
	  "'prefix'?" },
	{ "{\"k\":[{\"$or\":[{\"a\":[1]},{\"b\":[1]}]}]}", E_INVALID,
	  "filter.k[0].$or: '$or' stands beside keys, not in a list" },
	{ "{\"a\":[1],\"x y\":{\"p.q\":[{\"exists\":3}]}}", E_INVALID,
	  "filter.\"x y\".\"p.q\"[0].exists: expected true or false, found "
	  "number" },
};

/* Only what is refused anyway is refused for its name. */
static void dollar_in_front(void **arg)
{
	static const char *const allowed[] = {
		"{\"$and\":[{\"exists\":true}]}",
		"{\"$\":[1,{\"numeric\":[\">\",1]}]}",
		"{\"$not\":{\"a\":[1]}}",
		"{\"a.$or\":[{\"prefix\":\"x\"}]}",
	};

	(void)arg;
	for (size_t i = 0; i < COUNT(allowed); i++) {
		filter_destroy(compile(allowed[i]));
	}
}

static void every_refusal(void **arg)
{
	(void)arg;
	for (size_t i = 0; i < COUNT(refusals); i++) {
		const struct refusal *refusal = &refusals[i];
		struct value document = parse(refusal->json);
		struct filter *filter = NULL;
		struct err err = { 0 };
		int rc = filter_compile(&document, &filter, &err);

		assert_string_equal(err.msg, refusal->msg);
		assert_int_equal(rc, refusal->code);
		assert_int_equal(err.code, refusal->code);
		assert_null(filter);
		assert_int_equal(filter_compile(&document, &filter, NULL), rc);
		value_clear(&document);
	}
}

/* The steps as text, with a '!' when the key is to blame. */
static void put_fault(struct buf *out, const struct filter_fault *fault)
{
	for (size_t i = 0; i < fault->depth; i++) {
		buf_printf(out, "%s%zu", i ? " " : "", fault->steps[i]);
	}
	buf_put_text(out, fault->at_key ? "!" : "");
	buf_put_byte(out, 0);
}

static void places(void **arg)
{
	static const struct {
		const char *json;
		const char *steps;
	} cases[] = {
		{ "7", "" },
		{ "{\"a\":[1],\"b\":2}", "1" },
		{ "{\"a\":[1],\"b\":[1,2,{\"preffix\":\"x\"}]}", "1 2 0!" },
		{ "{\"b\":[{\"prefix\":1}]}", "0 0 0" },
		{ "{\"b\":{\"c\":[{\"numeric\":[\"<\",\"x\"]}]}}",
		  "0 0 0 0 1" },
		{ "{\"a\":[1],\"$or\":[]}", "1" },
		{ "{\"b\":[{\"anything-but\":{\"prefix\":[\"x\",1]}}]}",
		  "0 0 0 0 1" },
		{ "{\"b\":[{\"anything-but\":{\"numeric\":[]}}]}", "0 0 0 0!" },
		{ "{\"$or\":[{\"a\":[1]},{\"b\":[1],\"prefix\":[1]}]}",
		  "0 1 1!" },
		{ "{\"$or\":[{\"a\":[1]},{\"b\":[{\"suffix\":"
		  "{\"equals-ignore-case\":1}}]}]}",
		  "0 1 0 0 0 0" },
	};

	(void)arg;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct value document = parse(cases[i].json);
		struct filter_fault fault;
		struct filter *filter;
		struct buf text = { 0 };

		assert_int_not_equal(
		    filter_compile_located(&document, &filter, &fault, NULL),
		    0);
		put_fault(&text, &fault);
		assert_string_equal(text.data, cases[i].steps);
		buf_fini(&text);
		value_clear(&document);
	}
}

static struct value nested(size_t depth)
{
	struct value value = value_array();

	value_push(&value, value_int(1));
	for (size_t i = 0; i < depth; i++) {
		struct value map = value_map();

		value_set(&map, "k", value);
		value = map;
	}
	return value;
}

static void depth_limit(void **arg)
{
	struct err err;

	(void)arg;
	assert_int_equal(compile_and_clear(nested(LIMIT_FILTER_DEPTH), &err),
			 0);
	assert_int_equal(
	    compile_and_clear(nested(LIMIT_FILTER_DEPTH + 1), &err), E_TOO_BIG);
	assert_string_equal(err.msg,
			    "filter.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k: nested "
			    "deeper than 16 levels");
}

static struct value many(size_t count)
{
	struct value map = value_map();
	struct value list = value_array();

	for (size_t i = 0; i < count; i++) {
		value_push(&list, value_int((int64_t)i));
	}
	value_set(&map, "k", list);
	return map;
}

static struct value many_excluded(size_t count)
{
	struct value map = value_map();
	struct value alternatives = value_array();
	struct value but = many(count);

	value_set(&but, "anything-but", value_copy(value_get(&but, "k")));
	(void)value_remove(&but, SLICE("k"));
	value_push(&alternatives, but);
	value_set(&map, "k", alternatives);
	return map;
}

static void alternatives_limit(void **arg)
{
	(void)arg;
	assert_int_equal(
	    compile_and_clear(many(LIMIT_FILTER_ALTERNATIVES), NULL), 0);
	assert_int_equal(
	    compile_and_clear(many(LIMIT_FILTER_ALTERNATIVES + 1), NULL),
	    E_TOO_BIG);
	assert_int_equal(
	    compile_and_clear(many_excluded(LIMIT_FILTER_ALTERNATIVES - 1),
			      NULL),
	    0);
	assert_int_equal(
	    compile_and_clear(many_excluded(LIMIT_FILTER_ALTERNATIVES), NULL),
	    E_TOO_BIG);
}

static void bytes_are_refused(void **arg)
{
	struct value map = value_map();
	struct value list = value_array();
	struct err err;

	(void)arg;
	value_push(&list, value_bytes(SLICE("x")));
	value_set(&map, "k", list);
	assert_int_equal(compile_and_clear(map, &err), E_INVALID);
	assert_string_equal(err.msg,
			    "filter.k[0]: expected a string, number, true, "
			    "false, null or operator, found bytes");
}

static void long_keys_leave_room_for_the_sentence(void **arg)
{
	struct buf json = { 0 };
	struct err err;

	(void)arg;
	buf_put_text(&json, "{\"");
	for (size_t i = 0; i < 400; i++) {
		buf_put_text(&json, "ü");
	}
	buf_put_text(&json, "\":[{\"exists\":1}]}");
	buf_put_byte(&json, 0);
	assert_int_equal(compile_and_clear(parse(json.data), &err), E_INVALID);
	assert_true(slice_ends_with(
	    slice_of(err.msg),
	    SLICE("[0].exists: expected true or false, found number")));
	buf_fini(&json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_refusal),
		cmocka_unit_test(dollar_in_front),
		cmocka_unit_test(places),
		cmocka_unit_test(depth_limit),
		cmocka_unit_test(alternatives_limit),
		cmocka_unit_test(bytes_are_refused),
		cmocka_unit_test(long_keys_leave_room_for_the_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
