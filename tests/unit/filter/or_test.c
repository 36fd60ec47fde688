/* $or: what it means, what it is expanded to, and how much of that. */
#include "filter_test.h"

#include "base/limits.h"
#include "filter/clause.h"

static const struct match_case cases[] = {
	{ "{\"$or\":[{\"a\":[1]},{\"b\":[2]},{\"c\":[3]}]}", "{\"c\":3}",
	  true },
	{ "{\"$or\":[{\"a\":[1]},{\"b\":[2]},{\"c\":[3]}]}",
	  "{\"a\":2,\"b\":3,\"c\":1}", false },
	/* The same key inside and outside: both must hold. */
	{ "{\"a\":[1,2],\"$or\":[{\"a\":[2,3]},{\"b\":[1]}]}", "{\"a\":2}",
	  true },
	{ "{\"a\":[1,2],\"$or\":[{\"a\":[2,3]},{\"b\":[1]}]}", "{\"a\":1}",
	  false },
	{ "{\"a\":[1,2],\"$or\":[{\"a\":[2,3]},{\"b\":[1]}]}", "{\"a\":3}",
	  false },
	{ "{\"$or\":[{\"a\":[2,3]},{\"b\":[1]}],\"a\":[1,2]}", "{\"a\":3}",
	  false },
	{ "{\"$or\":[{\"a\":[2,3]},{\"b\":[1]}],\"a\":[1,2]}",
	  "{\"a\":1,\"b\":1}", true },
	{ "{\"a\":[1],\"$or\":[{\"a\":[2]},{\"a\":[3]}]}", "{\"a\":[1,3]}",
	  true },
	/* The same path, once nested and once with a dot. */
	{ "{\"x.a\":[1,2],\"x\":{\"$or\":[{\"a\":[2]},{\"b\":[1]}]}}",
	  "{\"x\":{\"a\":2}}", true },
	{ "{\"x.a\":[1,2],\"x\":{\"$or\":[{\"a\":[2]},{\"b\":[1]}]}}",
	  "{\"x\":{\"a\":1}}", false },
	/* Below a key, and below a key of a branch. */
	{ "{\"d\":{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}}", "{\"d\":{\"b\":2}}",
	  true },
	{ "{\"d\":{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}}", "{\"b\":2}", false },
	{ "{\"$or\":[{\"d\":{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}},"
	  "{\"e\":{\"f\":[3]}}]}",
	  "{\"d.b\":2}", true },
	{ "{\"$or\":[{\"d\":{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}},"
	  "{\"e\":{\"f\":[3]}}]}",
	  "{\"e\":{\"f\":3}}", true },
	{ "{\"$or\":[{\"d\":{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}},"
	  "{\"e\":{\"f\":[3]}}]}",
	  "{\"d\":{\"f\":3},\"e\":{\"a\":1}}", false },
	/* A branch that begins with another $or. */
	{ "{\"$or\":[{\"$or\":[{\"a\":[1]},{\"b\":[1]}],\"c\":[1]},"
	  "{\"d\":[1]}]}",
	  "{\"b\":1,\"c\":1}", true },
	{ "{\"$or\":[{\"$or\":[{\"a\":[1]},{\"b\":[1]}],\"c\":[1]},"
	  "{\"d\":[1]}]}",
	  "{\"a\":1,\"b\":1}", false },
	/* Elements of a list: one element must serve one branch. */
	{ "{\"l\":{\"x\":[1],\"$or\":[{\"y\":[1]},{\"z\":[1]}]}}",
	  "{\"l\":[{\"x\":1},{\"y\":1},{\"z\":1}]}", false },
	{ "{\"l\":{\"x\":[1],\"$or\":[{\"y\":[1]},{\"z\":[1]}]}}",
	  "{\"l\":[{\"x\":1,\"z\":1},{\"y\":1}]}", true },
	/* Branches share nothing: other elements serve other branches. */
	{ "{\"$or\":[{\"l.x\":[1]},{\"l.y\":[1]}]}", "{\"l\":[{\"y\":1}]}",
	  true },
	{ "{\"$or\":[{\"a\":[{\"exists\":false}]},{\"b\":[1]}]}", "{}", true },
	{ "{\"$or\":[{\"a\":[{\"exists\":false}]},{\"b\":[1]}]}", "{\"a\":1}",
	  false },
	/* Names of operators are names of attributes outside. */
	{ "{\"prefix\":[\"x\"],\"$or\":[{\"a\":[1]},{\"b\":[1]}]}",
	  "{\"prefix\":\"x\",\"b\":1}", true },
};

