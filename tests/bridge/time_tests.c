#include "conformance.h"

static struct queue_policy visible_for(int64_t ms)
{
	struct queue_policy policy = queue_policy_default();

	policy.visibility_ms = ms;
	return policy;
}

/* With a clock of the server's, what is due is not known to the microsecond. */
static void expect_due(struct rig *rig, int64_t due_us)
{
	if (!rig->under_test->wait) {
		assert_int_equal(rig_due(rig), due_us);
	}
}

static void a_delay_is_kept(struct rig *rig)
{
	struct queue_policy policy = queue_policy_default();

	policy.delay_ms = 2000;
	rig_set(rig, "q", &policy);
	rig_put(rig, "q", 1);
	expect_due(rig, rig->now_us + 2 * S);
	rig_pass(rig, S);
	rig_put(rig, "q", 2);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	rig_pass(rig, S);
	rig_expect(rig, "q", 1, 1);
	rig_pass(rig, S);
	rig_expect(rig, "q", 1, 2);
	expect_due(rig, 0);
}

static void a_delay_is_added(struct rig *rig)
{
	struct queue_policy policy = queue_policy_default();

	policy.delay_ms = 1000;
	rig_set(rig, "q", &policy);
	rig_put_message(rig, 1,
			(struct queue_message){
			    .queue = SLICE("q"),
			    .visible_us = rig->now_us + 2 * S,
			});
	expect_due(rig, rig->now_us + 3 * S);
	rig_pass(rig, 2 * S);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	rig_pass(rig, S);
	rig_expect(rig, "q", 1, 1);
}

static void what_comes_later_waits(struct rig *rig)
{
	rig_set_default(rig, "q");
	for (int i = 1; i <= 3; i++) {
		rig_put(rig, "q", i);
	}
	assert_int_equal(rig_lease(rig, "q"), 1);
	rig_nack(rig, 1, rig->now_us + S);
	assert_int_equal(rig_lease(rig, "q"), 2);
	rig_nack(rig, 2, rig->now_us + 2 * S);
	expect_due(rig, rig->now_us + S);
	rig_pass(rig, S);
	/* Its place is before that of the third. */
	assert_int_equal(rig_lease(rig, "q"), 1);
	rig_expect(rig, "q", 1, 3);
	rig_pass(rig, S);
	rig_expect(rig, "q", 1, 2);
}

static void a_waiting_one_gets_another_time(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_put(rig, "q", 1);
	rig_nack(rig, 1, rig->now_us + 5 * S);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	rig_nack(rig, 1, rig->now_us + S);
	rig_pass(rig, S);
	rig_expect(rig, "q", 1, 1);
}

static void what_is_put_aside_waits_to_be_exposed(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_put(rig, "q", 1);
	assert_int_equal(rig_lease(rig, "q"), 1);
	rig_nack(rig, 1, QUEUE_ASIDE);
	expect_due(rig, 0);
	rig_pass(rig, 3600 * S / (rig->under_test->wait ? 3600 : 1));
	assert_int_equal(rig_lease(rig, "q"), NONE);
	rig_commit(rig);
	rig_crash(rig);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	rig_expose(rig, 1);
	rig_expect(rig, "q", 1, 1);
	/* In hands, that changes nothing. */
	rig_expose(rig, 1);
	assert_int_equal(rig_lease(rig, "q"), NONE);
}

static void what_waits_for_a_time_is_not_exposed(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_put(rig, "q", 1);
	rig_nack(rig, 1, rig->now_us + S);
	rig_expose(rig, 1);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	rig_pass(rig, S);
	rig_expect(rig, "q", 1, 1);
}

static void a_lease_ends(struct rig *rig)
{
	struct queue_policy policy = visible_for(1000);

	rig_set(rig, "q", &policy);
	rig_put(rig, "q", 1);
	assert_int_equal(rig_lease(rig, "q"), 1);
	expect_due(rig, rig->now_us + S);
	rig_pass(rig, 900 * MS);
	assert_int_equal(rig_expired(rig), NONE);
	rig_pass(rig, 100 * MS);
	assert_int_equal(rig_expired(rig), 1);
	/* Named once, and nobody else's until it comes back. */
	assert_int_equal(rig_expired(rig), NONE);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	expect_due(rig, 0);
	rig_nack(rig, 1, 0);
	rig_expect(rig, "q", 1, 1);
}

