#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/options.h"

static bool is_duration(struct slice word)
{
	int64_t duration_ms;

	return duration_parse(word, &duration_ms) == 0;
}

static const struct option_spec common[] = {
	{
	    .name = "store",
	    .kind = OPTION_VALUE,
	    .argument = "DIR",
	},
	{
	    .name = "config",
	    .letter = 'c',
	    .kind = OPTION_VALUE,
	    .argument = "FILE",
	},
	{ 0 },
};

static const struct option_spec own[] = {
	{
	    .name = "attr",
	    .kind = OPTION_REPEATED,
	    .argument = "K=V",
	},
	{
	    .name = "quiet",
	    .letter = 'q',
	    .kind = OPTION_FLAG,
	},
	{
	    .name = "wait",
	    .letter = 'w',
	    .kind = OPTION_MAYBE,
	    .argument = "DURATION",
	    .accepts = is_duration,
	},
	{ 0 },
};

#define MAX_WORDS 12

/* Split at spaces into `storage` and parse. */
static int parse(struct options *options, char *storage, enum options_stop stop,
		 struct err *reterr)
{
	char *words[MAX_WORDS];
	int count = 0;

	*options = (struct options){ .tables = { common, own } };
	for (char *word = strtok(storage, " "); word;
	     word = strtok(NULL, " ")) {
		assert_true(count < MAX_WORDS);
		words[count++] = word;
	}
	return options_parse(options, count, words, stop, reterr);
}

static void test_values_and_arguments(void **state)
{
	char words[] = "a --store x -cfile --store=y b -q -";
	struct options options;

	(void)state;
	assert_int_equal(parse(&options, words, OPTIONS_TO_END, NULL), 8);
	assert_string_equal(options_value(&options, "store"), "y");
	assert_string_equal(options_value(&options, "config"), "file");
	assert_true(options_has(&options, "quiet"));
	assert_false(options_has(&options, "attr"));
	assert_null(options_value(&options, "wait"));
	assert_int_equal(options.arg_len, 3);
	assert_string_equal(options.args[0], "a");
	assert_string_equal(options.args[2], "-");
	options_fini(&options);
}

static void test_repeated(void **state)
{
	char words[] = "--attr a=1 --attr b=2 --attr=c=3";
	struct options options;
	size_t at = 0;

	(void)state;
	assert_true(parse(&options, words, OPTIONS_TO_END, NULL) > 0);
	assert_string_equal(options_next(&options, "attr", &at), "a=1");
	assert_string_equal(options_next(&options, "attr", &at), "b=2");
	assert_string_equal(options_next(&options, "attr", &at), "c=3");
	assert_null(options_next(&options, "attr", &at));
	options_fini(&options);
}

static void test_maybe_takes_only_what_it_accepts(void **state)
{
	char with[] = "--wait 30s workflow";
	char without[] = "--wait workflow";
	char last[] = "workflow --wait";
	char joined[] = "--wait=2m workflow";
	struct options options;

	(void)state;
	assert_true(parse(&options, with, OPTIONS_TO_END, NULL) > 0);
	assert_string_equal(options_value(&options, "wait"), "30s");
	assert_int_equal(options.arg_len, 1);
	options_fini(&options);
	assert_true(parse(&options, without, OPTIONS_TO_END, NULL) > 0);
	assert_true(options_has(&options, "wait"));
	assert_null(options_value(&options, "wait"));
	assert_int_equal(options.arg_len, 1);
	options_fini(&options);
	assert_true(parse(&options, last, OPTIONS_TO_END, NULL) > 0);
	assert_true(options_has(&options, "wait"));
	options_fini(&options);
	assert_true(parse(&options, joined, OPTIONS_TO_END, NULL) > 0);
	assert_string_equal(options_value(&options, "wait"), "2m");
	options_fini(&options);
}

static void test_double_dash_ends_options(void **state)
{
	char words[] = "-q -- --store -c";
	struct options options;

	(void)state;
	assert_int_equal(parse(&options, words, OPTIONS_TO_END, NULL), 4);
	assert_false(options_has(&options, "store"));
	assert_int_equal(options.arg_len, 2);
	assert_string_equal(options.args[0], "--store");
	options_fini(&options);
}

static void test_stops_at_first_word(void **state)
{
	char words[] = "--store x -c f verb --attr a=1";
	struct options options;

	(void)state;
	assert_int_equal(parse(&options, words, OPTIONS_TO_WORD, NULL), 4);
	assert_int_equal(options.arg_len, 0);
	assert_int_equal(options.given_len, 2);
	options_fini(&options);
}

static void check_refused(const char *line, const char *sentence)
{
	char words[80];
	struct options options;
	struct err err = { 0 };

	(void)snprintf(words, sizeof(words), "%s", line);
	assert_int_equal(parse(&options, words, OPTIONS_TO_END, &err),
			 E_INVALID);
	assert_string_equal(err.msg, sentence);
	options_fini(&options);
}

static void test_mistakes(void **state)
{
	(void)state;
	check_refused("--stor x",
		      "unknown option '--stor'; did you mean '--store'?");
	check_refused("--zzzzzzz", "unknown option '--zzzzzzz'");
	check_refused("--zzzzzzz=1", "unknown option '--zzzzzzz'");
	check_refused("-x", "unknown option '-x'");
	check_refused("-qx", "unknown option '-x'");
	check_refused("--store", "option '--store' needs a value: --store DIR");
	check_refused("-c", "option '--config' needs a value: --config FILE");
	check_refused("--quiet=yes", "option '--quiet' takes no value");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_and_arguments),
		cmocka_unit_test(test_repeated),
		cmocka_unit_test(test_maybe_takes_only_what_it_accepts),
		cmocka_unit_test(test_double_dash_ends_options),
		cmocka_unit_test(test_stops_at_first_word),
		cmocka_unit_test(test_mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
