/* `retain`: how long ended runs are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config_fixture.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static void for_ever(void **arg)
{
	struct config *config = load("activities: [a]\n");

	(void)arg;
	for (int state = 0; state < GROUP_STATES; state++) {
		assert_int_equal(config->retain_ms[state], 0);
	}
	assert_round_trip(config);
	config_destroy(config);
}

static void every_state(void **arg)
{
	struct config *config = load("retain:\n"
				     "  succeeded: 7d\n"
				     "  degraded: 36h\n"
				     "  failed: 10000d\n"
				     "  cancelled: 1s\n"
				     "activities: [a]\n");

	(void)arg;
	assert_int_equal(config->retain_ms[GROUP_SUCCEEDED], 7 * DAY_MS);
	assert_int_equal(config->retain_ms[GROUP_DEGRADED], 3 * DAY_MS / 2);
	assert_int_equal(config->retain_ms[GROUP_FAILED], 10000 * DAY_MS);
	assert_int_equal(config->retain_ms[GROUP_CANCELLED], 1000);
	assert_int_equal(config->retain_ms[GROUP_RUNNING], 0);
	assert_round_trip(config);
	config_destroy(config);
}

static void some_states(void **arg)
{
	struct config *config = load("retain: {failed: 1d}\n"
				     "activities: [a]\n");

	(void)arg;
	assert_int_equal(config->retain_ms[GROUP_FAILED], DAY_MS);
	assert_int_equal(config->retain_ms[GROUP_SUCCEEDED], 0);
	assert_round_trip(config);
	config_destroy(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(for_ever),
		cmocka_unit_test(every_state),
		cmocka_unit_test(some_states),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
