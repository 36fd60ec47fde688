/* The policy of a queue, and its document, which comes from anybody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "document/json.h"
#include "model/queue.h"

static struct value document(const char *json)
{
	struct value value = value_null();
	struct err err;

	if (json_read(slice_of(json), NULL, &value, &err) < 0) {
		fail_msg("%s: %s", json, err.msg);
	}
	return value;
}

static struct queue_policy policy_of(const char *json)
{
	struct queue_policy policy = { 0 };
	struct value map = document(json);
	struct err err;

	if (queue_policy_from_value(&map, &policy, &err) < 0) {
		fail_msg("%s: %s", json, err.msg);
	}
	value_clear(&map);
	return policy;
}

/* The sentence is the whole one. */
static void refuse_value(const struct value *map, const char *sentence)
{
	struct queue_policy policy;
	struct err err = { 0 };

	memset(&policy, 0x55, sizeof(policy));
	struct queue_policy untouched = policy;

	assert_int_equal(queue_policy_from_value(map, &policy, &err),
			 E_INVALID);
	assert_string_equal(err.msg, sentence);
	assert_memory_equal(&policy, &untouched, sizeof(policy));
	assert_int_equal(queue_policy_from_value(map, &policy, NULL),
			 E_INVALID);
}

static void refuse(const char *json, const char *sentence)
{
	struct value map = document(json);

	refuse_value(&map, sentence);
	value_clear(&map);
}

static void accept(const char *json)
{
	struct queue_policy policy = policy_of(json);
	struct value map = queue_policy_to_value(&policy);
	struct queue_policy again = { 0 };

	assert_int_equal(queue_policy_from_value(&map, &again, NULL), 0);
	assert_true(queue_policy_equal(&policy, &again));
	value_clear(&map);
	queue_policy_fini(&policy);
	queue_policy_fini(&again);
}

static void assert_default(const struct queue_policy *policy)
{
	assert_null(policy->name);
	assert_int_equal(policy->retry.attempts, 5);
	assert_int_equal(policy->retry.backoff_ms, 1000);
	assert_true(policy->retry.factor == 2);
	assert_int_equal(policy->retry.max_ms, 60000);
	assert_true(policy->retry.jitter == 0);
	assert_int_equal(policy->visibility_ms, 0);
	assert_int_equal(policy->delay_ms, 0);
	assert_int_equal(policy->concurrency, 0);
	assert_int_equal(policy->rate, 0);
	assert_int_equal(policy->rate_per_ms, 0);
	assert_null(policy->fifo_key);
	assert_int_equal(policy->priority, 0);
	assert_null(policy->priority_key);
}

static void defaults(void **arg)
{
	struct queue_policy given = queue_policy_default();
	struct queue_policy read = policy_of("{}");

	(void)arg;
	assert_default(&given);
	assert_default(&read);
	assert_true(queue_policy_equal(&given, &read));
	queue_policy_fini(&given);
	queue_policy_fini(&read);
}

static const char everything[] =
    "{\"attempts\":7,\"backoff_ms\":250,\"factor\":1.5,\"max_ms\":30000,"
    "\"jitter\":0.25,\"name\":\"ocr\",\"visibility_ms\":30000,"
    "\"delay_ms\":1500,\"concurrency\":4,\"rate\":10,\"rate_per_ms\":30000,"
    "\"fifo_key\":\"attributes.customer\",\"priority\":-3}";

static void everything_comes_back(void **arg)
{
	struct queue_policy policy = policy_of(everything);
	struct value map = queue_policy_to_value(&policy);
	struct buf text = { 0 };

	(void)arg;
	assert_string_equal(policy.name, "ocr");
	assert_int_equal(policy.retry.attempts, 7);
	assert_int_equal(policy.retry.backoff_ms, 250);
	assert_true(policy.retry.factor == 1.5);
	assert_int_equal(policy.retry.max_ms, 30000);
	assert_true(policy.retry.jitter == 0.25);
	assert_int_equal(policy.visibility_ms, 30000);
	assert_int_equal(policy.delay_ms, 1500);
	assert_int_equal(policy.concurrency, 4);
	assert_int_equal(policy.rate, 10);
	assert_int_equal(policy.rate_per_ms, 30000);
	assert_string_equal(policy.fifo_key, "attributes.customer");
	assert_int_equal(policy.priority, -3);
	assert_null(policy.priority_key);
	json_write(&text, &map, JSON_COMPACT);
	buf_put_byte(&text, '\0');
	assert_string_equal(text.data, everything);
	buf_fini(&text);
	value_clear(&map);
	queue_policy_fini(&policy);
}

