/*
 * A million timers, set, moved and dropped in any order, come due in the order
 * of their times.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "engine/timers.h"

#ifdef TEST_SANITIZED
#define TIMERS 100000
#else
#define TIMERS 1000000
#endif

static uint64_t dice = 88172645463325252u;

/* xorshift64, Marsaglia 2003. */
static int64_t roll(int64_t below)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (int64_t)(dice % (uint64_t)below);
}

/* Parents are due no later than their children. */
static void check_heap(const struct timers *timers)
{
	for (size_t i = 0; i < timers->len; i++) {
		assert_int_equal(timers->heap[i]->slot, i + 1);
		assert_true(timers->heap[(i ? i - 1 : 0) / 2]->due_us <=
			    timers->heap[i]->due_us);
	}
}

static void a_million(void **state)
{
	struct timer *all = alloc_zeroed(TIMERS, sizeof(*all));
	struct timers timers = { 0 };
	int64_t last_us = 0;
	size_t fired = 0;
	size_t dropped = 0;

	(void)state;
	for (size_t i = 0; i < TIMERS; i++) {
		timers_set(&timers, &all[i], 1 + roll(1000000000));
	}
	check_heap(&timers);
	for (size_t i = 0; i < TIMERS; i += 2) {
		timers_set(&timers, &all[i], 1 + roll(1000000000));
	}
	for (size_t i = 0; i < TIMERS; i += 5) {
		timers_set(&timers, &all[i], 0);
		assert_int_equal(all[i].slot, 0);
		dropped++;
	}
	check_heap(&timers);
	for (struct timer *first; (first = timers_first(&timers)); fired++) {
		assert_true(first->due_us >= last_us);
		last_us = first->due_us;
		timers_set(&timers, first, 0);
	}
	assert_int_equal(fired + dropped, TIMERS);
	timers_fini(&timers);
	free(all);
}

static void dropped_twice_and_never_set(void **state)
{
	struct timers timers = { 0 };
	struct timer timer = { 0 };

	(void)state;
	timers_set(&timers, &timer, 0);
	assert_null(timers_first(&timers));
	timers_set(&timers, &timer, 5);
	timers_set(&timers, &timer, 5);
	assert_ptr_equal(timers_first(&timers), &timer);
	timers_set(&timers, &timer, 0);
	timers_set(&timers, &timer, 0);
	assert_null(timers_first(&timers));
	timers_fini(&timers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_million),
		cmocka_unit_test(dropped_twice_and_never_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
