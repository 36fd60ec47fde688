/*
 * Listing by every condition, against a plain scan of what was put in, and
 * finding runs by the start or end of their ids.
 */
#include <ctype.h>

#include "support.h"

#define RUNS 500

static char *folder;
static struct store *store;
static struct view *view;
static struct run_record runs[RUNS]; /* oldest first */

static const char *const tenants[] = { "acme", "default" };
static const char *const flows[] = { "alpha", "beta", "betamax" };
static char uids[RUNS][16];

static void put_attributes(unsigned n)
{
	struct value map = value_map();
	struct value nested = value_map();
	struct value list = value_array();
	struct buf packed = { 0 };

	value_set(&nested, "size", value_int(n % 7));
	value_push(&list, value_text(n % 2 ? "odd" : "even"));
	value_push(&list, value_text("all"));
	value_set(&map, "lang", value_text(n % 3 ? "de" : "en"));
	value_set(&map, "file", nested);
	value_set(&map, "tags", list);
	value_set(&map, "dotted.key", value_bool(n % 5 == 0));
	pack_write(&packed, &map);
	store_put_document(store, &runs[n].id, DOCUMENT_ATTRIBUTES,
			   buf_slice(&packed));
	buf_fini(&packed);
	value_clear(&map);
}

static void put(unsigned n)
{
	struct run_record *run = &runs[n];

	*run = test_run(n);
	(void)snprintf(uids[n], sizeof(uids[n]), "uid-%u", n / 2);
	run->uid = slice_of(uids[n]);
	run->tenant = slice_of(tenants[n % 2]);
	run->workflow = slice_of(flows[n % 3]);
	run->state = (enum group_state)(n * 7 % GROUP_SKIPPED);
	store_put_run(store, run, -1);
	put_attributes(n);
}

