/*
 * How much an index does for a match: the number of candidates that it looks
 * at, for shapes of filters that have one clause in common with the message,
 * and one that tells them apart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "document/json.h"
#include "filter/index.h"

#define FILTERS 250

struct fixture {
	struct filter_index *index;
	struct filter *filters[FILTERS];
};

static struct value parse(const char *json)
{
	struct value value;
	struct err err;

	if (json_read(slice_of(json), NULL, &value, &err)) {
		fail_msg("%s: %s", json, err.msg);
	}
	return value;
}

static struct filter *compile(const char *json)
{
	struct value document = parse(json);
	struct filter *filter = NULL;
	struct err err;

	if (filter_compile(&document, &filter, &err)) {
		fail_msg("%s: %s", json, err.msg);
	}
	value_clear(&document);
	return filter;
}

/* `form` has one or two %d for the number of the filter. */
static void fill(struct fixture *fixture, const char *form)
{
	fixture->index = filter_index_create(17);
	for (int i = 0; i < FILTERS; i++) {
		char json[256];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(json, sizeof(json), form, i, i);
#pragma GCC diagnostic pop
		fixture->filters[i] = compile(json);
		filter_index_add(fixture->index, fixture->filters[i],
				 (uint32_t)i, 0);
	}
}

static void empty(struct fixture *fixture)
{
	for (int i = 0; i < FILTERS; i++) {
		assert_int_equal(
		    filter_index_remove(fixture->index, (uint32_t)i), 0);
		filter_destroy(fixture->filters[i]);
	}
	assert_int_equal(fixture->index->equals.heap, 0);
	assert_int_equal(fixture->index->others.heap, 0);
	assert_int_equal(fixture->index->groups.heap, 0);
	assert_int_equal(fixture->index->positions_size, 0);
	assert_int_equal(fixture->index->items_size, 0);
	assert_int_equal(fixture->index->keys.heap, 0);
	filter_index_destroy(fixture->index);
}

/* Exactly filter 77 of FILTERS matches, and few others are looked at. */
static void assert_work(const char *form, const char *message, size_t work)
{
	struct fixture fixture;
	struct value attributes = parse(message);
	const uint32_t *ids;

	fill(&fixture, form);
	size_t len = filter_index_match(fixture.index, &attributes, 0, &ids);

	if (len != 1 || ids[0] != 77) {
		fail_msg("%s: %zu matches", form, len);
	}
	if (fixture.index->looked_at > work) {
		fail_msg("%s: %zu candidates", form, fixture.index->looked_at);
	}
	value_clear(&attributes);
	empty(&fixture);
}

static void each_operator_is_filed(void **arg)
{
	(void)arg;
	assert_work("{\"a\":[\"v%d\"]}", "{\"a\":\"v77\",\"b\":1}", 1);
	assert_work("{\"a\":[%d]}", "{\"a\":77.0}", 1);
	assert_work("{\"a\":[{\"numeric\":[\"=\",%d]}]}", "{\"a\":77}", 1);
	assert_work("{\"a\":[{\"prefix\":\"p%d-\"}]}", "{\"a\":\"p77-x\"}", 1);
	assert_work("{\"a\":[{\"suffix\":\"-%d.\"}]}", "{\"a\":\"x-77.\"}", 1);
	assert_work("{\"a\":[{\"equals-ignore-case\":\"A%dÉ\"}]}",
		    "{\"a\":\"a77é\"}", 1);
	assert_work("{\"a\":[{\"prefix\":{\"equals-ignore-case\":\"É%d-\"}}]}",
		    "{\"a\":\"é77-z\"}", 1);
	assert_work("{\"a\":[{\"suffix\":{\"equals-ignore-case\":\"-%dé\"}}]}",
		    "{\"a\":\"x-77É\"}", 1);
	assert_work("{\"a\":[{\"wildcard\":\"p%d-*x\"}]}", "{\"a\":\"p77-yx\"}",
		    1);
	assert_work("{\"a\":[{\"wildcard\":\"*y*-%d.\"}]}",
		    "{\"a\":\"xy-77.\"}", 1);
	assert_work("{\"a\":[{\"wildcard\":\"v%d\"}]}", "{\"a\":\"v77\"}", 1);
	assert_work("{\"a\":[{\"wildcard\":\"*[%d]*\"}]}",
		    "{\"a\":\"xy[77].\"}", 4);
	assert_work("{\"a\":[{\"cidr\":\"10.%d.0.0/16\"}]}",
		    "{\"a\":\"10.77.3.4\"}", 1);
	assert_work("{\"a\":[{\"cidr\":\"2001:db8:%d::/48\"}]}",
		    "{\"a\":\"2001:db8:77:ff::1\"}", 1);
	assert_work("{\"a\":[{\"numeric\":[\">=\",%d,\"<\",%d.5]}]}",
		    "{\"a\":77.25}", 1);
}

