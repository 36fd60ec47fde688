/* Bindings that are tried again, and deadlines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config_fixture.h"

static void refuse(const char *text, const char *sentence)
{
	struct buf diagnostics = { 0 };
	struct config *config = NULL;

	write_file("file.yaml", slice_of(text));
	assert_int_equal(config_load("file.yaml", &config, &diagnostics),
			 E_INVALID);
	buf_put_byte(&diagnostics, '\0');
	if (!strstr(diagnostics.data, sentence)) {
		fail_msg("'%s' is not in\n%s", sentence, diagnostics.data);
	}
	buf_fini(&diagnostics);
}

static char *with_retry(const char *retry)
{
	struct buf text = { 0 };

	buf_printf(&text, "activities: {a: {pre: [{plugin: x, retry: %s}]}}\n",
		   retry);
	return buf_take(&text);
}

static struct retry_policy policy_of(const char *retry)
{
	char *text = with_retry(retry);
	struct config *config = load(text);
	struct retry_policy policy = config->workflows[0]
					 ->activities[0]
					 .phases[PHASE_PRE]
					 .bindings->retry;

	assert_round_trip(config);
	config_destroy(config);
	free(text);
	return policy;
}

static void refuse_retry(const char *retry, const char *sentence)
{
	char *text = with_retry(retry);

	refuse(text, sentence);
	free(text);
}

static void assert_policy(const char *retry, uint32_t attempts,
			  int64_t backoff_ms, double factor, int64_t max_ms,
			  double jitter)
{
	struct retry_policy policy = policy_of(retry);

	assert_int_equal(policy.attempts, attempts);
	assert_int_equal(policy.backoff_ms, backoff_ms);
	assert_true(policy.factor == factor);
	assert_int_equal(policy.max_ms, max_ms);
	assert_true(policy.jitter == jitter);
}

static void policies(void **arg)
{
	(void)arg;
	assert_policy("4", 4, 1000, 2, 60000, 0);
	assert_policy("{attempts: 1}", 1, 1000, 2, 60000, 0);
	assert_policy("{attempts: 7, backoff: 250ms, factor: 1.5, max: 30s,\n"
		      "  jitter: 0.1}",
		      7, 250, 1.5, 30000, 0.1);
	assert_policy("{attempts: 2, backoff: 0s, max: 0s}", 2, 0, 2, 0, 0);
}

static void one_bound_moves_the_other(void **arg)
{
	(void)arg;
	assert_policy("{attempts: 2, backoff: 5m}", 2, 300000, 2, 300000, 0);
	assert_policy("{attempts: 2, max: 10ms}", 2, 10, 2, 10, 0);
	assert_policy("{attempts: 2, backoff: 1s, max: 1s}", 2, 1000, 2, 1000,
		      0);
	refuse_retry("{attempts: 2, backoff: 1s, max: 999ms}",
		     "'max' is shorter than 'backoff'");
}

static void limits(void **arg)
{
	(void)arg;
	assert_policy("1000000", 1000000, 1000, 2, 60000, 0);
	assert_policy("{attempts: 1000000, factor: 1000, jitter: 1}", 1000000,
		      1000, 1000, 60000, 1);
	assert_policy("{attempts: 1, factor: 1, jitter: 0.0}", 1, 1000, 1,
		      60000, 0);
	refuse_retry("0", "a whole number from 1 to 1000000");
	refuse_retry("1000001", "a whole number from 1 to 1000000");
	refuse_retry("{attempts: 1000001}", "a whole number from 1 to 1000000");
	refuse_retry("{attempts: 2, factor: 0.99}", "a number from 1 to 1000,");
	refuse_retry("{attempts: 2, factor: 1000.1}",
		     "a number from 1 to 1000,");
	refuse_retry("{attempts: 2, factor: '2'}", "a number from 1 to 1000,");
	refuse_retry("{attempts: 2, jitter: 1.01}", "a number from 0 to 1,");
	refuse_retry("{attempts: 2, jitter: -0.01}", "a number from 0 to 1,");
}

static void mistakes(void **arg)
{
	(void)arg;
	refuse_retry("{backoff: 1s}", "the key 'attempts' is missing");
	refuse_retry("{}", "the key 'attempts' is missing");
	refuse_retry("{attempts: 2, delay: 1s}",
		     "unknown key 'delay'; 'retry' has attempts, backoff, "
		     "factor, max and jitter");
	refuse_retry("{attempts: 2, backof: 1s}", "did you mean 'backoff'?");
	refuse_retry("yes", "expected a number of attempts or a map with "
			    "'attempts', found 'yes'");
	refuse_retry("2.5", "expected a number of attempts");
	refuse_retry("[2]", "expected a number of attempts");
	refuse_retry("{attempts: 2, backoff: 5}", "a duration such as");
}

static void deadlines(void **arg)
{
	struct config *config =
	    load("activities:\n"
		 "  a:\n"
		 "    deadline: 1h\n"
		 "    post: [{plugin: x, timeout: 5s, deadline: 1ms}, y]\n"
		 "  b:\n"
		 "workflows:\n"
		 "  w: {activities: [a, b], deadline: 1d}\n"
		 "  v: [a]\n");
	const struct definition *w = config->workflows[0];
	const struct binding *bindings =
	    w->activities[0].phases[PHASE_POST].bindings;

	(void)arg;
	assert_int_equal(w->deadline_ms, 86400000);
	assert_int_equal(w->activities[0].deadline_ms, 3600000);
	assert_int_equal(w->activities[1].deadline_ms, 0);
	assert_int_equal(bindings[0].timeout_ms, 5000);
	assert_int_equal(bindings[0].deadline_ms, 1);
	assert_int_equal(bindings[1].deadline_ms, 0);
	assert_int_equal(bindings[1].retry.attempts, 0);
	assert_int_equal(config->workflows[1]->deadline_ms, 0);
	assert_round_trip(config);
	config_destroy(config);
}

static void no_deadline_is_no_key(void **arg)
{
	static const char sentence[] =
	    "a deadline must be longer than nothing; leave the key out to "
	    "have none";

	(void)arg;
	refuse("activities: {a: {pre: [{plugin: x, deadline: 0s}]}}\n",
	       sentence);
	refuse("activities: {a: {deadline: 0ms}}\n", sentence);
	refuse("activities: [a]\n"
	       "workflows: {w: {activities: [a], deadline: 0s}}\n",
	       sentence);
	refuse("activities: {a: {deadline: 5}}\n", "a duration such as");
	config_destroy(load("activities: {a: {deadline: 10000d}}\n"));
	refuse("activities: {a: {deadline: 10001d}}\n", "a duration such as");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policies),
		cmocka_unit_test(one_bound_moves_the_other),
		cmocka_unit_test(limits),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(deadlines),
		cmocka_unit_test(no_deadline_is_no_key),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
