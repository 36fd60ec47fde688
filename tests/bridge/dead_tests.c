#include "conformance.h"

static void put_and_bury(struct rig *rig, int number)
{
	rig_put(rig, "q", number);
	assert_int_equal(rig_lease(rig, "q"), number);
	rig_bury(rig, number);
}

static void a_dead_one_is_not_handed_out(struct rig *rig)
{
	rig_set_default(rig, "q");
	put_and_bury(rig, 1);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	assert_int_equal(rig_waiting(rig, "q"), 0);
	rig_nack(rig, 1, 0);
	rig_expose(rig, 1);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	rig_commit(rig);
	rig_crash(rig);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	assert_false(rig_empty(rig, "q"));
}

static void one_that_waits_can_be_buried(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_put(rig, "q", 1);
	rig_put(rig, "q", 2);
	rig_bury(rig, 1);
	rig_expect(rig, "q", 1, 2);
}

static void a_dead_one_is_replaced(struct rig *rig)
{
	rig_set_default(rig, "q");
	put_and_bury(rig, 1);
	rig_put(rig, "q", 2);
	rig_put(rig, "q", 1);
	/* At the end: it entered anew. */
	rig_expect(rig, "q", 2, 2, 1);
	rig_ack(rig, 1);
	rig_ack(rig, 2);
	assert_true(rig_empty(rig, "q"));
}

static void a_dead_one_is_replaced_after_a_crash(struct rig *rig)
{
	rig_set_default(rig, "q");
	put_and_bury(rig, 1);
	rig_commit(rig);
	rig_crash(rig);
	rig_put(rig, "q", 1);
	rig_expect(rig, "q", 1, 1);
	rig_commit(rig);
	rig_crash(rig);
	rig_expect(rig, "q", 1, 1);
	rig_ack(rig, 1);
	assert_true(rig_empty(rig, "q"));
}

/* Places go on behind those of the dead: what entered last comes last. */
static void places_go_on_after_a_crash(struct rig *rig)
{
	rig_set_default(rig, "q");
	for (int i = 1; i <= 5; i++) {
		rig_put(rig, "q", i);
	}
	rig_commit(rig);
	rig_crash(rig);
	rig_put(rig, "q", 0);
	rig_expect(rig, "q", 6, 1, 2, 3, 4, 5, 0);
}

static void dead_ones_are_thrown_away(struct rig *rig)
{
	rig_set_default(rig, "q");
	put_and_bury(rig, 1);
	put_and_bury(rig, 2);
	put_and_bury(rig, 3);
	rig_put(rig, "q", 4);
	rig_drop_dead(rig, 1);
	/* Not those that are alive. */
	rig_drop_dead(rig, 4);
	rig_commit(rig);
	rig_crash(rig);
	rig_drop_dead(rig, 2);
	rig_ack(rig, 3);
	rig_expect(rig, "q", 1, 4);
	rig_ack(rig, 4);
	assert_true(rig_empty(rig, "q"));
	rig_commit(rig);
	rig_crash(rig);
	assert_true(rig_empty(rig, "q"));
}

static void a_retired_queue_stays_for_its_dead(struct rig *rig)
{
	rig_set_default(rig, "q");
	put_and_bury(rig, 1);
	rig->driver->retire(rig->backend, SLICE("q"));
	assert_true(rig_has_queue(rig, "q"));
	rig_commit(rig);
	rig_crash(rig);
	assert_true(rig_has_queue(rig, "q"));
	rig->driver->retire(rig->backend, SLICE("q"));
	rig_drop_dead(rig, 1);
	assert_false(rig_has_queue(rig, "q"));
}

/* With all that the queue is. */
static void a_retired_queue_stays_for_what_comes_back(struct rig *rig)
{
	struct queue_policy policy = queue_policy_default();

	policy.concurrency = 1;
	rig_set(rig, "q", &policy);
	put_and_bury(rig, 1);
	rig->driver->retire(rig->backend, SLICE("q"));
	rig_put(rig, "q", 1);
	rig_put(rig, "q", 2);
	rig_expect(rig, "q", 1, 1);
	rig_ack(rig, 1);
	rig_expect(rig, "q", 1, 2);
	rig_ack(rig, 2);
	assert_false(rig_has_queue(rig, "q"));
}

static void a_dead_one_comes_back_to_another_queue(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_set_default(rig, "r");
	put_and_bury(rig, 1);
	rig->driver->retire(rig->backend, SLICE("q"));
	rig_put(rig, "r", 1);
	assert_false(rig_has_queue(rig, "q"));
	rig_expect(rig, "r", 1, 1);
}

/* Dead ones of a run that is deleted go with it. */
static void a_deleted_run_takes_its_dead_along(struct rig *rig)
{
	struct message_key key = rig_key(1);
	struct run_record run = {
		.id = key.run,
		.tenant = SLICE("default"),
		.workflow = SLICE("flow"),
		.state = GROUP_FAILED,
		.created_us = rig->now_us,
		.ended_us = rig->now_us,
	};

	rig_set_default(rig, "q");
	store_put_run(rig->store, &run, -1);
	put_and_bury(rig, 1);
	put_and_bury(rig, 1 + RIG_PER_RUN);
	rig_commit(rig);
	rig->driver->forget_run(rig->backend, &key.run);
	assert_int_equal(store_delete_run(rig->store, &key.run, NULL), 0);
	assert_false(rig_empty(rig, "q"));
	rig_drop_dead(rig, 1 + RIG_PER_RUN);
	assert_true(rig_empty(rig, "q"));
	rig_commit(rig);
	/* Whether it was swept away or not. */
	rig_crash(rig);
	assert_true(rig_empty(rig, "q"));
}

const struct conformance_test dead_tests[] = {
	TEST(a_dead_one_is_not_handed_out),
	TEST(one_that_waits_can_be_buried),
	TEST(a_dead_one_is_replaced),
	TEST(a_dead_one_is_replaced_after_a_crash),
	TEST(places_go_on_after_a_crash),
	TEST(dead_ones_are_thrown_away),
	TEST(a_retired_queue_stays_for_its_dead),
	TEST(a_retired_queue_stays_for_what_comes_back),
	TEST(a_dead_one_comes_back_to_another_queue),
	TEST(a_deleted_run_takes_its_dead_along),
	{ 0 },
};