static void the_rarer_clause_is_chosen(void **arg)
{
	(void)arg;
	assert_work("{\"hot\":[\"x\"],\"rare\":[\"r%d\"]}",
		    "{\"hot\":\"x\",\"rare\":\"r77\"}", 2);
	assert_work("{\"rare\":[%d],\"hot\":[true]}",
		    "{\"hot\":true,\"rare\":77}", 2);
	assert_work("{\"a\":[{\"exists\":false}],\"rare\":[\"r%d\"]}",
		    "{\"rare\":\"r77\"}", 1);
	assert_work("{\"a\":[{\"anything-but\":\"x\"}],\"rare\":[\"r%d\"]}",
		    "{\"a\":\"y\",\"rare\":\"r77\"}", 1);
	assert_work("{\"a\":[{\"wildcard\":\"*x*\"}],\"b\":[{\"suffix\":"
		    "\"-%d.\"}]}",
		    "{\"a\":\"x\",\"b\":\"-77.\"}", 1);
}

/* Filed under the same value; the other key tells at once that none holds. */
static void guards_turn_candidates_away(void **arg)
{
	struct fixture fixture;
	struct value absent = parse("{\"a\":\"x\"}");
	struct value present = parse("{\"a\":\"x\",\"c\":0}");
	const uint32_t *ids;

	(void)arg;
	fill(&fixture, "{\"a\":[\"x\"],\"c\":[{\"exists\":true}]}");
	assert_int_equal(filter_index_match(fixture.index, &absent, 0, &ids),
			 0);
	assert_int_equal(fixture.index->looked_at, 0);
	assert_int_equal(filter_index_match(fixture.index, &present, 0, &ids),
			 FILTERS);
	value_clear(&absent);
	value_clear(&present);
	empty(&fixture);
}

static void equal_clauses_are_tested_once(void **arg)
{
	struct fixture fixture;
	struct value no = parse("{\"a\":\"x\"}");
	struct value yes = parse("{\"a\":\"y\"}");
	const uint32_t *ids;

	(void)arg;
	fill(&fixture, "{\"a\":[{\"anything-but\":[\"x\",\"z\"]}]}");
	assert_int_equal(fixture.index->groups.slots.len, 1);
	assert_int_equal(filter_index_match(fixture.index, &no, 0, &ids), 0);
	assert_int_equal(fixture.index->looked_at, 0);
	assert_int_equal(filter_index_match(fixture.index, &yes, 0, &ids),
			 FILTERS);
	for (uint32_t i = 0; i < FILTERS; i++) {
		assert_int_equal(ids[i], i);
	}
	value_clear(&no);
	value_clear(&yes);
	empty(&fixture);
}