static int set_up(void **state)
{
	(void)state;
	folder = test_folder();
	if (store_open(folder, &store, NULL)) {
		return -1;
	}
	view = view_of_store(store);
	for (unsigned n = 0; n < RUNS; n++) {
		put(n);
	}
	return store_commit(store, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	view_close(view);
	store_close(store);
	test_remove(folder);
	return 0;
}

static bool same_or_any(struct slice wanted, struct slice actual)
{
	return wanted.len == 0 || slice_equal(wanted, actual);
}

/* The conditions again, in the plainest way. */
static bool expected(const struct view_query *query, unsigned n)
{
	const struct run_record *run = &runs[n];

	return (query->states == 0 || query->states >> run->state & 1) &&
	       same_or_any(query->tenant, run->tenant) &&
	       same_or_any(query->workflow, run->workflow) &&
	       same_or_any(query->uid, run->uid) &&
	       run->created_us >= query->since_us;
}

/* As many as are listed when all are. */
static void assert_counted(const struct view_query *query, size_t len)
{
	size_t count;

	assert_ok(view_count(view, query, &count, &test_err));
	if (query->limit) {
		assert_true(count >= len);
	} else {
		assert_int_equal(count, len);
	}
}

static void check_query(const struct view_query *query)
{
	struct run_list list;
	size_t at = 0;

	assert_ok(view_list(view, query, &list, &test_err));
	assert_counted(query, list.len);
	for (unsigned n = RUNS; n-- > 0;) {
		if (!expected(query, n) ||
		    (query->limit && at == query->limit)) {
			continue;
		}
		assert_true(at < list.len);
		assert_true(id_equal(&list.runs[at].id, &runs[n].id));
		assert_int_equal(list.runs[at].state, runs[n].state);
		assert_true(slice_equal(list.runs[at].uid, runs[n].uid));
		at++;
	}
	assert_int_equal(list.len, at);
	run_list_fini(&list);
}

static void everything(void **state)
{
	(void)state;
	struct view_query query = { 0 };

	check_query(&query);
	query.limit = 3;
	check_query(&query);
	query.limit = RUNS + 1;
	check_query(&query);
}

/* Every mixture of conditions: about 2000 queries. */
static void all_mixtures(void **state)
{
	(void)state;
	static const uint32_t states[] = {
		0,
		1u << GROUP_PENDING,
		1u << GROUP_FAILED | 1u << GROUP_CANCELLED |
		    1u << GROUP_WAITING,
		1u << GROUP_SKIPPED,
		(1u << GROUP_STATES) - 1,
	};
	static const char *const some_tenants[] = { "", "acme", "default",
						    "nobody" };
	static const char *const some_flows[] = { "", "alpha", "beta",
						  "betamax", "bet" };
	static const char *const some_uids[] = { "", "uid-7", "uid-none" };
	static const unsigned since[] = { 0, 1, 250, RUNS };
	static const size_t limits[] = { 0, 1, 10 };

	for (unsigned i = 0; i < 5 * 4 * 5 * 3 * 4 * 3; i++) {
		unsigned rest = i;
		struct view_query query = { .states = states[rest % 5] };

		rest /= 5;
		query.tenant = slice_of(some_tenants[rest % 4]);
		rest /= 4;
		query.workflow = slice_of(some_flows[rest % 5]);
		rest /= 5;
		query.uid = slice_of(some_uids[rest % 3]);
		rest /= 3;
		query.since_us =
		    since[rest % 4] ? (TEST_MS + since[rest % 4]) * 1000 : 0;
		rest /= 4;
		query.limit = limits[rest];
		check_query(&query);
	}
}

static void too_long_to_exist(void **state)
{
	(void)state;
	char text[600];
	struct view_query query = { 0 };
	struct run_list list;

	memset(text, 'x', sizeof(text));
	query.uid = (struct slice){ text, sizeof(text) };
	assert_ok(view_list(view, &query, &list, &test_err));
	assert_int_equal(list.len, 0);
	run_list_fini(&list);
	query = (struct view_query){ .tenant = { text, sizeof(text) } };
	assert_ok(view_list(view, &query, &list, &test_err));
	assert_int_equal(list.len, 0);
	run_list_fini(&list);
}

/* ---- attributes ---- */

/* Takes `wanted` over. */
static size_t count_with(const char *path, struct value wanted)
{
	struct value map = value_map();
	struct view_query query = { .attributes = &map };
	struct run_list list;

	value_set(&map, path, wanted);
	assert_ok(view_list(view, &query, &list, &test_err));
	size_t len = list.len;

	assert_counted(&query, len);
	run_list_fini(&list);
	value_clear(&map);
	return len;
}

static void by_attributes(void **state)
{
	(void)state;

	assert_int_equal(count_with("lang", value_text("en")), 167);
	assert_int_equal(count_with("lang", value_text("fr")), 0);
	assert_int_equal(count_with("file.size", value_int(3)), 71);
	assert_int_equal(count_with("file.size", value_double(3)), 71);
	assert_int_equal(count_with("file.size", value_text("3")), 0);
	assert_int_equal(count_with("file.name", value_int(3)), 0);
	assert_int_equal(count_with("tags", value_text("odd")), 250);
	assert_int_equal(count_with("tags", value_text("all")), 500);
	assert_int_equal(count_with("dotted.key", value_bool(true)), 100);
	assert_int_equal(count_with("dotted", value_bool(true)), 0);
	assert_int_equal(count_with("lang.", value_text("en")), 0);
	assert_int_equal(count_with(".lang", value_text("en")), 0);
	assert_int_equal(count_with("", value_text("en")), 0);
	struct value list = value_array();

	value_push(&list, value_text("odd"));
	value_push(&list, value_text("all"));
	assert_int_equal(count_with("tags", list), 250);
}

static void by_several_attributes(void **state)
{
	(void)state;
	struct value map = value_map();
	struct view_query query = {
		.attributes = &map,
		.states = 1u << runs[0].state,
		.limit = 1,
	};
	struct run_list list;

	/* Only n = 0, 105, 210 ... of that state: the oldest. */
	value_set(&map, "lang", value_text("en"));
	value_set(&map, "file.size", value_int(0));
	value_set(&map, "dotted.key", value_bool(true));
	query.limit = 0;
	assert_ok(view_list(view, &query, &list, &test_err));
	assert_int_equal(list.len, 1);
	assert_true(id_equal(&list.runs[0].id, &runs[0].id));
	run_list_fini(&list);
	value_clear(&map);
}

static void run_without_attributes(void **state)
{
	(void)state;
	struct run_record run = test_run(RUNS + 1);

	store_put_run(store, &run, -1);
	assert_ok(store_commit(store, &test_err));
	assert_int_equal(count_with("tags", value_text("all")), RUNS);
}

/* ---- many (tenant, workflow) pairs ---- */

static void many_tenants(void **state)
{
	(void)state;
	char name[32];

	for (unsigned n = 0; n < 600; n++) {
		struct run_record run = test_run(RUNS + n);

		(void)snprintf(name, sizeof(name), "tenant-%03u", n);
		run.tenant = slice_of(name);
		run.workflow = SLICE("alpha");
		store_put_run(store, &run, -1);
	}
	assert_ok(store_commit(store, &test_err));
	struct view_query query = { .workflow = SLICE("alpha"), .limit = 601 };
	struct run_list list;

	assert_ok(view_list(view, &query, &list, &test_err));
	assert_int_equal(list.len, 601);
	assert_slice(list.runs[0].tenant, "tenant-599");
	assert_slice(list.runs[600].tenant, "acme");
	run_list_fini(&list);
	query.states = 1u << GROUP_PENDING;
	query.limit = 2;
	query.tenant = SLICE("tenant-007");
	assert_ok(view_list(view, &query, &list, &test_err));
	assert_int_equal(list.len, 1);
	run_list_fini(&list);
}

/* ---- find ---- */

static int find(const char *text, struct id *ids, size_t max)
{
	return view_find(view, slice_of(text), ids, max, &test_err);
}

static void find_whole_id(void **state)
{
	(void)state;
	struct id ids[4];
	char text[ID_TEXT_SIZE];

	id_format(&runs[77].id, text);
	assert_int_equal(find(text, ids, 4), 1);
	assert_true(id_equal(&ids[0], &runs[77].id));
	for (char *c = text; *c; c++) {
		*c = (char)toupper((unsigned char)*c);
	}
	assert_int_equal(find(text, ids, 4), 1);
	text[25] = text[25] == '0' ? '1' : '0';
	assert_int_equal(find(text, ids, 4), 0);
}

/* Against formatting every id, for all lengths. */
static void check_find(const char *text)
{
	struct id ids[RUNS];
	size_t starts = 0;
	size_t ends = 0;
	int len = find(text, ids, RUNS);

	for (unsigned n = 0; n < RUNS; n++) {
		char own[ID_TEXT_SIZE];

		id_format(&runs[n].id, own);
		if (slice_starts_with(slice_of(own), slice_of(text))) {
			starts++;
		} else if (slice_ends_with(slice_of(own), slice_of(text))) {
			ends++;
		}
	}
	assert_int_equal(len, starts + ends);
	for (size_t i = 1; i < starts; i++) {
		assert_true(id_compare(&ids[i - 1], &ids[i]) > 0);
	}
	for (size_t i = starts + 1; i < starts + ends; i++) {
		assert_true(id_compare(&ids[i - 1], &ids[i]) > 0);
	}
}

static void find_every_part(void **state)
{
	(void)state;
	char text[ID_TEXT_SIZE];
	char part[ID_TEXT_SIZE];

	for (unsigned n = 0; n < RUNS; n += 50) {
		id_format(&runs[n].id, text);
		for (size_t len = 0; len <= 26; len++) {
			memcpy(part, text, len);
			part[len] = '\0';
			check_find(part);
			check_find(text + 26 - len);
		}
	}
}

static void find_at_most(void **state)
{
	(void)state;
	struct id ids[2];

	assert_int_equal(find("0", ids, 2), 2);
	assert_true(id_equal(&ids[0], &runs[RUNS - 1].id));
	assert_true(id_equal(&ids[1], &runs[RUNS - 2].id));
	assert_int_equal(find("0", ids, 0), 0);
}

static void find_what_is_no_id(void **state)
{
	(void)state;
	struct id ids[2];

	assert_int_equal(find("u", ids, 2), 0);
	assert_int_equal(find("zz", ids, 2), 0);
	assert_int_equal(find("8", ids, 2), 2); /* an end, never a start */
	assert_int_equal(find("-", ids, 2), 0);
	assert_int_equal(find("0123456789012345678901234567", ids, 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(everything),
		TEST(all_mixtures),
		TEST(too_long_to_exist),
		TEST(by_attributes),
		TEST(by_several_attributes),
		TEST(run_without_attributes),
		TEST(many_tenants),
		TEST(find_whole_id),
		TEST(find_every_part),
		TEST(find_at_most),
		TEST(find_what_is_no_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