static void copies_are_their_own(void **arg)
{
	struct queue_policy policy = policy_of(everything);
	struct queue_policy copy = queue_policy_copy(&policy);

	(void)arg;
	assert_true(queue_policy_equal(&policy, &copy));
	assert_ptr_not_equal(policy.name, copy.name);
	queue_policy_fini(&policy);
	assert_null(policy.name);
	assert_string_equal(copy.name, "ocr");
	assert_string_equal(copy.fifo_key, "attributes.customer");
	queue_policy_fini(&copy);
	/* A second time is fine. */
	queue_policy_fini(&copy);
}

static void assert_differs(const char *one, const char *other)
{
	struct queue_policy a = policy_of(one);
	struct queue_policy b = policy_of(other);

	assert_false(queue_policy_equal(&a, &b));
	queue_policy_fini(&a);
	queue_policy_fini(&b);
}

static void what_is_equal(void **arg)
{
	struct queue_policy policy = queue_policy_default();

	(void)arg;
	assert_true(queue_policy_equal(NULL, NULL));
	assert_false(queue_policy_equal(&policy, NULL));
	assert_false(queue_policy_equal(NULL, &policy));
	assert_differs("{}", "{\"name\": \"q\"}");
	assert_differs("{}", "{\"attempts\": 6}");
	assert_differs("{}", "{\"jitter\": 0.1}");
	assert_differs("{}", "{\"visibility_ms\": 1}");
	assert_differs("{}", "{\"delay_ms\": 1}");
	assert_differs("{}", "{\"concurrency\": 1}");
	assert_differs("{}", "{\"rate\": 1}");
	assert_differs("{\"rate\": 1}", "{\"rate\": 1, \"rate_per_ms\": 1001}");
	assert_differs("{}", "{\"fifo_key\": \"run.uid\"}");
	assert_differs("{}", "{\"priority\": 1}");
	assert_differs("{}", "{\"priority\": \"run.uid\"}");
}

static void priorities(void **arg)
{
	struct queue_policy policy =
	    policy_of("{\"priority\": \"attributes.urgency\"}");

	(void)arg;
	assert_int_equal(policy.priority, 0);
	assert_string_equal(policy.priority_key, "attributes.urgency");
	queue_policy_fini(&policy);
	accept("{\"priority\": \"attributes.urgency\"}");
	accept("{\"priority\": 0}");
}

static void a_rate_is_per_second(void **arg)
{
	struct queue_policy policy = policy_of("{\"rate\": 5}");

	(void)arg;
	assert_int_equal(policy.rate, 5);
	assert_int_equal(policy.rate_per_ms, 1000);
	queue_policy_fini(&policy);
	/* Of no rate there is no time. */
	policy = policy_of("{\"rate_per_ms\": 5}");
	assert_int_equal(policy.rate_per_ms, 0);
	queue_policy_fini(&policy);
	policy = policy_of("{\"rate\": 0, \"rate_per_ms\": 5}");
	assert_int_equal(policy.rate_per_ms, 0);
	queue_policy_fini(&policy);
}

static void one_wait_moves_the_other(void **arg)
{
	struct queue_policy policy = policy_of("{\"backoff_ms\": 120000}");

	(void)arg;
	assert_int_equal(policy.retry.max_ms, 120000);
	queue_policy_fini(&policy);
	policy = policy_of("{\"max_ms\": 10}");
	assert_int_equal(policy.retry.backoff_ms, 10);
	queue_policy_fini(&policy);
	accept("{\"backoff_ms\": 10, \"max_ms\": 10}");
	accept("{\"backoff_ms\": 0, \"max_ms\": 0}");
	refuse("{\"backoff_ms\": 10, \"max_ms\": 9}",
	       "the queue's 'max_ms' is shorter than its 'backoff_ms'");
}

