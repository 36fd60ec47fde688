#include "conformance.h"

static struct queue_policy rated(uint32_t rate, int64_t per_ms)
{
	struct queue_policy policy = queue_policy_default();

	policy.rate = rate;
	policy.rate_per_ms = per_ms;
	return policy;
}

static struct queue_policy limited(uint32_t concurrency)
{
	struct queue_policy policy = queue_policy_default();

	policy.concurrency = concurrency;
	return policy;
}

static void put_many(struct rig *rig, const char *queue, int first, int count)
{
	for (int i = 0; i < count; i++) {
		rig_put(rig, queue, first + i);
	}
}

/* How many are handed out until then, by a loop that comes round so often; the
 * least time between two of them. */
static int drain(struct rig *rig, int64_t until_us, int64_t round_us,
		 int64_t *ret_gap_us)
{
	int64_t last_us = 0;
	int count = 0;

	*ret_gap_us = INT64_MAX;
	while (rig->now_us < until_us) {
		int got;

		while ((got = rig_lease(rig, "q")) != NONE) {
			if (last_us && rig->now_us - last_us < *ret_gap_us) {
				*ret_gap_us = rig->now_us - last_us;
			}
			last_us = rig->now_us;
			rig_ack(rig, got);
			count++;
		}
		rig_pass(rig, round_us);
	}
	return count;
}

static void a_rate_is_kept(struct rig *rig)
{
	struct queue_policy policy = rated(10, 1000);
	int64_t gap_us;

	rig_set(rig, "q", &policy);
	put_many(rig, "q", 0, 100);
	assert_in_range(drain(rig, rig->now_us + 3 * S, MS, &gap_us), 29, 31);
	assert_true(gap_us >= 90 * MS);
}

/* Lateness of the loop neither adds up nor is made up for in a heap. */
static void a_rate_is_kept_by_a_slow_loop(struct rig *rig)
{
	struct queue_policy policy = rated(10, 1000);
	int64_t gap_us;

	rig_set(rig, "q", &policy);
	put_many(rig, "q", 0, 100);
	assert_in_range(drain(rig, rig->now_us + 3 * S, 37 * MS, &gap_us), 29,
			31);
	assert_true(gap_us >= 50 * MS);
}

static void a_rate_may_be_faster_than_the_loop(struct rig *rig)
{
	struct queue_policy policy = rated(500, 1000);
	int64_t gap_us;

	rig_set(rig, "q", &policy);
	put_many(rig, "q", 0, RIG_MESSAGES);
	assert_in_range(drain(rig, rig->now_us + 3 * S, 10 * MS, &gap_us), 1480,
			1510);
}

static void a_rate_need_not_divide(struct rig *rig)
{
	struct queue_policy policy = rated(7, 100);
	int64_t gap_us;

	rig_set(rig, "q", &policy);
	put_many(rig, "q", 0, 1000);
	assert_in_range(drain(rig, rig->now_us + 5 * S, MS, &gap_us), 349, 351);
}

/* Several in a microsecond: they are counted, too. */
static void a_rate_may_be_faster_than_the_clock(struct rig *rig)
{
	struct queue_policy policy = rated(1000000, 100);
	int count = 0;

	if (rig->under_test->wait) {
		return;
	}
	rig_set(rig, "q", &policy);
	put_many(rig, "q", 0, 100);
	while (rig_lease(rig, "q") != NONE) {
		count++;
	}
	assert_in_range(count, 9, 11);
}

static void idling_saves_nothing_up(struct rig *rig)
{
	struct queue_policy policy = rated(10, 1000);
	int64_t gap_us;

	rig_set(rig, "q", &policy);
	put_many(rig, "q", 0, 5);
	assert_int_equal(drain(rig, rig->now_us + 2 * S, MS, &gap_us), 5);
	put_many(rig, "q", 10, 10);
	assert_int_equal(rig_lease(rig, "q"), 10);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	if (!rig->under_test->wait) {
		assert_int_equal(rig_due(rig), rig->now_us + 100 * MS);
	}
	rig_pass(rig, 50 * MS);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	rig_pass(rig, 50 * MS);
	assert_int_equal(rig_lease(rig, "q"), 11);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	/* Nobody asks for a while. */
	rig_pass(rig, S);
	assert_int_equal(rig_lease(rig, "q"), 12);
	assert_int_equal(rig_lease(rig, "q"), NONE);
}

