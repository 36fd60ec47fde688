#include "conformance.h"

static void enters_once(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_put(rig, "q", 1);
	rig_put(rig, "q", 1);
	rig_expect(rig, "q", 1, 1);
	rig_put(rig, "q", 1);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	rig_ack(rig, 1);
	rig_put(rig, "q", 1);
	rig_expect(rig, "q", 1, 1);
}

static void comes_in_order(struct rig *rig)
{
	rig_set_default(rig, "q");
	for (int i = 0; i < 100; i++) {
		rig_put(rig, "q", i * 7 % 100);
	}
	for (int i = 0; i < 100; i++) {
		assert_int_equal(rig_lease(rig, "q"), i * 7 % 100);
	}
	assert_int_equal(rig_lease(rig, "q"), NONE);
}

static void higher_priority_goes_first(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_put(rig, "q", 1);
	rig_put_priority(rig, "q", 2, -1000);
	rig_put_priority(rig, "q", 3, 5);
	rig_put_priority(rig, "q", 4, 1000);
	rig_put_priority(rig, "q", 5, 5);
	rig_put(rig, "q", 6);
	rig_put_priority(rig, "q", 7, 999);
	rig_expect(rig, "q", 7, 4, 7, 3, 5, 1, 6, 2);
}

/* The bounds are the config's; beyond them is as at them. */
static void priority_has_bounds(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_put_priority(rig, "q", 1, 1000);
	rig_put_priority(rig, "q", 2, 1001);
	rig_put_priority(rig, "q", 3, -1001);
	rig_put_priority(rig, "q", 4, -1000);
	rig_expect(rig, "q", 4, 1, 2, 3, 4);
}

static void what_comes_back_keeps_its_place(struct rig *rig)
{
	rig_set_default(rig, "q");
	for (int i = 1; i <= 4; i++) {
		rig_put(rig, "q", i);
	}
	assert_int_equal(rig_lease(rig, "q"), 1);
	assert_int_equal(rig_lease(rig, "q"), 2);
	rig_nack(rig, 2, 0);
	rig_nack(rig, 1, 0);
	rig_put(rig, "q", 5);
	rig_expect(rig, "q", 5, 1, 2, 3, 4, 5);
}

static void what_comes_back_keeps_its_priority(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_put_priority(rig, "q", 1, 1);
	rig_put_priority(rig, "q", 2, 2);
	assert_int_equal(rig_lease(rig, "q"), 2);
	assert_int_equal(rig_lease(rig, "q"), 1);
	rig_nack(rig, 1, 0);
	rig_nack(rig, 2, 0);
	rig_put_priority(rig, "q", 3, 2);
	rig_expect(rig, "q", 3, 2, 3, 1);
}

static void a_word_about_a_stranger_is_ignored(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_ack(rig, 1);
	rig_nack(rig, 1, 0);
	rig_expose(rig, 1);
	rig_extend(rig, 1);
	rig_bury(rig, 1);
	rig_drop_dead(rig, 1);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	assert_int_equal(rig_lease(rig, "never heard of"), NONE);
	assert_true(rig_empty(rig, "q"));
}

static void what_waits_can_be_acknowledged(struct rig *rig)
{
	rig_set_default(rig, "q");
	for (int i = 1; i <= 5; i++) {
		rig_put_priority(rig, "q", i, i == 5);
	}
	rig_ack(rig, 1);
	rig_ack(rig, 3);
	rig_ack(rig, 5);
	assert_int_equal(rig_waiting(rig, "q"), 2);
	rig_expect(rig, "q", 2, 2, 4);
}

static void queues_are_apart(struct rig *rig)
{
	rig_set_default(rig, "a");
	rig_set_default(rig, "b");
	rig_put(rig, "a", 1);
	rig_put(rig, "b", 2);
	rig_put(rig, "a", 3);
	rig_expect(rig, "b", 1, 2);
	rig_expect(rig, "a", 2, 1, 3);
}

static void those_that_wait_are_named(struct rig *rig)
{
	struct message_key keys[3];

	rig_set_default(rig, "q");
	for (int i = 1; i <= 4; i++) {
		rig_put_group(rig, "q", i, i < 3 ? "g" : "");
	}
	assert_int_equal(rig_lease(rig, "q"), 1);
	assert_int_equal(rig_waiting(rig, "q"), 3);
	assert_int_equal(
	    rig->driver->waiting(rig->backend, SLICE("q"), keys, 2), 2);
	rig_nack(rig, 1, QUEUE_ASIDE);
	assert_int_equal(rig_waiting(rig, "q"), 4);
	assert_int_equal(rig_waiting(rig, "r"), 0);
}

static void a_queue_nobody_set_takes_messages(struct rig *rig)
{
	rig_put(rig, "q", 1);
	assert_true(rig_has_queue(rig, "q"));
	rig_expect(rig, "q", 1, 1);
	rig_ack(rig, 1);
	assert_false(rig_has_queue(rig, "q"));
}

static void a_retired_queue_goes_when_it_is_empty(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_put(rig, "q", 1);
	rig_put(rig, "q", 2);
	rig->driver->retire(rig->backend, SLICE("q"));
	rig_expect(rig, "q", 2, 1, 2);
	rig_ack(rig, 1);
	assert_true(rig_has_queue(rig, "q"));
	rig_ack(rig, 2);
	assert_false(rig_has_queue(rig, "q"));
	rig_commit(rig);
	rig_crash(rig);
	assert_false(rig_has_queue(rig, "q"));
}

static void an_empty_queue_is_retired_at_once(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig->driver->retire(rig->backend, SLICE("q"));
	assert_false(rig_has_queue(rig, "q"));
	rig->driver->retire(rig->backend, SLICE("q"));
}

static void a_retired_queue_that_is_set_again_stays(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_put(rig, "q", 1);
	rig->driver->retire(rig->backend, SLICE("q"));
	rig_set_default(rig, "q");
	rig_expect(rig, "q", 1, 1);
	rig_ack(rig, 1);
	assert_true(rig_has_queue(rig, "q"));
	assert_true(rig_empty(rig, "q"));
}

const struct conformance_test order_tests[] = {
	TEST(enters_once),
	TEST(comes_in_order),
	TEST(higher_priority_goes_first),
	TEST(priority_has_bounds),
	TEST(what_comes_back_keeps_its_place),
	TEST(what_comes_back_keeps_its_priority),
	TEST(a_word_about_a_stranger_is_ignored),
	TEST(what_waits_can_be_acknowledged),
	TEST(queues_are_apart),
	TEST(those_that_wait_are_named),
	TEST(a_queue_nobody_set_takes_messages),
	TEST(a_retired_queue_goes_when_it_is_empty),
	TEST(an_empty_queue_is_retired_at_once),
	TEST(a_retired_queue_that_is_set_again_stays),
	{ 0 },
};