/* One key of whole numbers: at both ends, and one beyond each. */
static void check_bounds(const char *key, long long least, long long most)
{
	char json[100];
	char sentence[200];

	(void)snprintf(sentence, sizeof(sentence),
		       "the queue's '%s' must be a whole number from %lld to "
		       "%lld",
		       key, least, most);
	for (int beyond = 0; beyond < 2; beyond++) {
		const long long ends[] = { least - beyond, most + beyond };

		for (int i = 0; i < 2; i++) {
			(void)snprintf(json, sizeof(json), "{\"%s\": %lld}",
				       key, ends[i]);
			if (beyond) {
				refuse(json, sentence);
			} else {
				accept(json);
			}
		}
	}
	(void)snprintf(json, sizeof(json), "{\"%s\": 1.5}", key);
	refuse(json, sentence);
	(void)snprintf(json, sizeof(json), "{\"%s\": null}", key);
	refuse(json, sentence);
	(void)snprintf(json, sizeof(json), "{\"%s\": true}", key);
	refuse(json, sentence);
	(void)snprintf(json, sizeof(json), "{\"%s\": 18446744073709551615}",
		       key);
	refuse(json, sentence);
}

static void bounds_of_whole_numbers(void **arg)
{
	const long long year = 366LL * 24 * 3600 * 1000;

	(void)arg;
	check_bounds("attempts", 1, 1000000);
	check_bounds("backoff_ms", 0, year);
	check_bounds("max_ms", 0, year);
	check_bounds("visibility_ms", 0, year);
	check_bounds("delay_ms", 0, year);
	check_bounds("concurrency", 0, 1000000);
	check_bounds("rate", 0, 1000000);
	check_bounds("rate_per_ms", 1, year);
	check_bounds("priority", -1000, 1000);
}

static void bounds_of_numbers(void **arg)
{
	(void)arg;
	accept("{\"factor\": 1}");
	accept("{\"factor\": 1000.0}");
	refuse("{\"factor\": 0.999}",
	       "the queue's 'factor' must be a number from 1 to 1000");
	refuse("{\"factor\": 1000.1}",
	       "the queue's 'factor' must be a number from 1 to 1000");
	refuse("{\"factor\": \"2\"}",
	       "the queue's 'factor' must be a number from 1 to 1000");
	accept("{\"jitter\": 0}");
	accept("{\"jitter\": 1}");
	refuse("{\"jitter\": -0.001}",
	       "the queue's 'jitter' must be a number from 0 to 1");
	refuse("{\"jitter\": 1.001}",
	       "the queue's 'jitter' must be a number from 0 to 1");
	refuse("{\"jitter\": null}",
	       "the queue's 'jitter' must be a number from 0 to 1");
}

static void no_number_is_none(void **arg)
{
	struct value map = value_map();

	(void)arg;
	value_set(&map, "factor", value_double(strtod("nan", NULL)));
	refuse_value(&map,
		     "the queue's 'factor' must be a number from 1 to 1000");
	value_clear(&map);
}

static void names(void **arg)
{
	static const char sentence[] =
	    "the queue's 'name' must be 1 to 128 bytes of UTF-8 without "
	    "control characters or '/'";
	char name[LIMIT_NAME + 2] = { 0 };
	struct value map = value_map();
	struct queue_policy policy;

	(void)arg;
	memset(name, 'q', LIMIT_NAME);
	value_set(&map, "name", value_text(name));
	assert_int_equal(queue_policy_from_value(&map, &policy, NULL), 0);
	assert_string_equal(policy.name, name);
	queue_policy_fini(&policy);
	name[LIMIT_NAME] = 'q';
	value_set(&map, "name", value_text(name));
	refuse_value(&map, sentence);
	value_set(&map, "name", value_string((struct slice){ "a\0b", 3 }));
	refuse_value(&map, sentence);
	value_clear(&map);
	refuse("{\"name\": \"\"}", sentence);
	refuse("{\"name\": \"a/b\"}", sentence);
	refuse("{\"name\": \"a\\nb\"}", sentence);
	refuse("{\"name\": 7}", sentence);
	refuse("{\"name\": \" a\"}", "the queue's 'name' must not begin or end "
				     "with a blank");
	refuse("{\"name\": \"a \"}", "the queue's 'name' must not begin or end "
				     "with a blank");
	refuse("{\"name\": \" \"}", "the queue's 'name' must not begin or end "
				    "with a blank");
	refuse("{\"name\": null}", sentence);
}

