/* What `tutti top` shows of answers that the test makes up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "cli/text.h"
#include "cli/top_number.h"
#include "cli/top_text.h"
#include "document/json.h"

#define LATENCY                                                      \
	"{\"count\": 10, \"mean\": 500.5, \"p50\": 402.1, \"p90\": " \
	"1100, \"p99\": 8.25, \"max\": 2000000}"
#define NONE                                                      \
	"{\"count\": 0, \"mean\": null, \"p50\": null, \"p90\": " \
	"null, \"p99\": null, \"max\": null}"
#define RATE(number) "{\"count\": 1, \"per_second\": " number "}"

#define PLUGIN(name, answered, in_flight, failed, rate, latency)              \
	"{\"name\": \"" name "\", \"in_flight\": " in_flight                  \
	", \"capacity\": 64, \"delivered\": " answered                        \
	", \"answered\": " answered ", \"succeeded\": " answered              \
	", \"failed\": " failed ", \"retried\": 7, \"parked\": 8, "           \
	"\"recent\": {\"answered\": " RATE(rate) ", \"latency_us\": " latency \
						 "}}"

#define QUEUE(name, waiting, paused)                                        \
	"{\"name\": \"" name "\", \"plugin\": \"p\", \"waiting\": " waiting \
	", \"in_flight\": 4, \"dead\": 1, \"paused\": " paused "}"

#define ANSWER(up_us, done, plugins, queues)                                         \
	"{\"pid\": 12, \"started_at\": \"T\", \"up_us\": " up_us                     \
	", \"recent_us\": 14000000, "                                                \
	"\"process\": {\"cpu_us\": " done ", \"memory_bytes\": 14680064}, "          \
	"\"store\": {\"path\": \"/s\", \"durability\": \"strict\", "                 \
	"\"file_bytes\": 512}, "                                                     \
	"\"commits\": {\"count\": " done ", \"recent\": {\"commits\": " RATE(        \
	    "812.4") ", \"took_us\": " LATENCY ", \"sync_us\": " LATENCY             \
		     ", \"records_each\": {\"mean\": 96}}}, "                        \
		     "\"runs\": {\"active\": 5, \"started\": " done                  \
		     ", \"ended\": 4, "                                              \
		     "\"succeeded\": 1, \"degraded\": 2, \"failed\": 3, "            \
		     "\"cancelled\": 4, \"recent\": {\"started\": " RATE(            \
			 "9."                                                        \
			 "96") ", \"ended\": " RATE("0.04") "}}, "                   \
							    "\"tasks\": "            \
							    "{\"in_flight\": "       \
							    "6, "                    \
							    "\"answered\":"          \
							    " " done ", "            \
							    "\"succeeded\": "        \
							    "70, \"failed\": "       \
							    "80, "                   \
							    "\"retried\": "          \
							    "90, "                   \
							    "\"parked\": "           \
							    "100, "                  \
							    "\"recent\": "           \
							    "{\"answered\":"         \
							    " " RATE(                \
								"99.96") ", "        \
									 "\"l"       \
									 "ate"       \
									 "ncy"       \
									 "_us"       \
									 "\":"       \
									 " " LATENCY \
									 "}},"       \
									 " "         \
									 "\"p"       \
									 "lug"       \
									 "ins"       \
									 "\":"       \
									 " "         \
									 "[" plugins \
									 "], "       \
									 "\"q"       \
									 "ueu"       \
									 "es"        \
									 "\":"       \
									 " "         \
									 "[" queues  \
									 "], "       \
									 "\"o"       \
									 "the"       \
									 "rs"        \
									 "\":"       \
									 " {"        \
									 "\"p"       \
									 "lug"       \
									 "ins"       \
									 "\":"       \
									 " 0}"       \
									 "}"

#define TWO                                       \
	PLUGIN("slow", "30", "9", "0", "3", NONE) \
	", " PLUGIN("quick", "500", "2", "15", "50", LATENCY)

static struct value now;
static struct value before;
static char shown[8192];

static struct value json(const char *text)
{
	struct value value;
	struct err err = { 0 };

	if (json_read(slice_of(text), NULL, &value, &err) < 0) {
		fail_msg("%s: %s", text, err.msg);
	}
	return value;
}

static int begin(void **state)
{
	(void)state;
	now = value_null();
	before = value_null();
	return 0;
}

static int end(void **state)
{
	(void)state;
	value_clear(&now);
	value_clear(&before);
	return 0;
}

static void show_in(enum form form, size_t columns, size_t rows)
{
	struct buf text = { 0 };
	struct top_frame frame = {
		.now = &now,
		.before = before.type == VALUE_NULL ? NULL : &before,
		.form = form,
		.columns = columns,
		.rows = rows,
		.style = { .utf8 = columns > 0 },
	};

	top_write(&text, &frame);
	assert_true(text.len < sizeof(shown));
	memcpy(shown, text.data, text.len);
	shown[text.len] = '\0';
	buf_fini(&text);
}

static void show(enum form form, size_t columns)
{
	show_in(form, columns, 0);
}

static void check(const char *expected)
{
	if (strcmp(shown, expected) != 0) {
		fail_msg("expected:\n%s\nbut it is:\n%s", expected, shown);
	}
}

static void expect(const char *part)
{
	if (!strstr(shown, part)) {
		fail_msg("'%s' is not in:\n%s", part, shown);
	}
}

static void test_once(void **state)
{
	(void)state;
	now =
	    json(ANSWER("7200000000", "1000", TWO,
			QUEUE("b", "7", "true") ", " QUEUE("a", "9", "false")));
	show(FORM_TEXT, 0);
	check("daemon   pid 12, up 2h, memory 14.0 MiB, cpu 1ms in all\n"
	      "store    /s, strict, 512 B\n"
	      "commits  812/s of 96 records; p50 402us, p99 8.2us; "
	      "sync 402us, 8.2us\n"
	      "runs     10.0/s started, 0.0/s ended; 5 active\n"
	      "         1 succeeded, 2 degraded, 3 failed, 4 cancelled\n"
	      "tasks    100/s answered; 6 in flight; p50 402us, p90 1.1ms, "
	      "p99 8.2us\n"
	      "         70 succeeded, 80 failed, 90 retried, 100 parked\n"
	      "rates and times: last 14.0s; counts: since the daemon's start\n"
	      "\n"
	      "PLUGIN  TASKS/S  IN FLIGHT    P50    P90    P99  DONE  FAILED\n"
	      "quick      50.0       2/64  402us  1.1ms  8.2us   500      15\n"
	      "slow        3.0       9/64      -      -      -    30       0\n"
	      "\n"
	      "QUEUE  STATE    WAITING  IN FLIGHT  DEAD\n"
	      "a      running        9          4     1\n"
	      "b      paused         7          4     1\n");
}

static void test_a_store_that_cannot_be_written(void **state)
{
	struct value store = json("{\"path\": \"/s\", \"durability\": "
				  "\"relaxed\", \"file_bytes\": 1024, "
				  "\"blocked\": \"no space\"}");

	(void)state;
	now = json(ANSWER("1", "1", TWO, ""));
	value_set(&now, "store", store);
	show(FORM_TEXT, 80);
	expect("store    /s, relaxed, 1.0 KiB, no space\n");
}

static void test_nothing_yet(void **state)
{
	(void)state;
	now = json("{}");
	show(FORM_TEXT, 80);
	expect("pid 0, up 0.0ms, memory 0 B");
	assert_null(strstr(shown, "PLUGIN"));
	assert_null(strstr(shown, "QUEUE"));
}

/* Live: what has come since the answer before. */
static void test_between_two_looks(void **state)
{
	(void)state;
	before = json(ANSWER("1000000", "100",
			     PLUGIN("slow", "10", "9", "0", "3", NONE), ""));
	now = json(ANSWER("3000000", "500", TWO, ""));
	assert_true(top_follows(&now, &before));
	show(FORM_TEXT, 80);
	expect("cpu 0 %");
	expect("commits  200/s of");
	expect("runs     200/s started, 0.0/s ended");
	expect("tasks    200/s answered");
	expect("rates: last 2.0s; times: last 14.0s; counts");
	/* One that was not there before, and one that was. */
	expect("quick       250 ");
	expect("slow       10.0 ");
	expect("402µs");
}

