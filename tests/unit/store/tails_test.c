/*
 * Runs are found by the end of their id, whether a segment speaks for them or
 * none does, also when a clock was set back, and when runs are gone.
 */
#include "auditing.h"
#include "base/id.h"
#include "store/handle.h"

#define MANY (2 * TAILS_GATHERED + 100)
#define MAX  8

/* Of what is gathered at a time. */
#define SEGMENTS (TAILS_GATHERED / TAILS_SEGMENT + 1)

static uint64_t dice;

static int set_up_dice(void **state)
{
	dice = 88172645463325252u;
	return set_up(state);
}

/* xorshift64, Marsaglia 2003. */
static uint64_t roll(void)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return dice;
}

static struct id random_id(int64_t ms)
{
	unsigned char random[10];

	for (size_t i = 0; i < sizeof(random); i++) {
		random[i] = (unsigned char)roll();
	}
	return id_make(ms * 1000, random);
}

static void put_bare(struct id id)
{
	struct run_record run = test_run(0);

	run.id = id;
	run.state = GROUP_SUCCEEDED;
	run.ended_us = 5;
	store_put_run(store, &run, -1);
}

static struct id *put_many(size_t len)
{
	struct id *ids = alloc_zeroed(len, sizeof(*ids));

	for (size_t i = 0; i < len; i++) {
		ids[i] = random_id(TEST_MS + (int64_t)i);
		put_bare(ids[i]);
	}
	commit();
	return ids;
}

/* How many commits it took. */
static size_t gather(void)
{
	size_t commits = 0;

	while (store_tails_due(store)) {
		assert_ok(store_gather_tails(store, &test_err));
		commits += !store_batch_empty(store);
		commit();
	}
	return commits;
}

static size_t segments(void)
{
	MDB_stat stat;
	MDB_txn *txn;

	assert_ok(env_read(&store->env, &txn, &test_err));
	assert_ok(mdb_stat(txn, store->env.tables[TABLE_TAILS], &stat));
	mdb_txn_abort(txn);
	return stat.ms_entries;
}

/* By its last `digits`; the one that is looked for must be among them. */
static bool is_found(struct id id, size_t digits)
{
	char text[ID_TEXT_SIZE];
	struct id found[MAX];

	id_format(&id, text);
	struct slice end = { text + ID_TEXT_SIZE - 1 - digits, digits };
	int len = view_find(view, end, found, MAX, &test_err);

	assert_true(len >= 0);
	for (int i = 0; i < len; i++) {
		char other[ID_TEXT_SIZE];

		id_format(&found[i], other);
		assert_memory_equal(other + ID_TEXT_SIZE - 1 - digits, end.ptr,
				    digits);
		if (id_equal(&found[i], &id)) {
			return true;
		}
	}
	return false;
}

static void assert_all_found(const struct id *ids, size_t len)
{
	for (size_t i = 0; i < len; i += 13) {
		assert_true(is_found(ids[i], 6 + i % 20));
	}
	assert_true(is_found(ids[0], 8));
	assert_true(is_found(ids[len - 1], 8));
}

static void test_found_by_any_end(void **state)
{
	struct id *ids = put_many(MANY);
	struct id found[MAX];

	(void)state;
	assert_all_found(ids, MANY);
	assert_int_equal(gather(), 2);
	assert_int_equal(segments(), 2 * SEGMENTS);
	assert_all_found(ids, MANY);
	/* Many have it: as many as there is room for. */
	assert_int_equal(view_find(view, SLICE("k"), found, MAX, &test_err),
			 MAX);
	assert_int_equal(view_find(view, SLICE("K"), found, MAX, &test_err),
			 MAX);
	assert_int_equal(
	    view_find(view, SLICE("zzzzzzzzzz"), found, MAX, &test_err), 0);
	free(ids);
}

/* Ids whose last digits are the same: the search looks no further. */
static void test_ends_that_are_long(void **state)
{
	struct id *ids = put_many(TAILS_GATHERED - 3);
	struct id like[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		like[i] = random_id(TEST_MS + MANY + i);
		memcpy(like[i].bytes + 8, ids[100].bytes + 8, 8);
		put_bare(like[i]);
	}
	commit();
	assert_int_equal(gather(), 1);
	for (size_t digits = 10; digits < ID_TEXT_SIZE; digits++) {
		assert_true(is_found(ids[100], digits));
		assert_true(is_found(like[0], digits));
		assert_true(is_found(like[2], digits));
	}
	free(ids);
}

static void test_few_are_left_alone(void **state)
{
	struct id *ids = put_many(TAILS_GATHERED - 1);

	(void)state;
	assert_int_equal(gather(), 0);
	assert_false(store_tails_due(store));
	put_bare(random_id(TEST_MS + MANY));
	assert_true(store_tails_due(store));
	/* The last one is not there yet. */
	assert_ok(store_gather_tails(store, &test_err));
	commit();
	assert_int_equal(segments(), 0);
	free(ids);
}