static void expressions(void **arg)
{
	(void)arg;
	accept("{\"fifo_key\": \"input\"}");
	accept("{\"fifo_key\": \" attributes.\\\"the customer\\\" \"}");
	accept("{\"fifo_key\": \"input.pages[0].lang\"}");
	accept("{\"fifo_key\": \"stash.a\"}");
	accept("{\"fifo_key\": \"outputs.a.b\"}");
	accept("{\"fifo_key\": \"run.uid\"}");
	refuse("{\"fifo_key\": \"\"}",
	       "the queue's 'fifo_key', at byte 0: the expression is empty");
	refuse("{\"fifo_key\": \"attributes.\"}",
	       "the queue's 'fifo_key', at byte 11: a name is missing here; "
	       "one that is not only letters, digits and _ goes in double "
	       "quotes");
	refuse("{\"fifo_key\": \"  atributes.x\"}",
	       "the queue's 'fifo_key', at byte 2: expressions know input, "
	       "attributes, stash, outputs and run, but not 'atributes'; did "
	       "you mean 'attributes'?");
	refuse("{\"priority\": \"customer\"}",
	       "the queue's 'priority', at byte 0: expressions know input, "
	       "attributes, stash, outputs and run, but not 'customer'");
	refuse("{\"priority\": \"[0]\"}",
	       "the queue's 'priority', at byte 0: expressions know input, "
	       "attributes, stash, outputs and run, but not ''");
	refuse("{\"priority\": \"with.x\"}",
	       "the queue's 'priority', at byte 0: expressions know input, "
	       "attributes, stash, outputs and run, but not 'with'");
	refuse("{\"fifo_key\": \"run.\\u0000\"}",
	       "the queue's 'fifo_key', at byte 4: the expression has a NUL in "
	       "it");
	refuse("{\"fifo_key\": 1}",
	       "the queue's 'fifo_key' must be an expression");
	refuse("{\"fifo_key\": null}",
	       "the queue's 'fifo_key' must be an expression");
}

static void the_longest_expression(void **arg)
{
	char text[QUEUE_EXPRESSION_MAX + 2] = "attributes.";
	struct value map = value_map();
	struct queue_policy policy;

	(void)arg;
	memset(text + strlen(text), 'x', QUEUE_EXPRESSION_MAX - strlen(text));
	value_set(&map, "fifo_key", value_text(text));
	assert_int_equal(queue_policy_from_value(&map, &policy, NULL), 0);
	queue_policy_fini(&policy);
	text[QUEUE_EXPRESSION_MAX] = 'x';
	value_set(&map, "fifo_key", value_text(text));
	refuse_value(&map, "the queue's 'fifo_key', at byte 1024: the "
			   "expression is longer than 1024 bytes");
	value_clear(&map);
}

static void keys(void **arg)
{
	(void)arg;
	refuse("{\"visibility\": 1}",
	       "a queue has no 'visibility'; did you mean 'visibility_ms'?");
	refuse("{\"name\": \"q\", \"attemps\": 1}",
	       "a queue has no 'attemps'; did you mean 'attempts'?");
	refuse("{\"colour\": 1}", "a queue has no 'colour'");
	refuse("{\"\": 1}", "a queue has no ''");
	/* The mistake in a value is told first. */
	refuse("{\"colour\": 1, \"rate\": -1}",
	       "the queue's 'rate' must be a whole number from 0 to 1000000");
}

static void other_documents(void **arg)
{
	(void)arg;
	refuse("null", "a queue must be a map");
	refuse("true", "a queue must be a map");
	refuse("[]", "a queue must be a map");
	refuse("\"ocr\"", "a queue must be a map");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(everything_comes_back),
		cmocka_unit_test(copies_are_their_own),
		cmocka_unit_test(what_is_equal),
		cmocka_unit_test(priorities),
		cmocka_unit_test(a_rate_is_per_second),
		cmocka_unit_test(one_wait_moves_the_other),
		cmocka_unit_test(bounds_of_whole_numbers),
		cmocka_unit_test(bounds_of_numbers),
		cmocka_unit_test(no_number_is_none),
		cmocka_unit_test(names),
		cmocka_unit_test(expressions),
		cmocka_unit_test(the_longest_expression),
		cmocka_unit_test(keys),
		cmocka_unit_test(other_documents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
