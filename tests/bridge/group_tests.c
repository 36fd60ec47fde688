#include "conformance.h"

static void groups_are_in_order_and_side_by_side(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_put_group(rig, "q", 1, "a");
	rig_put_group(rig, "q", 2, "a");
	rig_put_group(rig, "q", 3, "b");
	rig_put_group(rig, "q", 4, "b");
	rig_expect(rig, "q", 2, 1, 3);
	rig_ack(rig, 3);
	rig_expect(rig, "q", 1, 4);
	rig_ack(rig, 1);
	rig_expect(rig, "q", 1, 2);
	rig_ack(rig, 4);
	rig_ack(rig, 2);
	assert_true(rig_empty(rig, "q"));
}

static void those_without_a_group_stand_alone(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_put_group(rig, "q", 1, "a");
	rig_put(rig, "q", 2);
	rig_put_group(rig, "q", 3, "a");
	rig_put(rig, "q", 4);
	rig_expect(rig, "q", 3, 1, 2, 4);
}

static void a_group_is_of_one_queue(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_set_default(rig, "r");
	rig_put_group(rig, "q", 1, "a");
	rig_put_group(rig, "r", 2, "a");
	rig_expect(rig, "q", 1, 1);
	rig_expect(rig, "r", 1, 2);
}

static void a_group_waits_for_what_comes_back(struct rig *rig)
{
	rig_set_default(rig, "q");
	for (int i = 1; i <= 3; i++) {
		rig_put_group(rig, "q", i, "a");
	}
	rig_put_group(rig, "q", 4, "b");
	assert_int_equal(rig_lease(rig, "q"), 1);
	rig_nack(rig, 1, rig->now_us + S);
	rig_expect(rig, "q", 1, 4);
	rig_pass(rig, S);
	rig_expect(rig, "q", 1, 1);
	rig_ack(rig, 1);
	rig_expect(rig, "q", 1, 2);
	rig_nack(rig, 2, QUEUE_ASIDE);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	rig_expose(rig, 2);
	rig_expect(rig, "q", 1, 2);
	rig_bury(rig, 2);
	rig_expect(rig, "q", 1, 3);
}

static void priority_is_between_groups(struct rig *rig)
{
	static const struct {
		int number;
		const char *group;
		int priority;
	} puts[] = {
		{ 1, "a", 0 }, { 2, "a", 9 }, { 3, "b", 5 }, { 4, "", 2 }
	};

	rig_set_default(rig, "q");
	for (int i = 0; i < 4; i++) {
		rig_put_message(rig, puts[i].number,
				(struct queue_message){
				    .queue = SLICE("q"),
				    .group = slice_of(puts[i].group),
				    .priority = puts[i].priority,
				});
	}
	rig_expect(rig, "q", 3, 3, 4, 1);
	rig_ack(rig, 1);
	rig_expect(rig, "q", 1, 2);
}

static void one_behind_another_can_go(struct rig *rig)
{
	rig_set_default(rig, "q");
	for (int i = 1; i <= 4; i++) {
		rig_put_group(rig, "q", i, "a");
	}
	rig_ack(rig, 2);
	rig_bury(rig, 4);
	rig_expect(rig, "q", 1, 1);
	rig_ack(rig, 1);
	rig_expect(rig, "q", 1, 3);
	rig_ack(rig, 3);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	assert_false(rig_empty(rig, "q"));
}

static void the_first_can_go_while_it_waits(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_put_group(rig, "q", 1, "a");
	rig_put_group(rig, "q", 2, "a");
	rig_put_group(rig, "q", 3, "a");
	rig_ack(rig, 1);
	rig_expect(rig, "q", 1, 2);
	rig_nack(rig, 2, QUEUE_ASIDE);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	rig_ack(rig, 2);
	rig_expect(rig, "q", 1, 3);
}

static void the_delay_of_the_next_goes_on(struct rig *rig)
{
	struct queue_policy policy = queue_policy_default();

	policy.delay_ms = 1000;
	rig_set(rig, "q", &policy);
	rig_put_group(rig, "q", 1, "a");
	rig_pass(rig, 500 * MS);
	rig_put_group(rig, "q", 2, "a");
	rig_pass(rig, 500 * MS);
	rig_expect(rig, "q", 1, 1);
	rig_ack(rig, 1);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	rig_pass(rig, 500 * MS);
	rig_expect(rig, "q", 1, 2);
}

static void groups_survive_a_crash(struct rig *rig)
{
	rig_set_default(rig, "q");
	/* Numbers are not in the order of places. */
	rig_put_group(rig, "q", 9, "a");
	rig_put_group(rig, "q", 1, "a");
	rig_put_group(rig, "q", 5, "b");
	assert_int_equal(rig_lease(rig, "q"), 9);
	rig_commit(rig);
	rig_crash(rig);
	rig_expect(rig, "q", 2, 9, 5);
	rig_ack(rig, 9);
	rig_expect(rig, "q", 1, 1);
}

const struct conformance_test group_tests[] = {
	TEST(groups_are_in_order_and_side_by_side),
	TEST(those_without_a_group_stand_alone),
	TEST(a_group_is_of_one_queue),
	TEST(a_group_waits_for_what_comes_back),
	TEST(priority_is_between_groups),
	TEST(one_behind_another_can_go),
	TEST(the_first_can_go_while_it_waits),
	TEST(the_delay_of_the_next_goes_on),
	TEST(groups_survive_a_crash),
	{ 0 },
};