static void meaning(void **arg)
{
	(void)arg;
	assert_matches(cases, COUNT(cases));
}

#define RESERVED "no attribute inside '$or' may be called like an operator"

static void refusals(void **arg)
{
	(void)arg;
	assert_refused("{\"$or\":[]}", E_INVALID,
		       "filter.$or: expected at least two maps to choose from, "
		       "found 0");
	assert_refused("{\"$or\":[{\"a\":[1]}]}", E_INVALID,
		       "filter.$or: expected at least two maps to choose from, "
		       "found 1");
	assert_refused("{\"$or\":{\"a\":[1]}}", E_INVALID,
		       "filter.$or: expected a list of maps, found map");
	assert_refused("{\"$or\":\"a\"}", E_INVALID,
		       "filter.$or: expected a list of maps, found string");
	assert_refused("{\"$or\":[{\"a\":[1]},[\"b\"]]}", E_INVALID,
		       "filter.$or[1]: expected a map, found list");
	assert_refused("{\"$or\":[\"a\",\"b\"]}", E_INVALID,
		       "filter.$or[0]: expected a map, found string");
	assert_refused("{\"$or\":[{\"a\":[1]},{}]}", E_INVALID,
		       "filter.$or[1]: an empty map; write what must match");
	assert_refused("{\"$or\":[{\"a\":[1]},{\"b\":1}]}", E_INVALID,
		       "filter.$or[1].b: expected a list of alternatives or a "
		       "map, found number");
	assert_refused("{\"d\":{\"$or\":[{\"a\":[1]}]}}", E_INVALID,
		       "filter.d.$or: expected at least two maps to choose "
		       "from, found 1");
	assert_refused("{\"$or\":[{\"a\":[1]},{\"prefix\":\"b\"}]}", E_INVALID,
		       "filter.$or[1].prefix: " RESERVED);
	assert_refused("{\"$or\":[{\"a\":[1]},{\"cidr\":[\"b\"]}]}", E_INVALID,
		       "filter.$or[1].cidr: " RESERVED);
	assert_refused("{\"$or\":[{\"a\":[1]},{\"b\":{\"numeric\":[1]}}]}",
		       E_INVALID, "filter.$or[1].b.numeric: " RESERVED);
	assert_refused("{\"$or\":[{\"a\":[1]},{\"exactly\":[1]}]}", E_INVALID,
		       "filter.$or[1].exactly: " RESERVED);
	assert_refused("{\"$or\":[{\"a\":[1]},{\"<=\":[1]}]}", E_INVALID,
		       "filter.$or[1].\"<=\": " RESERVED);
	assert_refused("{\"k\":[{\"$or\":[1,2]}]}", E_INVALID,
		       "filter.k[0].$or: '$or' stands beside keys, not in a "
		       "list");
}

/* Clauses by their paths, conjunctions apart. */
static char *shape(const struct filter *filter)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < filter->conjunction_count; i++) {
		const struct conjunction *one = &filter->conjunctions[i];

		buf_put_text(&out, i ? " | " : "");
		for (size_t j = 0; j < one->len; j++) {
			uint32_t index = one->clauses[j];

			assert_true(index < filter->clause_count);
			assert_true(j == 0 || index > one->clauses[j - 1]);
			buf_put_text(&out, j ? " " : "");
			buf_put_slice(&out, filter->clauses[index].path);
		}
	}
	return buf_take(&out);
}

static void expansion(void **arg)
{
	static const struct {
		const char *filter;
		const char *shape;
	} expected[] = {
		{ "{}", "" },
		{ "null", "" },
		{ "{\"a\":[1],\"b\":{\"c\":[2]}}", "a b.c" },
		{ "{\"a\":[1],\"$or\":[{\"b\":[1]},{\"c\":[1],\"d\":[1]}],"
		  "\"e\":[1]}",
		  "a b e | a c d e" },
		{ "{\"$or\":[{\"a\":[1]},{\"b\":[1]}],"
		  "\"x\":{\"$or\":[{\"a\":[1]},{\"b\":[1]},{\"c\":[1]}]}}",
		  "a x.a | a x.b | a x.c | b x.a | b x.b | b x.c" },
		{ "{\"$or\":[{\"a\":[1],\"$or\":[{\"b\":[1]},{\"c\":[1]}]},"
		  "{\"d\":[1]}]}",
		  "a b | a c | d" },
	};

	(void)arg;
	for (size_t i = 0; i < COUNT(expected); i++) {
		struct filter *filter = compile(expected[i].filter);
		char *found = shape(filter);

		assert_string_equal(found, expected[i].shape);
		free(found);
		filter_destroy(filter);
	}
}