static void test_another_daemon(void **state)
{
	(void)state;
	now = json(ANSWER("1", "1", "", ""));
	assert_false(top_follows(&now, &before));
	before = value_copy(&now);
	assert_true(top_follows(&now, &before));
	value_set(&before, "started_at", value_text("another"));
	assert_false(top_follows(&now, &before));
	value_set(&before, "started_at", value_text("T"));
	value_set(&before, "pid", value_int(13));
	assert_false(top_follows(&now, &before));
}

static void test_more_columns(void **state)
{
	(void)state;
	now = json(ANSWER("1", "1", TWO, ""));
	show(FORM_WIDE, 0);
	expect("P99   MAX  DONE  FAILED  RETRIED  PARKED\n");
	expect("2.0s   500      15        7       8\n");
	show(FORM_TEXT, 110);
	expect("MAX");
	show(FORM_TEXT, 109);
	assert_null(strstr(shown, "MAX"));
}

static size_t widest(void)
{
	struct slice text = slice_of(shown);
	struct slice line;
	size_t most = 0;

	while (text_next_line(&text, &line)) {
		size_t width = utf8_width(line);

		most = width > most ? width : most;
	}
	return most;
}

/* Names are cut, numbers are not. */
static void test_long_names_fit(void **state)
{
	static char answer[8192];

	(void)state;
	(void)snprintf(answer, sizeof(answer), "%s",
		       ANSWER("1", "1",
			      PLUGIN("a-plugin-of-a-name-that-is-long-öäü-"
				     "and-longer-than-a-terminal-has-room",
				     "500", "2", "15", "50", LATENCY),
			      ""));
	now = json(answer);
	show(FORM_TEXT, 80);
	assert_int_equal(widest(), 80);
	expect("a-plugin-of-");
	expect("...  ");
	expect("402µs");
	show(FORM_TEXT, 40);
	expect("a-plu...  ");
	show(FORM_TEXT, 0);
	expect("longer-than-a-terminal-has-room");
}

