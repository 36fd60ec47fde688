#include "conformance.h"

#include <signal.h>
#include <sys/resource.h>

/* What the last commit has of a message that goes through all its states. */
static void what_is_committed_is_there(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_commit(rig);
	rig_put(rig, "q", 1);
	rig_crash(rig);
	assert_int_equal(rig_lease(rig, "q"), NONE);

	rig_put(rig, "q", 1);
	rig_commit(rig);
	rig_crash(rig);
	rig_expect(rig, "q", 1, 1);
	rig_commit(rig);
	rig_crash(rig);
	/* Leased: again. */
	rig_expect(rig, "q", 1, 1);
	rig_nack(rig, 1, rig->now_us + S);
	rig_commit(rig);
	rig_crash(rig);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	rig_pass(rig, S);
	rig_expect(rig, "q", 1, 1);
	rig_commit(rig);
	rig_ack(rig, 1);
	rig_crash(rig);
	/* Its acknowledgement is not. */
	rig_expect(rig, "q", 1, 1);
	rig_ack(rig, 1);
	rig_commit(rig);
	rig_crash(rig);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	assert_true(rig_empty(rig, "q"));
}

/* A commit in the middle of many, at every place. */
static void every_boundary(struct rig *rig)
{
	enum { COUNT = 8 };

	rig_set_default(rig, "q");
	rig_commit(rig);
	for (int boundary = 0; boundary <= COUNT; boundary++) {
		for (int i = 0; i < COUNT; i++) {
			if (i == boundary) {
				rig_commit(rig);
			}
			rig_put(rig, "q", i);
		}
		if (boundary == COUNT) {
			rig_commit(rig);
		}
		rig_crash(rig);
		for (int i = 0; i < boundary; i++) {
			assert_int_equal(rig_lease(rig, "q"), i);
			rig_ack(rig, i);
		}
		assert_int_equal(rig_lease(rig, "q"), NONE);
		rig_commit(rig);
	}
}

/* Acknowledged and committed ones never come again, others always do. */
static void acknowledgements_at_every_boundary(struct rig *rig)
{
	enum { COUNT = 8 };

	rig_set_default(rig, "q");
	for (int boundary = 0; boundary <= COUNT; boundary++) {
		for (int i = 0; i < COUNT; i++) {
			rig_put(rig, "q", i);
			assert_int_equal(rig_lease(rig, "q"), i);
		}
		rig_commit(rig);
		for (int i = 0; i < COUNT; i++) {
			if (i == boundary) {
				rig_commit(rig);
			}
			rig_ack(rig, i);
		}
		if (boundary == COUNT) {
			rig_commit(rig);
		}
		rig_crash(rig);
		for (int i = boundary; i < COUNT; i++) {
			assert_int_equal(rig_lease(rig, "q"), i);
			rig_ack(rig, i);
		}
		assert_int_equal(rig_lease(rig, "q"), NONE);
	}
}

static void priorities_and_delays_survive(struct rig *rig)
{
	struct queue_policy policy = queue_policy_default();

	policy.delay_ms = 1000;
	policy.concurrency = 2;
	rig_set(rig, "q", &policy);
	rig_put_priority(rig, "q", 1, -3);
	rig_put_priority(rig, "q", 2, 4);
	rig_put_priority(rig, "q", 3, 4);
	rig_commit(rig);
	rig_crash(rig);
	assert_int_equal(rig_lease(rig, "q"), NONE);
	rig_pass(rig, S);
	/* Its policy is there before anybody sets it. */
	rig_expect(rig, "q", 2, 2, 3);
	rig_ack(rig, 2);
	rig_expect(rig, "q", 1, 1);
}

static void a_crash_after_a_crash(struct rig *rig)
{
	rig_set_default(rig, "q");
	rig_put(rig, "q", 1);
	assert_int_equal(rig_lease(rig, "q"), 1);
	rig_commit(rig);
	for (int i = 0; i < 3; i++) {
		rig_crash(rig);
		rig_expect(rig, "q", 1, 1);
	}
}

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* More than the store's file may have. */
static void put_much(struct rig *rig, int first, int count)
{
	char *bytes = alloc_zeroed(1, 100000);

	for (int i = 0; i < count; i++) {
		struct blob *stash;

		bytes[0] = (char)(first + i);
		stash = blob_make((struct slice){ bytes, 100000 });
		rig_put_parts(rig, "q", first + i, stash, NULL, NULL);
		blob_unref(stash);
	}
	free(bytes);
}

static void a_failed_commit_is_tried_again(struct rig *rig)
{
	void (*before)(int) = signal(SIGXFSZ, SIG_IGN);

	rig_set_default(rig, "q");
	rig_put(rig, "q", 1);
	rig_commit(rig);
	limit_files(1000000);
	put_much(rig, 20, 30);
	rig_ack(rig, 1);
	assert_true(rig_try_commit(rig) < 0);
	/* Life goes on meanwhile. */
	rig_put(rig, "q", 60);
	rig_ack(rig, 21);
	assert_true(rig_try_commit(rig) < 0);
	limit_files(RLIM_INFINITY);
	rig_commit(rig);
	rig_commit(rig);
	(void)signal(SIGXFSZ, before);
	rig_crash(rig);
	assert_int_equal(rig_lease(rig, "q"), 20);
	for (int i = 22; i < 50; i++) {
		assert_int_equal(rig_lease(rig, "q"), i);
	}
	rig_expect(rig, "q", 1, 60);
}

static void a_commit_that_never_succeeds_is_nothing(struct rig *rig)
{
	void (*before)(int) = signal(SIGXFSZ, SIG_IGN);

	rig_set_default(rig, "q");
	rig_put(rig, "q", 1);
	rig_commit(rig);
	limit_files(1000000);
	put_much(rig, 20, 30);
	rig_ack(rig, 1);
	assert_true(rig_try_commit(rig) < 0);
	rig_crash(rig);
	limit_files(RLIM_INFINITY);
	(void)signal(SIGXFSZ, before);
	rig_expect(rig, "q", 1, 1);
}

const struct conformance_test crash_tests[] = {
	TEST(what_is_committed_is_there),
	TEST(every_boundary),
	TEST(acknowledgements_at_every_boundary),
	TEST(priorities_and_delays_survive),
	TEST(a_crash_after_a_crash),
	TEST(a_failed_commit_is_tried_again),
	TEST(a_commit_that_never_succeeds_is_nothing),
	{ 0 },
};
