/* Processes started, watched, started again and ended. */
#include "children.h"

static void wanted_actual_and_ready_are_three_things(void **state)
{
	struct children *children = children_create();
	struct supervisor_entry entry = children_entry("e", LIVES);

	(void)state;
	entry.instances = 2;
	assert_int_equal(supervisor_next_due_ms(children->supervisor), 0);
	children_set(children, &entry);
	assert_int_equal(children_status(children, "e").actual, 0);
	assert_true(supervisor_next_due_ms(children->supervisor) > 0);
	children_until(children, children_said(children, "e#1 1 up") &&
				     children_said(children, "e#2 1 up"));
	assert_int_equal(children_status(children, "e").actual, 2);
	assert_int_equal(children_status(children, "e").ready, 0);
	size_t changes = children->changes;

	supervisor_ready(children->supervisor, "e#2");
	supervisor_ready(children->supervisor, "e#2");
	supervisor_ready(children->supervisor, "nobody#1");
	children_until(children, children->changes == changes + 1);
	struct supervisor_status status = children_status(children, "e");

	assert_int_equal(status.wanted, 2);
	assert_int_equal(status.ready, 1);
	assert_int_equal(status.deaths, 0);
	assert_int_equal(status.last.pid, 0);
	assert_string_equal(status.command, "sh -c echo up; exec cat");
	assert_int_equal(supervisor_next_due_ms(children->supervisor), 0);
	assert_false(supervisor_stop(children->supervisor, children->now_ms));
	children_until(children,
		       supervisor_stop(children->supervisor, children->now_ms));
	assert_int_equal(children->end_count, 2);
	assert_true(children->last.asked);
	assert_int_equal(children_status(children, "e").deaths, 0);
	children_destroy(children);
}

