#include "embedded_rows.h"

#include "store/upkeep.h"

static uint64_t rows(struct rig *rig, const char *table)
{
	struct store_stat stat;

	rig_commit(rig);
	assert_int_equal(view_stat(rig->view, &stat, NULL), 0);
	for (size_t i = 0; i < stat.table_count; i++) {
		if (strcmp(stat.tables[i].name, table) == 0) {
			return stat.tables[i].entries;
		}
	}
	fail_msg("no table %s", table);
	return 0;
}

static int copy_row(void *arg, const struct message_record *message)
{
	*(struct message_record *)arg = *message;
	return 0;
}

/* The only message of the run; its texts are not looked at. */
static struct message_record row_of(struct rig *rig, int number)
{
	struct message_key key = rig_key(number);
	struct message_record row = { .state = MESSAGE_STATES };

	rig_commit(rig);
	assert_int_equal(
	    view_each_message(rig->view, &key.run, copy_row, &row, NULL), 0);
	return row;
}

static void a_row_tells_all(struct rig *rig)
{
	struct queue_policy policy = queue_policy_default();
	int64_t begin_us = rig->now_us;
	struct message_record row;

	policy.visibility_ms = 1000;
	rig_set(rig, "q", &policy);
	rig_put_priority(rig, "q", 1, -7);
	row = row_of(rig, 1);
	assert_int_equal(row.state, MESSAGE_WAITING);
	assert_int_equal(row.priority, -7);
	assert_int_equal(row.entered_us, begin_us);
	assert_int_equal(row.deliveries, 0);
	rig_pass(rig, S);
	assert_int_equal(rig_lease(rig, "q"), 1);
	row = row_of(rig, 1);
	assert_int_equal(row.state, MESSAGE_LEASED);
	assert_int_equal(row.deliveries, 1);
	assert_int_equal(row.leased_us, begin_us + S);
	assert_int_equal(row.lease_until_us, begin_us + 2 * S);
	rig_nack(rig, 1, rig->now_us + 5 * S);
	row = row_of(rig, 1);
	assert_int_equal(row.state, MESSAGE_WAITING);
	assert_int_equal(row.visible_us, begin_us + 6 * S);
	assert_int_equal(row.leased_us, begin_us + S);
	assert_int_equal(row.lease_until_us, 0);
	rig_bury(rig, 1);
	row = row_of(rig, 1);
	assert_int_equal(row.state, MESSAGE_DEAD);
	assert_int_equal(row.dead_us, rig->now_us);
	assert_int_equal(row.deliveries, 1);
}

static void a_refused_lease_is_no_delivery(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_put(rig, "q", 1);
	rig_put(rig, "q", 1 + RIG_PER_RUN);
	assert_int_equal(rig_lease(rig, "q"), 1);
	rig_refuse(rig, 1, QUEUE_ASIDE);
	struct message_record row = row_of(rig, 1);

	assert_int_equal(row.state, MESSAGE_WAITING);
	assert_int_equal(row.deliveries, 0);
	assert_int_equal(row.leased_us, 0);
	assert_int_equal(row.visible_us, QUEUE_ASIDE);
	/* Of one that waits, or is not there, nothing changes. */
	rig_refuse(rig, 1 + RIG_PER_RUN, QUEUE_ASIDE);
	rig_refuse(rig, 2, QUEUE_ASIDE);
	assert_int_equal(row_of(rig, 1 + RIG_PER_RUN).visible_us, 0);
	rig_expose(rig, 1);
	assert_int_equal(rig_lease(rig, "q"), 1);
	assert_int_equal(row_of(rig, 1).deliveries, 1);
}

static void deliveries_are_counted_on(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_put(rig, "q", 1);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(rig_lease(rig, "q"), 1);
		rig_commit(rig);
		rig_crash(rig);
	}
	assert_int_equal(row_of(rig, 1).deliveries, 3);
	assert_int_equal(row_of(rig, 1).state, MESSAGE_WAITING);
}

static int has_error(void *arg, const struct message_record *message)
{
	assert_true(slice_is(message->error, arg));
	return 0;
}

static void expect_error(struct rig *rig, const char *text)
{
	char *copy = alloc_string(text);

	rig_commit(rig);
	assert_int_equal(
	    view_each_message(rig->view, NULL, has_error, copy, NULL), 0);
	free(copy);
}