static uint32_t seed = 11;

static uint32_t dice(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

static const char *const alternatives[] = {
	"[1]",
	"[2,{\"prefix\":\"x\"}]",
	"[{\"exists\":false}]",
	"[{\"anything-but\":1}]",
	"[{\"numeric\":[\">\",0]}]",
	"[{\"suffix\":\"y\"},null]",
};

/* Clauses over some of two keys, always at least one: "a": [...] */
static void put_clauses(struct buf *out, const char *keys)
{
	uint32_t both = dice(3);

	for (uint32_t i = 0; i < 2; i++) {
		if (both == 2 || both == i) {
			buf_printf(out, "%s\"l.%c\":%s",
				   i && both == 2 ? "," : "", keys[i],
				   alternatives[dice(COUNT(alternatives))]);
		}
	}
}

static void put_leaf(struct buf *out, char key)
{
	static const char *const leaves[] = { "1",    "2",     "\"xy\"",
					      "null", "[1,2]", "[]" };

	buf_printf(out, "%c\"%c\":%s", key == 'a' ? '{' : ',', key,
		   leaves[dice(COUNT(leaves))]);
}

/* {"l": [...]} with one or two elements. */
static void put_attributes(struct buf *out)
{
	uint32_t elements = 1 + dice(2);

	buf_put_text(out, "{\"l\":[");
	for (uint32_t i = 0; i < elements; i++) {
		buf_put_text(out, i ? "," : "");
		for (char key = 'a'; key <= 'd'; key++) {
			put_leaf(out, key);
		}
		buf_put_byte(out, '}');
	}
	buf_put_text(out, "]}");
	buf_put_byte(out, 0);
}

static bool matches_joined(const struct buf *common, const struct buf *branch,
			   const char *attributes)
{
	struct buf filter = { 0 };

	buf_printf(&filter, "{%.*s,%.*s}", SLICE_ARG(buf_slice(common)),
		   SLICE_ARG(buf_slice(branch)));
	buf_put_byte(&filter, 0);
	bool result = matches(filter.data, attributes);

	buf_fini(&filter);
	return result;
}

/* A filter with $or matches when it would match with one of its branches put
 * in the place of $or. */
static void branches_one_by_one(void **arg)
{
	size_t answers[2] = { 0 };

	(void)arg;
	for (size_t round = 0; round < 5000; round++) {
		struct buf common = { 0 };
		struct buf one = { 0 };
		struct buf other = { 0 };
		struct buf filter = { 0 };
		struct buf attributes = { 0 };

		put_clauses(&common, "ab");
		put_clauses(&one, "cd");
		put_clauses(&other, "cd");
		put_attributes(&attributes);
		buf_printf(&filter, "{%.*s,\"$or\":[{%.*s},{%.*s}]}",
			   SLICE_ARG(buf_slice(&common)),
			   SLICE_ARG(buf_slice(&one)),
			   SLICE_ARG(buf_slice(&other)));
		buf_put_byte(&filter, 0);
		bool expected =
		    matches_joined(&common, &one, attributes.data) ||
		    matches_joined(&common, &other, attributes.data);

		if (matches(filter.data, attributes.data) != expected) {
			fail_msg("%s on %s", filter.data, attributes.data);
		}
		answers[expected]++;
		buf_fini(&common);
		buf_fini(&one);
		buf_fini(&other);
		buf_fini(&filter);
		buf_fini(&attributes);
	}
	assert_true(answers[0] > 500);
	assert_true(answers[1] > 500);
}

static struct value branch(const char *key)
{
	struct value map = value_map();
	struct value list = value_array();

	value_push(&list, value_int(1));
	value_set(&map, key, list);
	return map;
}

static struct value choice(size_t branches)
{
	struct value list = value_array();

	for (size_t i = 0; i < branches; i++) {
		value_push(&list, branch("k"));
	}
	return list;
}

/* A map of maps, each with a choice of its own: the product of all. */
static struct value product(const size_t *factors, size_t len)
{
	struct value document = value_map();

	for (size_t i = 0; i < len; i++) {
		char key[32];
		struct value map = value_map();

		(void)snprintf(key, sizeof(key), "m%zu", i);
		value_set(&map, "$or", choice(factors[i]));
		value_set(&document, key, map);
	}
	return document;
}

static void combinations_limit(void **arg)
{
	static const size_t at[] = { 2, 2, 2, 2, 2, 2, 2, 2, 2, 2 };
	static const size_t beyond[] = { 5, 5, 41 };
	static const size_t hostile[] = { 90, 90, 90, 90, 90, 90, 90, 90,
					  90, 90, 90, 90, 90, 90, 90, 90 };
	static const size_t sum[] = { LIMIT_FILTER_CONJUNCTIONS };
	static const size_t more[] = { LIMIT_FILTER_CONJUNCTIONS + 1 };
	struct err err = { 0 };

	(void)arg;
	assert_int_equal(compile_and_clear(product(at, COUNT(at)), &err), 0);
	assert_int_equal(compile_and_clear(product(sum, 1), &err), 0);
	assert_int_equal(
	    compile_and_clear(product(beyond, COUNT(beyond)), &err), E_TOO_BIG);
	assert_string_equal(err.msg,
			    "filter.m2: the branches of '$or' make 1025 "
			    "combinations up to here; at most 1024");
	assert_int_equal(compile_and_clear(product(more, 1), &err), E_TOO_BIG);
	assert_string_equal(err.msg,
			    "filter.m0.$or[1024]: the branches of '$or' make "
			    "1025 combinations up to here; at most 1024");
	assert_int_equal(
	    compile_and_clear(product(hostile, COUNT(hostile)), &err),
	    E_TOO_BIG);
}

/* 1000 branches, each of them together with so many common keys, but for the
 * clause of its own. */
static struct value shared(size_t keys)
{
	struct value document = value_map();

	for (size_t i = 0; i < keys; i++) {
		char key[32];
		struct value list = value_array();

		value_push(&list, value_int(1));
		(void)snprintf(key, sizeof(key), "k%zu", i);
		value_set(&document, key, list);
	}
	value_set(&document, "$or", choice(1000));
	return document;
}

static void clauses_limit(void **arg)
{
	struct err err = { 0 };

	(void)arg;
	assert_int_equal(LIMIT_FILTER_CLAUSES, 100000);
	assert_int_equal(compile_and_clear(shared(99), &err), 0);
	assert_int_equal(compile_and_clear(shared(100), &err), E_TOO_BIG);
	assert_string_equal(err.msg,
			    "filter.$or: all combinations of '$or' name "
			    "101000 attributes up to here; at most 100000");
}

/* {"$or": [{"j": [1]}, {"$or": [...]}]}: maps within maps. */
static struct value chain(size_t maps)
{
	struct value document = branch("k");

	for (size_t i = 1; i < maps; i++) {
		struct value list = value_array();

		value_push(&list, branch("j"));
		value_push(&list, document);
		document = value_map();
		value_set(&document, "$or", list);
	}
	return document;
}

static void depth_limit(void **arg)
{
	struct err err = { 0 };

	(void)arg;
	assert_int_equal(compile_and_clear(chain(LIMIT_FILTER_DEPTH), &err), 0);
	assert_int_equal(compile_and_clear(chain(LIMIT_FILTER_DEPTH + 1), &err),
			 E_TOO_BIG);
	assert_true(slice_ends_with(
	    slice_of(err.msg),
	    SLICE(".$or[1].$or[0]: nested deeper than 16 levels")));
}

/* The deepest that a mistake can lie. */
static void deep_mistakes_have_a_place(void **arg)
{
	static const char innermost[] =
	    "{\"k\":[{\"anything-but\":{\"prefix\":[1]}}]}";
	struct value document = parse(innermost);
	struct filter_fault fault;
	struct filter *filter;

	(void)arg;
	for (size_t i = 1; i < LIMIT_FILTER_DEPTH; i++) {
		struct value list = value_array();

		value_push(&list, document);
		value_push(&list, branch("j"));
		document = value_map();
		value_set(&document, "$or", list);
	}
	assert_int_equal(
	    filter_compile_located(&document, &filter, &fault, NULL),
	    E_INVALID);
	assert_int_equal(fault.depth, 2 * (LIMIT_FILTER_DEPTH - 1) + 5);
	assert_true(fault.depth <= FILTER_FAULT_DEPTH);
	value_clear(&document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meaning),
		cmocka_unit_test(refusals),
		cmocka_unit_test(expansion),
		cmocka_unit_test(branches_one_by_one),
		cmocka_unit_test(combinations_limit),
		cmocka_unit_test(clauses_limit),
		cmocka_unit_test(depth_limit),
		cmocka_unit_test(deep_mistakes_have_a_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