static void the_end_is_told_in_words(void **state)
{
	static const struct {
		const char *argv[4];
		const char *directory;
		const char *text;
	} cases[] = {
		{ { "sh", "-c", "exit 3" }, NULL, "exited with status 3" },
		{ { "sh", "-c", "kill -SEGV $$" },
		  NULL,
		  "killed by signal 11 (SIGSEGV)" },
		{ { "sh", "-c", "kill -40 $$" }, NULL, "killed by signal 40" },
		{ { "sh", "-c", "exit" }, "/", "exited with status 0" },
		{ { "/no/such/program" },
		  NULL,
		  "cannot start '/no/such/program': there is no such program" },
		{ { "no-such-program" },
		  NULL,
		  "cannot start 'no-such-program': there is no such program" },
		{ { "/etc/passwd" },
		  NULL,
		  "cannot start '/etc/passwd': it is not executable: chmod "
		  "+x" },
		{ { "sh" },
		  "/no/such/folder",
		  "cannot start it: there is no folder '/no/such/folder'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct children *children = children_create();
		struct supervisor_entry entry =
		    children_entry("e", cases[i].argv);

		entry.directory = cases[i].directory;
		children_set(children, &entry);
		children_until(children,
			       children_status(children, "e").deaths == 1);
		struct supervisor_status status =
		    children_status(children, "e");

		assert_string_equal(status.last.text, cases[i].text);
		assert_false(status.given_up);
		assert_int_equal(status.next_start_ms, children->now_ms + 100);
		assert_int_equal(supervisor_next_due_ms(children->supervisor),
				 children->now_ms + 100);
		children_destroy(children);
	}
}

/* Lets the process die once more; how long the next start is put off. */
static int64_t next_delay(struct children *children, uint32_t deaths)
{
	children_until(children,
		       children_status(children, "e").deaths == deaths);
	int64_t next_ms = children_status(children, "e").next_start_ms;
	int64_t delay_ms = next_ms - children->now_ms;

	supervisor_turn(children->supervisor, next_ms - 1);
	assert_int_equal(children_status(children, "e").deaths, deaths);
	children->now_ms = next_ms;
	return delay_ms;
}

static void the_delay_doubles_up_to_its_most(void **state)
{
	static const int64_t delays[] = { 100, 200, 400, 800, 1000, 1000 };
	struct children *children = children_create();
	struct supervisor_entry entry = children_entry("e", SCRIPT("exit 1"));

	(void)state;
	entry.deaths = 0;
	children_set(children, &entry);
	for (uint32_t i = 0; i < 6; i++) {
		assert_int_equal(next_delay(children, i + 1), delays[i]);
	}
	children_destroy(children);
}

static void kill_one(struct children *children, const char *instance)
{
	size_t ends = children->end_count;

	children_until(children,
		       children_number(children, instance, "pid") != 0);
	assert_int_equal(
	    kill(children_number(children, instance, "pid"), SIGKILL), 0);
	children_until(children, children->end_count == ends + 1);
}

static void a_healthy_life_sets_the_delay_back(void **state)
{
	struct children *children = children_create();
	struct supervisor_entry entry =
	    children_entry("e", SCRIPT("echo pid $$; exec cat"));

	(void)state;
	children_set(children, &entry);
	kill_one(children, "e#1");
	assert_int_equal(next_delay(children, 1), 100);
	kill_one(children, "e#2");
	assert_int_equal(next_delay(children, 2), 200);
	/* Ready, but not for long enough. */
	children_until(children, children_number(children, "e#3", "pid"));
	supervisor_ready(children->supervisor, "e#3");
	children->now_ms += 199;
	kill_one(children, "e#3");
	assert_int_equal(next_delay(children, 3), 400);
	children_until(children, children_number(children, "e#4", "pid"));
	supervisor_ready(children->supervisor, "e#4");
	children->now_ms += 400;
	kill_one(children, "e#4");
	assert_int_equal(next_delay(children, 4), 100);
	assert_int_equal(children->last.status, SIGKILL);
	children_destroy(children);
}

static void many_deaths_at_one_blow_are_one_misfortune(void **state)
{
	struct children *children = children_create();
	struct supervisor_entry entry =
	    children_entry("e", SCRIPT("echo pid $$; exec cat"));

	(void)state;
	entry.instances = 4;
	entry.deaths = 2;
	children_set(children, &entry);
	kill_one(children, "e#1");
	kill_one(children, "e#2");
	kill_one(children, "e#3");
	kill_one(children, "e#4");
	assert_false(children_status(children, "e").given_up);
	assert_int_equal(next_delay(children, 4), 100);
	children_until(children, children_number(children, "e#8", "pid"));
	assert_int_equal(children_status(children, "e").actual, 4);
	children_destroy(children);
}

static void too_many_deaths_are_the_end(void **state)
{
	struct children *children = children_create();
	struct supervisor_entry entry = children_entry("e", SCRIPT("exit 1"));

	(void)state;
	entry.deaths = 3;
	entry.within_ms = 300;
	children_set(children, &entry);
	assert_int_equal(next_delay(children, 1), 100);
	/* 100 and 200 ms later the first is still remembered. */
	assert_int_equal(next_delay(children, 2), 200);
	children_until(children, children_status(children, "e").deaths == 3);
	struct supervisor_status status = children_status(children, "e");

	assert_true(status.given_up);
	assert_int_equal(status.next_start_ms, 0);
	children->now_ms += 1000000;
	supervisor_turn(children->supervisor, children->now_ms);
	assert_int_equal(children_status(children, "e").actual, 0);
	assert_int_equal(supervisor_next_due_ms(children->supervisor), 0);
	/* Released. */
	children_set(children, &entry);
	assert_false(children_status(children, "e").given_up);
	children_until(children, children_status(children, "e").deaths == 1);
	children_destroy(children);
}

static void deaths_of_long_ago_do_not_count(void **state)
{
	struct children *children = children_create();
	struct supervisor_entry entry = children_entry("e", SCRIPT("exit 1"));

	(void)state;
	entry.deaths = 3;
	entry.within_ms = 299;
	children_set(children, &entry);
	for (uint32_t i = 1; i <= 6; i++) {
		(void)next_delay(children, i);
		assert_false(children_status(children, "e").given_up);
	}
	children_destroy(children);
}

static void a_refusal_is_the_end_at_once(void **state)
{
	struct children *children = children_create();
	struct supervisor_entry entry =
	    children_entry("e", SCRIPT("echo no >&2; exit 78"));

	(void)state;
	children_set(children, &entry);
	children_until(children, children->end_count == 1);
	struct supervisor_status status = children_status(children, "e");

	assert_true(status.given_up);
	assert_non_null(strstr(status.last.text, "status 78"));
	assert_non_null(strstr(status.last.text, "refused"));
	assert_true(children_said(children, "e#1 2 no"));
	children_destroy(children);
}

static void who_does_not_listen_is_killed(void **state)
{
	struct children *children = children_create();
	struct supervisor_entry entry = children_entry(
	    "e", SCRIPT("trap '' TERM; echo up; while :; do sleep 1; done"));

	(void)state;
	children_set(children, &entry);
	children_until(children, children_said(children, "e#1 1 up"));
	supervisor_remove(children->supervisor, "e");
	supervisor_end_instance(children->supervisor, "e#1", children->now_ms);
	assert_int_equal(supervisor_next_due_ms(children->supervisor), 1);
	children_turn(children);
	assert_int_equal(supervisor_next_due_ms(children->supervisor),
			 children->now_ms + CHILDREN_GRACE);
	assert_int_equal(children->end_count, 0);
	children->now_ms += CHILDREN_GRACE;
	children_until(children, children->end_count == 1);
	assert_true(children->last.asked);
	assert_int_equal(children->last.status, SIGKILL);
	children_until(children, supervisor_count(children->supervisor) == 0);
	children_destroy(children);
}

static void who_is_stopped_is_woken_to_end(void **state)
{
	struct children *children = children_create();
	struct supervisor_entry entry = children_entry(
	    "e", SCRIPT("trap 'exit 5' TERM; echo up; kill -STOP $$; "
			"while :; do sleep 0.01; done"));

	(void)state;
	children_set(children, &entry);
	children_until(children, children_said(children, "e#1 1 up"));
	supervisor_end_instance(children->supervisor, "e#1", children->now_ms);
	children_until(children, children->end_count == 1);
	assert_string_equal(children->ends[0], "e#1 exited with status 5");
	/* It was still wanted: a successor, but not at once. */
	assert_int_equal(children_status(children, "e").deaths, 0);
	assert_int_equal(children_status(children, "e").next_start_ms,
			 children->now_ms + 100);
	children->now_ms += 100;
	children_until(children, children_said(children, "e#2 1 up"));
	children_destroy(children);
}

static void what_it_leaves_in_its_group_is_killed(void **state)
{
	struct children *children = children_create();
	struct supervisor_entry entry =
	    children_entry("e", SCRIPT("sleep 1000 & echo child $!; exit 1"));

	(void)state;
	children_set(children, &entry);
	children_until(children, children->end_count == 1);
	pid_t left = children_number(children, "e#1", "child");

	assert_true(left > 0);
	children_until(children, process_is_gone(left));
	children_destroy(children);
}

/* It may hold the pipe for ever: that must not hold up the news. */
static void what_leaves_the_group_does_not_hold_up(void **state)
{
	struct children *children = children_create();
	struct supervisor_entry entry = children_entry(
	    "e", SCRIPT("setsid sh -c 'echo child $$; exec sleep 1000' & "
			"while ! kill -0 $! ; do :; done; echo last; wait"));

	(void)state;
	children_set(children, &entry);
	children_until(children,
		       children_number(children, "e#1", "child") != 0);
	pid_t left = children_number(children, "e#1", "child");

	supervisor_remove(children->supervisor, "e");
	supervisor_end_instance(children->supervisor, "e#1", children->now_ms);
	children_until(children, children_status(children, "e").actual == 0);
	assert_int_equal(children->end_count, 0);
	int64_t due_ms = supervisor_next_due_ms(children->supervisor);

	assert_true(due_ms > 0);
	children->now_ms += 1000;
	children_until(children, children->end_count == 1);
	assert_int_equal(kill(left, SIGKILL), 0);
	children_destroy(children);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wanted_actual_and_ready_are_three_things),
		cmocka_unit_test(the_end_is_told_in_words),
		cmocka_unit_test(the_delay_doubles_up_to_its_most),
		cmocka_unit_test(a_healthy_life_sets_the_delay_back),
		cmocka_unit_test(many_deaths_at_one_blow_are_one_misfortune),
		cmocka_unit_test(too_many_deaths_are_the_end),
		cmocka_unit_test(deaths_of_long_ago_do_not_count),
		cmocka_unit_test(a_refusal_is_the_end_at_once),
		cmocka_unit_test(who_does_not_listen_is_killed),
		cmocka_unit_test(who_is_stopped_is_woken_to_end),
		cmocka_unit_test(what_it_leaves_in_its_group_is_killed),
		cmocka_unit_test(what_leaves_the_group_does_not_hold_up),
	};

	if (argc > 1 && strcmp(argv[1], "warden") == 0) {
		return warden_main();
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