/* As long as what was handed out is there to tell. */
static void a_crash_loop_keeps_the_rate(struct rig *rig)
{
	struct queue_policy policy = rated(1, 1000);

	rig_set(rig, "q", &policy);
	put_many(rig, "q", 1, 2);
	rig_expect(rig, "q", 1, 1);
	for (int i = 0; i < 3; i++) {
		rig_commit(rig);
		rig_crash(rig);
		assert_int_equal(rig_lease(rig, "q"), NONE);
		rig_pass(rig, S);
		rig_expect(rig, "q", 1, 1);
	}
	/* A clock that was set back holds it up no longer than that. */
	if (!rig->under_test->wait) {
		rig_commit(rig);
		rig->now_us -= 3600 * S;
		rig_crash(rig);
		rig_pass(rig, S);
		rig_expect(rig, "q", 1, 1);
	}
}

static void a_slow_queue_delays_no_other(struct rig *rig)
{
	struct queue_policy slow = rated(1, 3600 * 1000);
	struct queue_policy narrow = limited(1);

	rig_set(rig, "slow", &slow);
	rig_set(rig, "narrow", &narrow);
	rig_set_default(rig, "q");
	put_many(rig, "slow", 0, 10);
	put_many(rig, "narrow", 10, 10);
	put_many(rig, "q", 20, 3);
	rig_expect(rig, "slow", 1, 0);
	rig_expect(rig, "narrow", 1, 10);
	rig_expect(rig, "q", 3, 20, 21, 22);
}

static void what_nobody_can_have_is_not_waited_for(struct rig *rig)
{
	struct queue_policy policy = rated(1, 1000);

	rig_set(rig, "q", &policy);
	put_many(rig, "q", 1, 2);
	rig_expect(rig, "q", 1, 1);
	assert_true(rig_due(rig) != 0);
	rig_ack(rig, 2);
	assert_int_equal(rig_due(rig), 0);
	rig_put(rig, "q", 3);
	assert_true(rig_due(rig) != 0);
	assert_int_equal(rig_pause(rig, "q", "operator"), 0);
	assert_int_equal(rig_due(rig), 0);
}

static void another_rate_holds_at_once(struct rig *rig)
{
	struct queue_policy slow = rated(1, 3600 * 1000);
	struct queue_policy fast = rated(10, 1000);
	struct queue_policy none = queue_policy_default();

	rig_set(rig, "q", &slow);
	put_many(rig, "q", 1, 5);
	rig_expect(rig, "q", 1, 1);
	rig_set(rig, "q", &fast);
	rig_pass(rig, 100 * MS);
	rig_expect(rig, "q", 1, 2);
	rig_set(rig, "q", &slow);
	rig_set(rig, "q", &none);
	rig_expect(rig, "q", 3, 3, 4, 5);
	assert_int_equal(rig_due(rig), 0);
}

static void no_more_are_in_hands_than_may_be(struct rig *rig)
{
	struct queue_policy policy = limited(2);

	rig_set(rig, "q", &policy);
	put_many(rig, "q", 1, 9);
	rig_expect(rig, "q", 2, 1, 2);
	rig_ack(rig, 1);
	rig_expect(rig, "q", 1, 3);
	rig_bury(rig, 2);
	rig_expect(rig, "q", 1, 4);
	rig_nack(rig, 4, QUEUE_ASIDE);
	rig_expect(rig, "q", 1, 5);
	rig_nack(rig, 5, 0);
	rig_expect(rig, "q", 1, 5);
}