static void reopen(void)
{
	view_close(view);
	store_close(store);
	assert_ok(store_open(folder, &store, &test_err));
	view = view_of_store(store);
}

/* So that segments are added. */
static void put_more(void)
{
	for (int i = 0; i < TAILS_GATHERED; i++) {
		put_bare(random_id(TEST_MS + MANY + i));
	}
	commit();
}

static void test_clock_set_back(void **state)
{
	struct id *ids = put_many(MANY);
	struct id late = random_id(TEST_MS + 50);

	(void)state;
	(void)gather();
	put_bare(late);
	commit();
	assert_int_equal(segments(), 2 * SEGMENTS - 1);
	assert_true(is_found(late, 10));
	assert_all_found(ids, MANY);
	/* Others may follow: it is put right later. */
	assert_false(store_tails_due(store));
	put_more();
	(void)gather();
	assert_true(segments() >= 3 * SEGMENTS);
	assert_true(is_found(late, 10));
	assert_all_found(ids, MANY);
	free(ids);
}

/* Before the segment is committed, and while it is. */
static void test_clock_set_back_meanwhile(void **state)
{
	struct id *ids = put_many(TAILS_GATHERED);
	struct id with = random_id(TEST_MS + 50);
	struct id after = random_id(TEST_MS + 60);

	(void)state;
	put_bare(with);
	assert_ok(store_gather_tails(store, &test_err));
	commit();
	assert_true(is_found(with, 10));
	reopen();
	assert_ok(store_gather_tails(store, &test_err));
	store_commit_begin(store);
	put_bare(after);
	assert_ok(store_commit_end(store, &test_err));
	commit();
	assert_true(is_found(with, 10));
	assert_true(is_found(after, 10));
	(void)gather();
	assert_true(is_found(after, 10));
	assert_all_found(ids, TAILS_GATHERED);
	free(ids);
}

static void test_deleted_runs(void **state)
{
	struct id *ids = put_many(2 * TAILS_GATHERED);

	(void)state;
	(void)gather();
	assert_int_equal(segments(), 2 * SEGMENTS);
	assert_ok(store_delete_run(store, &ids[7], &test_err));
	commit();
	assert_false(is_found(ids[7], 10));
	for (size_t i = 0; i < TAILS_GATHERED; i++) {
		if (i != 7) {
			assert_ok(store_delete_run(store, &ids[i], &test_err));
		}
	}
	commit();
	assert_false(is_found(ids[8], 10));
	assert_true(is_found(ids[TAILS_GATHERED], 10));
	/* Nobody needs the first segments any more. */
	put_more();
	(void)gather();
	assert_int_equal(segments(), 2 * SEGMENTS);
	assert_true(is_found(ids[TAILS_GATHERED], 10));
	free(ids);
}

static void put_segment(struct id first, struct id last, struct id *ids,
			size_t len)
{
	struct key key = key_run(&last);
	struct buf value = { 0 };

	segment_encode(&value, &first, ids, len);
	store_put_row(store, TABLE_TAILS, key_slice(&key), buf_slice(&value));
	buf_fini(&value);
	commit();
}

/* Of runs that are not there. */
static void put_unsorted(const struct id *last)
{
	struct id first = test_id(8);
	struct buf value = { 0 };

	buf_put_byte(&value, 1);
	buf_put(&value, first.bytes, ID_SIZE);
	buf_put_u32(&value, 7);
	buf_put_u32(&value, 6);
	store_put_row(store, TABLE_TAILS,
		      (struct slice){ (const char *)last->bytes, ID_SIZE },
		      buf_slice(&value));
	buf_fini(&value);
	commit();
}

static void test_is_checked(void **state)
{
	/* The second one is gone. */
	struct id ids[] = { sound_run(1, 2).id, test_id(5) };
	struct id last = test_id(9);
	struct key made = key_run(&ids[1]);

	(void)state;
	commit();
	put_segment(ids[0], ids[1], ids, 2);
	assert_sound(view, 1);
	batch_delete(&store->batch, TABLE_TAILS, &made);
	put_segment(test_id(0), last, &ids[1], 1);
	assert_found("run: is not in tails\n");
	put_unsorted(&last);
	assert_found("tails: one is out of order\n");
	store_put_row(store, TABLE_TAILS,
		      (struct slice){ (const char *)last.bytes, ID_SIZE },
		      SLICE("no"));
	commit();
	assert_found("tails: one cannot be read\n");
	/* What is of no use is thrown away. */
	reopen();
	(void)gather();
	assert_sound(view, 1);
	assert_int_equal(segments(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_dice, down)
		TEST(test_found_by_any_end),
		TEST(test_ends_that_are_long),
		TEST(test_few_are_left_alone),
		TEST(test_clock_set_back),
		TEST(test_clock_set_back_meanwhile),
		TEST(test_deleted_runs),
		TEST(test_is_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