static void the_last_error_is_kept(struct rig *rig)
{
	struct message_key key = rig_key(1);

	rig_set_default(rig, "q");
	rig_put(rig, "q", 1);
	expect_error(rig, "");
	assert_int_equal(rig_lease(rig, "q"), 1);
	rig_nack(rig, 1, 0);
	expect_error(rig, "no luck");
	rig_crash(rig);
	assert_int_equal(rig_lease(rig, "q"), 1);
	expect_error(rig, "no luck");
	rig->driver->nack(rig->backend, &key, 0, SLICE(""), rig->now_us);
	expect_error(rig, "no luck");
	rig_bury(rig, 1);
	expect_error(rig, "attempts used up");
}

static void nothing_is_left(struct rig *rig)
{
	struct blob *shared = blob_make(SLICE("shared by all of a run"));

	rig_set_default(rig, "q");
	for (int i = 0; i < 3 * RIG_PER_RUN; i++) {
		struct blob *own =
		    blob_make((struct slice){ (const char *)&i, sizeof(i) });

		rig_put_parts(rig, "q", i, shared, own, shared);
		blob_unref(own);
	}
	assert_int_equal(rows(rig, "messages"), 3 * RIG_PER_RUN);
	assert_int_equal(rows(rig, "parts"), 3 + 3 * RIG_PER_RUN);
	rig_crash(rig);
	for (int i = 0; i < 3 * RIG_PER_RUN; i++) {
		assert_int_equal(rig_lease(rig, "q"), i);
		if (i % 3 == 0) {
			rig_bury(rig, i);
		} else {
			rig_ack(rig, i);
		}
	}
	assert_int_equal(rows(rig, "messages"), RIG_PER_RUN);
	assert_int_equal(rows(rig, "parts"), 3 + RIG_PER_RUN);
	rig_crash(rig);
	for (int i = 0; i < 3 * RIG_PER_RUN; i += 3) {
		rig_drop_dead(rig, i);
	}
	assert_int_equal(rows(rig, "messages"), 0);
	assert_int_equal(rows(rig, "parts"), 0);
	assert_int_equal(rows(rig, "queues"), 1);
	rig->driver->retire(rig->backend, SLICE("q"));
	assert_int_equal(rows(rig, "queues"), 0);
	blob_unref(shared);
}

/* The same bytes, in the one that dies and in the one that replaces it. */
static void a_replaced_one_leaves_no_document(struct rig *rig)
{
	struct blob *same = blob_make(SLICE("same"));
	struct blob *old = blob_make(SLICE("old"));

	rig_set_default(rig, "q");
	rig_put_parts(rig, "q", 1, same, old, NULL);
	assert_int_equal(rig_lease(rig, "q"), 1);
	rig_bury(rig, 1);
	assert_int_equal(rows(rig, "parts"), 2);
	rig_crash(rig);
	rig_put_parts(rig, "q", 1, same, NULL, NULL);
	assert_int_equal(rows(rig, "parts"), 1);
	rig_ack(rig, 1);
	assert_int_equal(rows(rig, "parts"), 0);
	blob_unref(same);
	blob_unref(old);
}

/* As after an import, or by a daemon that knew the queue no more. */
static void a_message_without_a_queue_brings_it_along(struct rig *rig)
{
	struct message_record row = {
		.run = rig_key(1).run,
		.task = rig_key(1).task,
		.queue = SLICE("lost"),
		.plugin = SLICE("worker"),
		.place = 7,
	};

	store_put_message(rig->store, &row);
	rig_commit(rig);
	rig_crash(rig);
	assert_int_equal(rows(rig, "queues"), 1);
	assert_true(rig_has_queue(rig, "lost"));
	rig_expect(rig, "lost", 1, 1);
}

/* A policy that a newer program wrote is not the end of the messages. */
static void a_policy_that_is_not_understood(struct rig *rig)
{
	rig_put(rig, "q", 1);
	store_put_queue(rig->store, &(struct queue_record){
					.name = SLICE("q"),
					.plugin = SLICE("worker"),
					.policy = SLICE("{\"colour\": 3}"),
				    });
	rig_commit(rig);
	rig_crash(rig);
	rig_expect(rig, "q", 1, 1);
}

const struct conformance_test embedded_rows[] = {
	TEST(a_row_tells_all),
	TEST(a_refused_lease_is_no_delivery),
	TEST(deliveries_are_counted_on),
	TEST(the_last_error_is_kept),
	TEST(nothing_is_left),
	TEST(a_replaced_one_leaves_no_document),
	TEST(a_message_without_a_queue_brings_it_along),
	TEST(a_policy_that_is_not_understood),
	{ 0 },
};
