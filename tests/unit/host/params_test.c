/* Parameters: typed, defaulted, checked before anything of the plugin runs. */
#include "fixture.h"

#define MODULE TEST_MODULES "/params.so"

static void given_and_default_values_arrive(void **state)
{
	struct fixture *fixture = fixture_create();

	(void)state;
	fixture_load(fixture, "params", "{\"text\": \"hi\"}");
	fixture_start(fixture);
	fixture_assert_json(fixture_do(fixture, "params", 1, NULL)->output,
			    "{\"flag\": 1, \"count\": -7, \"ratio\": 2.0, "
			    "\"text\": \"hi\", \"pause\": 1500}");
	fixture_destroy(fixture);
}

static void every_value_can_be_given(void **state)
{
	struct fixture *fixture = fixture_create();

	(void)state;
	fixture_load(fixture, "params",
		     "{\"text\": \"\", \"flag\": false, \"count\": 12, "
		     "\"ratio\": 1, \"pause\": \"2m\"}");
	fixture_start(fixture);
	fixture_assert_json(fixture_do(fixture, "params", 1, NULL)->output,
			    "{\"flag\": 0, \"count\": 12, \"ratio\": 1.0, "
			    "\"text\": \"\", \"pause\": 120000}");
	fixture_destroy(fixture);
}

static void mistakes_are_explained(void **state)
{
	static const struct {
		const char *config;
		const char *sentences[2];
	} cases[] = {
		{ "{}", { "'text' must be given", "What to say." } },
		{ "{\"text\": \"a\", \"cuont\": 1}",
		  { "'cuont'", "did you mean 'count'?" } },
		{ "{\"text\": \"a\", \"zzzzzz\": 1}", { "'zzzzzz'" } },
		{ "{\"text\": 5}", { "'text' must be a text", "number" } },
		{ "{\"text\": \"a\", \"count\": 1.5}",
		  { "'count' must be a whole number" } },
		{ "{\"text\": \"a\", \"flag\": 1}",
		  { "'flag' must be true or false", "number" } },
		{ "{\"text\": \"a\", \"ratio\": \"2\"}",
		  { "'ratio' must be a number", "string" } },
		{ "{\"text\": \"a\", \"pause\": 30}",
		  { "'pause' must be a duration with its unit" } },
		{ "{\"text\": \"a\", \"pause\": \"30\"}",
		  { "'pause' must be a duration with its unit" } },
		{ "[1]", { "must be a map" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture *fixture = fixture_create();
		struct err err = { 0 };

		if (fixture_try_load(fixture, MODULE, cases[i].config, 0,
				     &err) != E_INVALID) {
			fail_msg("%s: %s", cases[i].config, err.msg);
		}
		for (size_t s = 0; s < 2 && cases[i].sentences[s]; s++) {
			fixture_assert_contains(err.msg, cases[i].sentences[s]);
		}
		assert_int_equal(host_plugin_count(fixture->host), 0);
		fixture_destroy(fixture);
	}
}

static void a_module_without_parameters_takes_none(void **state)
{
	struct fixture *fixture = fixture_create();
	struct err err;

	(void)state;
	assert_int_equal(fixture_try_load(fixture, TEST_MODULES "/late.so",
					  "{\"speed\": 1}", 0, &err),
			 E_INVALID);
	fixture_assert_contains(err.msg, "none at all");
	assert_int_equal(
	    fixture_try_load(fixture, TEST_MODULES "/late.so", "null", 0, &err),
	    0);
	fixture_destroy(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(given_and_default_values_arrive),
		cmocka_unit_test(every_value_can_be_given),
		cmocka_unit_test(mistakes_are_explained),
		cmocka_unit_test(a_module_without_parameters_takes_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
