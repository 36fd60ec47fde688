/* How long to wait, and how it is written down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "document/json.h"
#include "model/definition.h"

static void defaults(void **arg)
{
	struct retry_policy policy = retry_policy_of(7);

	(void)arg;
	assert_int_equal(policy.attempts, 7);
	assert_int_equal(policy.backoff_ms, 1000);
	assert_true(policy.factor == 2.0);
	assert_int_equal(policy.max_ms, 60000);
	assert_true(policy.jitter == 0);
}

static void waits_grow_up_to_the_longest(void **arg)
{
	static const int64_t expected[] = { 1000,  2000,  4000,  8000,
					    16000, 32000, 60000, 60000 };
	struct retry_policy policy = retry_policy_of(100);

	(void)arg;
	for (uint32_t i = 0; i < 8; i++) {
		assert_int_equal(retry_delay_ms(&policy, i + 1, 0),
				 expected[i]);
		/* Without jitter nothing depends on the dice. */
		assert_int_equal(retry_delay_ms(&policy, i + 1, UINT64_MAX),
				 expected[i]);
	}
}

static void odd_factors(void **arg)
{
	struct retry_policy policy = retry_policy_of(100);

	(void)arg;
	policy.factor = 1;
	assert_int_equal(retry_delay_ms(&policy, 1000000, 0), 1000);
	policy.factor = 1.5;
	assert_int_equal(retry_delay_ms(&policy, 3, 0), 2250);
	/* Far beyond what a number can hold. */
	policy.factor = RETRY_FACTOR_MAX;
	assert_int_equal(retry_delay_ms(&policy, RETRY_ATTEMPTS_MAX, 0), 60000);
	policy.backoff_ms = 0;
	assert_int_equal(retry_delay_ms(&policy, 1, 0), 0);
	assert_int_equal(retry_delay_ms(&policy, 5, UINT64_MAX), 0);
	policy.max_ms = 0;
	policy.backoff_ms = 1000;
	assert_int_equal(retry_delay_ms(&policy, 1, 0), 0);
}

static struct id some_id(unsigned char seed)
{
	struct id id = { { 0 } };

	for (size_t i = 0; i < ID_SIZE; i++) {
		id.bytes[i] = (unsigned char)(seed + i);
	}
	return id;
}

static void jitter_keeps_its_bounds(void **arg)
{
	struct retry_policy policy = retry_policy_of(100);
	struct id run = some_id(1);
	int64_t least = INT64_MAX;
	int64_t most = 0;

	(void)arg;
	policy.jitter = 0.25;
	assert_int_equal(retry_delay_ms(&policy, 1, 0), 750);
	assert_in_range(retry_delay_ms(&policy, 1, UINT64_MAX), 1249, 1250);
	for (uint32_t task = 0; task < 10000; task++) {
		int64_t delay_ms =
		    retry_delay_ms(&policy, 1, retry_dice(&run, task, 1));

		assert_in_range(delay_ms, 750, 1250);
		least = delay_ms < least ? delay_ms : least;
		most = delay_ms > most ? delay_ms : most;
	}
	/* All of the range is used. */
	assert_true(least < 760);
	assert_true(most > 1240);
	policy.jitter = 1;
	assert_int_equal(retry_delay_ms(&policy, 1, 0), 0);
	/* Never longer than the longest. */
	assert_int_equal(retry_delay_ms(&policy, 50, UINT64_MAX), 60000);
}

static void dice_are_the_same_for_the_same(void **arg)
{
	struct id one = some_id(1);
	struct id other = some_id(2);

	(void)arg;
	assert_true(retry_dice(&one, 3, 4) == retry_dice(&one, 3, 4));
	assert_true(retry_dice(&one, 3, 4) != retry_dice(&one, 3, 5));
	assert_true(retry_dice(&one, 3, 4) != retry_dice(&one, 4, 4));
	assert_true(retry_dice(&one, 3, 4) != retry_dice(&one, 4, 3));
	assert_true(retry_dice(&one, 3, 4) != retry_dice(&other, 3, 4));
}