/* What is refused uses no slot up, and takes no room. */
static void a_refused_one_is_as_if_not_leased(struct rig *rig)
{
	struct queue_policy policy = rated(1, 1000);

	policy.concurrency = 1;
	rig_set(rig, "q", &policy);
	put_many(rig, "q", 1, 5);
	assert_int_equal(rig_lease(rig, "q"), 1);
	rig_refuse(rig, 1, QUEUE_ASIDE);
	assert_int_equal(rig_lease(rig, "q"), 2);
	rig_refuse(rig, 2, 0);
	rig_expect(rig, "q", 1, 2);
	rig_ack(rig, 2);
	rig_pass(rig, S);
	assert_int_equal(rig_lease(rig, "q"), 3);
	rig_refuse(rig, 3, QUEUE_ASIDE);
	rig_expect(rig, "q", 1, 4);
	rig_ack(rig, 4);
	rig_expose(rig, 1);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	rig_pass(rig, S);
	rig_expect(rig, "q", 1, 1);
}

static void another_limit_holds_at_once(struct rig *rig)
{
	struct queue_policy policy = limited(1);

	rig_set(rig, "q", &policy);
	put_many(rig, "q", 1, 6);
	rig_expect(rig, "q", 1, 1);
	policy.concurrency = 3;
	rig_set(rig, "q", &policy);
	rig_expect(rig, "q", 2, 2, 3);
	policy.concurrency = 1;
	rig_set(rig, "q", &policy);
	rig_ack(rig, 1);
	rig_ack(rig, 2);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	rig_ack(rig, 3);
	rig_expect(rig, "q", 1, 4);
}

static void an_expired_lease_takes_room(struct rig *rig)
{
	struct queue_policy policy = limited(1);

	policy.visibility_ms = 100;
	rig_set(rig, "q", &policy);
	put_many(rig, "q", 1, 2);
	rig_expect(rig, "q", 1, 1);
	rig_pass(rig, 200 * MS);
	assert_int_equal(rig_expired(rig), 1);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	rig_nack(rig, 1, rig->now_us + S);
	rig_expect(rig, "q", 1, 2);
}

static void a_paused_queue_hands_none_out(struct rig *rig)
{
	assert_int_equal(rig_pause(rig, "q", "operator"), E_NOT_FOUND);
	rig_set_default(rig, "q");
	rig_put(rig, "q", 1);
	assert_int_equal(rig_lease(rig, "q"), 1);
	assert_int_equal(rig_pause(rig, "q", ""), E_UNCHANGED);
	assert_int_equal(rig_pause(rig, "q", "operator"), 0);
	assert_int_equal(rig_pause(rig, "q", "another"), E_UNCHANGED);
	rig_put(rig, "q", 2);
	rig_nack(rig, 1, 0);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	assert_int_equal(rig_waiting(rig, "q"), 2);
	assert_int_equal(rig_pause(rig, "q", ""), 0);
	rig_expect(rig, "q", 2, 1, 2);
}

static void a_pause_survives_a_crash(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_put(rig, "q", 1);
	assert_int_equal(rig_pause(rig, "q", "operator"), 0);
	rig_commit(rig);
	rig_crash(rig);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	rig_set_default(rig, "q");
	assert_int_equal(rig_lease(rig, "q"), NONE);
	assert_int_equal(rig_pause(rig, "q", ""), 0);
	rig_commit(rig);
	rig_crash(rig);
	rig_expect(rig, "q", 1, 1);
}

const struct conformance_test limit_tests[] = {
	TEST(a_rate_is_kept),
	TEST(a_rate_is_kept_by_a_slow_loop),
	TEST(a_rate_may_be_faster_than_the_loop),
	TEST(a_rate_need_not_divide),
	TEST(a_rate_may_be_faster_than_the_clock),
	TEST(idling_saves_nothing_up),
	TEST(a_crash_loop_keeps_the_rate),
	TEST(a_slow_queue_delays_no_other),
	TEST(what_nobody_can_have_is_not_waited_for),
	TEST(another_rate_holds_at_once),
	TEST(no_more_are_in_hands_than_may_be),
	TEST(a_refused_one_is_as_if_not_leased),
	TEST(another_limit_holds_at_once),
	TEST(an_expired_lease_takes_room),
	TEST(a_paused_queue_hands_none_out),
	TEST(a_pause_survives_a_crash),
	{ 0 },
};