static size_t height(void)
{
	size_t lines = 0;

	for (const char *at = shown; *at; at++) {
		lines += *at == '\n';
	}
	return lines;
}

/* The last ones are left out; of plugins first. */
static void test_few_rows(void **state)
{
	struct value list = value_array();
	struct value waiting = value_array();

	(void)state;
	now = json(ANSWER("1", "1", TWO, QUEUE("q", "7", "true")));
	for (size_t i = 0; i < 20; i++) {
		const struct value *one = value_get(&now, "plugins");
		const struct value *other = value_get(&now, "queues");

		value_push(&list, value_copy(value_at(one, i % 2)));
		value_push(&waiting, value_copy(value_at(other, 0)));
	}
	show_in(FORM_TEXT, 80, 16);
	assert_int_equal(height(), 15);
	value_set(&now, "plugins", list);
	for (size_t rows = 16; rows <= 31; rows++) {
		show_in(FORM_TEXT, 80, rows);
		assert_int_equal(height(), rows);
		expect(" more\n\nQUEUE  STATE   WAITING  IN FLIGHT  DEAD\nq ");
	}
	show_in(FORM_TEXT, 80, 24);
	expect("and 10 more\n\nQUEUE");
	show_in(FORM_TEXT, 80, 33);
	assert_null(strstr(shown, "more"));
	value_set(&now, "queues", waiting);
	show_in(FORM_TEXT, 80, 24);
	assert_int_equal(height(), 24);
	expect("and 12 more\n\nQUEUE");
	expect("and 18 more\n");
}

static void test_names_are_made_harmless(void **state)
{
	(void)state;
	now = json(ANSWER("1", "1",
			  PLUGIN("\\u001b[2J", "1", "1", "1", "1", NONE), ""));
	show(FORM_TEXT, 80);
	expect("\\x1b[2J");
	assert_null(strchr(shown, '\033'));
}

static void test_others_are_told(void **state)
{
	struct value others = json("{\"plugins\": 3, \"in_flight\": 4, "
				   "\"delivered\": 50}");

	(void)state;
	now = json(ANSWER("1", "1", TWO, ""));
	value_set(&now, "others", others);
	show(FORM_TEXT, 80);
	expect("and 3 more plugins: 4 in flight, 50 delivered\n");
}

static void check_latency(const char *number, const char *expected)
{
	struct value value = json(number);
	struct buf text = { 0 };

	top_put_latency(&text, (struct style){ 0 }, &value);
	buf_put_byte(&text, '\0');
	assert_string_equal(text.data, expected);
	buf_fini(&text);
	value_clear(&value);
}

static void test_latencies(void **state)
{
	(void)state;
	check_latency("null", "-");
	check_latency("0", "0.0us");
	check_latency("9.94", "9.9us");
	check_latency("9.96", "10us");
	check_latency("999.4", "999us");
	check_latency("999.6", "1.0ms");
	check_latency("99940", "99.9ms");
	check_latency("99960", "99ms");
	check_latency("1500000", "1.5s");
	check_latency("7500000000", "2h 5m");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		T(test_once),
		T(test_nothing_yet),
		T(test_a_store_that_cannot_be_written),
		T(test_between_two_looks),
		T(test_another_daemon),
		T(test_more_columns),
		T(test_long_names_fit),
		T(test_few_rows),
		T(test_names_are_made_harmless),
		T(test_others_are_told),
		T(test_latencies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