/* Of 1000 tasks that fail at once, no tenth of the range gets many more. */
static void dice_are_fair(void **arg)
{
	unsigned buckets[10] = { 0 };
	struct id run = some_id(9);

	(void)arg;
	for (uint32_t task = 0; task < 1000; task++) {
		buckets[(retry_dice(&run, task, 1) >> 32) * 10 >> 32]++;
	}
	for (size_t i = 0; i < 10; i++) {
		assert_in_range(buckets[i], 60, 140);
	}
}

static void round_trip(void **arg)
{
	struct retry_policy policy = {
		.attempts = RETRY_ATTEMPTS_MAX,
		.backoff_ms = 0,
		.factor = 1.25,
		.max_ms = INT64_MAX / 1000,
		.jitter = 1,
	};
	struct retry_policy back = { 0 };
	struct value map = retry_to_value(&policy);

	(void)arg;
	assert_int_equal(retry_from_value(&map, &back, NULL), 0);
	assert_int_equal(back.attempts, policy.attempts);
	assert_int_equal(back.backoff_ms, policy.backoff_ms);
	assert_true(back.factor == policy.factor);
	assert_int_equal(back.max_ms, policy.max_ms);
	assert_true(back.jitter == policy.jitter);
	value_clear(&map);
}

static void corrupt_documents(void **arg)
{
	static const char *const cases[] = {
		"[]",
		"{}",
		"{\"attempts\":2,\"backoff_ms\":1,\"factor\":1,\"max_ms\":1}",
		"{\"attempts\":0,\"backoff_ms\":1,\"factor\":1,\"max_ms\":1,"
		"\"jitter\":0}",
		"{\"attempts\":1000001,\"backoff_ms\":1,\"factor\":1,"
		"\"max_ms\":1,\"jitter\":0}",
		"{\"attempts\":2,\"backoff_ms\":-1,\"factor\":1,\"max_ms\":1,"
		"\"jitter\":0}",
		"{\"attempts\":2,\"backoff_ms\":1,\"factor\":0.5,\"max_ms\":1,"
		"\"jitter\":0}",
		"{\"attempts\":2,\"backoff_ms\":1,\"factor\":1000.5,"
		"\"max_ms\":1,\"jitter\":0}",
		"{\"attempts\":2,\"backoff_ms\":1,\"factor\":1,\"max_ms\":-1,"
		"\"jitter\":0}",
		"{\"attempts\":2,\"backoff_ms\":1,\"factor\":1,\"max_ms\":1,"
		"\"jitter\":1.5}",
		"{\"attempts\":2,\"backoff_ms\":1,\"factor\":\"1\","
		"\"max_ms\":1,\"jitter\":0}",
		"{\"attempts\":2,\"backoff_ms\":1,\"factor\":1,\"max_ms\":1,"
		"\"jitter\":0,\"more\":1}",
	};

	(void)arg;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct retry_policy policy = { .attempts = 77 };
		struct value map;
		struct err err = { 0 };

		assert_int_equal(
		    json_read(slice_of(cases[i]), NULL, &map, NULL), 0);
		assert_int_equal(retry_from_value(&map, &policy, &err),
				 E_CORRUPT);
		assert_string_equal(err.msg, "'retry' is no retry policy");
		assert_int_equal(policy.attempts, 77);
		value_clear(&map);
	}
}

/* ---- in definitions ---- */

static struct definition *load(const char *json)
{
	struct value document;
	struct definition *definition;
	struct err err = { 0 };

	assert_int_equal(json_read(slice_of(json), NULL, &document, NULL), 0);
	if (definition_from_value(&document, &definition, &err)) {
		fail_msg("%s", err.msg);
	}
	value_clear(&document);
	return definition;
}