static void leases_end_in_the_order_of_time(struct rig *rig)
{
	struct queue_policy policy = visible_for(1000);

	rig_set(rig, "q", &policy);
	for (int i = 1; i <= 3; i++) {
		rig_put(rig, "q", i);
		assert_int_equal(rig_lease(rig, "q"), i);
		rig_pass(rig, 100 * MS);
	}
	rig_ack(rig, 2);
	rig_pass(rig, 2 * S);
	assert_int_equal(rig_expired(rig), 1);
	assert_int_equal(rig_expired(rig), 3);
	assert_int_equal(rig_expired(rig), NONE);
}

static void a_word_begins_the_lease_anew(struct rig *rig)
{
	struct queue_policy policy = visible_for(1000);

	rig_set(rig, "q", &policy);
	rig_put(rig, "q", 1);
	assert_int_equal(rig_lease(rig, "q"), 1);
	for (int i = 0; i < 5; i++) {
		rig_pass(rig, 800 * MS);
		assert_int_equal(rig_expired(rig), NONE);
		rig_extend(rig, 1);
	}
	rig_pass(rig, S);
	assert_int_equal(rig_expired(rig), 1);
	/* Too late. */
	rig_extend(rig, 1);
	rig_pass(rig, 2 * S);
	assert_int_equal(rig_expired(rig), NONE);
}

static void without_visibility_a_lease_lasts(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_put(rig, "q", 1);
	assert_int_equal(rig_lease(rig, "q"), 1);
	rig_extend(rig, 1);
	expect_due(rig, 0);
	rig_pass(rig, 10 * S / (rig->under_test->wait ? 10 : 1));
	assert_int_equal(rig_expired(rig), NONE);
}

static void a_late_acknowledgement_counts(struct rig *rig)
{
	struct queue_policy policy = visible_for(100);

	rig_set(rig, "q", &policy);
	rig_put(rig, "q", 1);
	rig_put(rig, "q", 2);
	assert_int_equal(rig_lease(rig, "q"), 1);
	assert_int_equal(rig_lease(rig, "q"), 2);
	rig_pass(rig, 200 * MS);
	assert_int_equal(rig_expired(rig), 1);
	assert_int_equal(rig_expired(rig), 2);
	rig_ack(rig, 1);
	rig_nack(rig, 2, 0);
	rig_ack(rig, 2);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	assert_true(rig_empty(rig, "q"));
}

static void leases_move_with_the_clock(struct rig *rig)
{
	struct queue_policy policy = visible_for(1000);

	if (rig->under_test->wait) {
		return;
	}
	rig_set(rig, "q", &policy);
	rig_put(rig, "q", 1);
	assert_int_equal(rig_lease(rig, "q"), 1);
	rig->now_us += 3600 * S;
	rig->driver->clock_step(rig->backend, 3600 * S);
	assert_int_equal(rig_expired(rig), NONE);
	expect_due(rig, rig->now_us + S);
	rig->now_us -= 7200 * S;
	rig->driver->clock_step(rig->backend, -7200 * S);
	expect_due(rig, rig->now_us + S);
	rig_pass(rig, S);
	assert_int_equal(rig_expired(rig), 1);
}

/* The delay counts from entering; what the caller named is his to move. */
static void delays_move_with_the_clock(struct rig *rig)
{
	struct queue_policy policy = queue_policy_default();
	int64_t named_us = rig->now_us + 10 * S;

	if (rig->under_test->wait) {
		return;
	}
	policy.delay_ms = 1000;
	rig_set(rig, "q", &policy);
	rig_set_default(rig, "r");
	rig_put(rig, "q", 1);
	rig_put(rig, "r", 2);
	assert_int_equal(rig_lease(rig, "r"), 2);
	rig_nack(rig, 2, named_us);
	rig->now_us += 60 * S;
	rig->driver->clock_step(rig->backend, 60 * S);
	rig->driver->turn(rig->backend, rig->now_us);
	rig_expect(rig, "r", 1, 2);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	expect_due(rig, rig->now_us + S);
	rig_pass(rig, S);
	rig_expect(rig, "q", 1, 1);
}

const struct conformance_test time_tests[] = {
	TEST(a_delay_is_kept),
	TEST(a_delay_is_added),
	TEST(what_comes_later_waits),
	TEST(a_waiting_one_gets_another_time),
	TEST(what_is_put_aside_waits_to_be_exposed),
	TEST(what_waits_for_a_time_is_not_exposed),
	TEST(a_lease_ends),
	TEST(leases_end_in_the_order_of_time),
	TEST(a_word_begins_the_lease_anew),
	TEST(without_visibility_a_lease_lasts),
	TEST(a_late_acknowledgement_counts),
	TEST(leases_move_with_the_clock),
	TEST(delays_move_with_the_clock),
	{ 0 },
};