/* What went before was filed under the hot value: it had nothing else. */
static void what_is_hot_is_learnt(void **arg)
{
	struct filter *hot = compile("{\"type\":[\"et-1\"]}");
	struct fixture fixture;
	struct value attributes = parse("{\"type\":\"et-2\",\"who\":\"c77\"}");
	const uint32_t *ids;

	(void)arg;
	fill(&fixture, "{\"type\":[\"et-2\",\"et-3\"],\"who\":[\"c%d\"]}");
	for (uint32_t i = 0; i < 1000; i++) {
		filter_index_add(fixture.index, hot, FILTERS + i, 0);
	}
	assert_int_equal(
	    filter_index_match(fixture.index, &attributes, 0, &ids), 1);
	assert_int_equal(ids[0], 77);
	assert_true(fixture.index->looked_at <= 2);
	for (uint32_t i = 0; i < 1000; i++) {
		assert_int_equal(
		    filter_index_remove(fixture.index, FILTERS + i), 0);
	}
	filter_destroy(hot);
	value_clear(&attributes);
	empty(&fixture);
}

/* A message with a list of many values does not look at a filter twice. */
static void a_filter_is_found_once(void **arg)
{
	struct fixture fixture;
	struct value attributes =
	    parse("{\"a\":[\"v77\",\"v77\",\"w77\",\"v77\"]}");
	const uint32_t *ids;

	(void)arg;
	fill(&fixture, "{\"a\":[\"v%d\",\"w%d\"]}");
	assert_int_equal(
	    filter_index_match(fixture.index, &attributes, 0, &ids), 1);
	assert_int_equal(ids[0], 77);
	value_clear(&attributes);
	empty(&fixture);
}

static void stamps_survive_the_turn_of_the_count(void **arg)
{
	struct fixture fixture;
	struct value attributes = parse("{\"a\":77}");
	const uint32_t *ids;

	(void)arg;
	fill(&fixture, "{\"a\":[%d]}");
	assert_int_equal(
	    filter_index_match(fixture.index, &attributes, 0, &ids), 1);
	fixture.index->epoch = UINT32_MAX;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
		    filter_index_match(fixture.index, &attributes, 0, &ids), 1);
	}
	assert_int_equal(fixture.index->epoch, 3);
	value_clear(&attributes);
	empty(&fixture);
}

static void generations_are_kept(void **arg)
{
	struct filter_index *index = filter_index_create(1);
	struct filter *filter = compile("{\"a\":[1]}");
	struct value attributes = parse("{\"a\":1}");
	const uint32_t *ids;

	(void)arg;
	filter_index_add(index, filter, 4, 10);
	filter_index_add(index, filter, 2, 20);
	assert_int_equal(filter_index_retire(index, 4, 20), 0);
	assert_int_equal(filter_index_retire(index, 4, 21), E_NOT_FOUND);
	assert_int_equal(filter_index_retire(index, 3, 21), E_NOT_FOUND);
	assert_int_equal(filter_index_match(index, &attributes, 9, &ids), 0);
	assert_int_equal(filter_index_match(index, &attributes, 10, &ids), 1);
	assert_int_equal(ids[0], 4);
	assert_int_equal(filter_index_match(index, &attributes, 19, &ids), 1);
	assert_int_equal(ids[0], 4);
	assert_int_equal(filter_index_match(index, &attributes, 20, &ids), 1);
	assert_int_equal(ids[0], 2);
	assert_int_equal(filter_index_len(index), 2);
	assert_int_equal(filter_index_remove(index, 4), 0);
	assert_int_equal(filter_index_remove(index, 4), E_NOT_FOUND);
	assert_int_equal(filter_index_match(index, &attributes, 19, &ids), 0);
	assert_int_equal(filter_index_len(index), 1);
	filter_index_destroy(index);
	filter_destroy(filter);
	value_clear(&attributes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_operator_is_filed),
		cmocka_unit_test(the_rarer_clause_is_chosen),
		cmocka_unit_test(guards_turn_candidates_away),
		cmocka_unit_test(equal_clauses_are_tested_once),
		cmocka_unit_test(what_is_hot_is_learnt),
		cmocka_unit_test(a_filter_is_found_once),
		cmocka_unit_test(stamps_survive_the_turn_of_the_count),
		cmocka_unit_test(generations_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