static void definitions_have_them(void **arg)
{
	static const char json[] =
	    "{\"workflow\":\"w\",\"activities\":[{\"name\":\"a\",\"pre\":["
	    "{\"plugin\":\"p\",\"timeout_ms\":5,\"deadline_ms\":6,"
	    "\"retry\":{\"attempts\":3,\"backoff_ms\":10,\"factor\":2.5,"
	    "\"max_ms\":100,\"jitter\":0.5}}],\"deadline_ms\":7}],"
	    "\"deadline_ms\":8}";
	struct definition *definition = load(json);
	const struct binding *binding =
	    definition->activities[0].phases[PHASE_PRE].bindings;
	struct value document = definition_to_value(definition);
	struct buf text = { 0 };

	(void)arg;
	assert_int_equal(definition->deadline_ms, 8);
	assert_int_equal(definition->activities[0].deadline_ms, 7);
	assert_int_equal(binding->deadline_ms, 6);
	assert_int_equal(binding->timeout_ms, 5);
	assert_int_equal(binding->retry.attempts, 3);
	assert_true(binding->retry.factor == 2.5);
	json_write(&text, &document, JSON_COMPACT);
	buf_put_byte(&text, '\0');
	assert_string_equal(text.data, json);
	buf_fini(&text);
	value_clear(&document);
	definition_unref(definition);
}

static void assert_other_hash(const struct definition *plain, const char *json)
{
	struct definition *other = load(json);

	assert_memory_not_equal(plain->hash, other->hash, DEFINITION_HASH_SIZE);
	definition_unref(other);
}

/* Each changes what the definition is; without any, it is what it was before
 * there were such keys. */
static void hashes(void **arg)
{
	struct definition *plain =
	    load("{\"workflow\":\"w\",\"activities\":[{\"name\":\"a\","
		 "\"pre\":[{\"plugin\":\"p\"}]}]}");
	char version[DEFINITION_VERSION_SIZE];

	(void)arg;
	definition_version(plain->hash, version);
	assert_string_equal(version, "sha256:00fafa34e3dd8745237ed62096ff1ffb"
				     "ec56e3b54e6611194bbe22bae04a0c67");
	assert_other_hash(plain,
			  "{\"workflow\":\"w\",\"activities\":[{\"name\":\"a\","
			  "\"pre\":[{\"plugin\":\"p\"}]}],\"deadline_ms\":1}");
	assert_other_hash(plain,
			  "{\"workflow\":\"w\",\"activities\":[{\"name\":\"a\","
			  "\"pre\":[{\"plugin\":\"p\"}],\"deadline_ms\":1}]}");
	assert_other_hash(plain,
			  "{\"workflow\":\"w\",\"activities\":[{\"name\":\"a\","
			  "\"pre\":[{\"plugin\":\"p\",\"deadline_ms\":1}]}]}");
	assert_other_hash(
	    plain, "{\"workflow\":\"w\",\"activities\":[{\"name\":\"a\","
		   "\"pre\":[{\"plugin\":\"p\",\"retry\":{\"attempts\":2,"
		   "\"backoff_ms\":1000,\"factor\":2,\"max_ms\":60000,"
		   "\"jitter\":0}}]}]}");
	definition_unref(plain);
}

static void copies_have_them(void **arg)
{
	struct definition *definition =
	    load("{\"workflow\":\"w\",\"activities\":[{\"name\":\"a\","
		 "\"pre\":[{\"plugin\":\"p\",\"deadline_ms\":6,"
		 "\"retry\":{\"attempts\":3,\"backoff_ms\":1,\"factor\":1,"
		 "\"max_ms\":1,\"jitter\":0}}],\"deadline_ms\":7}]}");
	struct activity_definition copy =
	    activity_definition_copy(&definition->activities[0]);

	(void)arg;
	assert_int_equal(copy.deadline_ms, 7);
	assert_int_equal(copy.phases[PHASE_PRE].bindings[0].deadline_ms, 6);
	assert_int_equal(copy.phases[PHASE_PRE].bindings[0].retry.attempts, 3);
	activity_definition_fini(&copy);
	definition_unref(definition);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(waits_grow_up_to_the_longest),
		cmocka_unit_test(odd_factors),
		cmocka_unit_test(jitter_keeps_its_bounds),
		cmocka_unit_test(dice_are_the_same_for_the_same),
		cmocka_unit_test(dice_are_fair),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(corrupt_documents),
		cmocka_unit_test(definitions_have_them),
		cmocka_unit_test(hashes),
		cmocka_unit_test(copies_have_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
