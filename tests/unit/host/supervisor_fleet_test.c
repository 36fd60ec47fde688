/* Many processes of one entry, one after the other and at a time. */
#include <sys/resource.h>

#include "children.h"

static size_t surplus(struct children *children, const char *const **ret_names)
{
	return supervisor_surplus(children->supervisor, "e", ret_names);
}

static void entries_grow_and_shrink(void **state)
{
	struct children *children = children_create();
	struct supervisor_entry entry = children_entry("e", LIVES);
	const char *const *names;

	(void)state;
	children_set(children, &entry);
	children_until(children, children_said(children, "e#1 1 up"));
	entry.instances = 4;
	children_set(children, &entry);
	children_until(children, children_said(children, "e#4 1 up"));
	assert_int_equal(surplus(children, &names), 0);
	supervisor_ready(children->supervisor, "e#1");
	supervisor_ready(children->supervisor, "e#2");
	supervisor_ready(children->supervisor, "e#4");
	entry.instances = 2;
	children_set(children, &entry);
	assert_int_equal(surplus(children, &names), 2);
	assert_string_equal(names[0], "e#3");
	assert_string_equal(names[1], "e#4");
	supervisor_end_instance(children->supervisor, "e#3", children->now_ms);
	supervisor_end_instance(children->supervisor, "e#4", children->now_ms);
	assert_int_equal(surplus(children, &names), 0);
	children_until(children, children->end_count == 2);
	assert_int_equal(children_status(children, "e").actual, 2);
	assert_int_equal(children_status(children, "e").next_start_ms, 0);
	/* Numbers are not given twice. */
	entry.instances = 3;
	children_set(children, &entry);
	children_until(children, children_said(children, "e#5 1 up"));
	children_destroy(children);
}

static void old_code_serves_until_the_new_is_ready(void **state)
{
	struct children *children = children_create();
	struct supervisor_entry entry = children_entry("e", LIVES);
	const char *const *names;

	(void)state;
	entry.instances = 2;
	children_set(children, &entry);
	children_until(children, children_said(children, "e#2 1 up"));
	supervisor_ready(children->supervisor, "e#1");
	supervisor_ready(children->supervisor, "e#2");
	supervisor_set(children->supervisor, &entry, SUPERVISOR_RENEW,
		       children->now_ms);
	children_until(children, children_said(children, "e#3 1 up") &&
				     children_said(children, "e#4 1 up"));
	assert_int_equal(children_status(children, "e").actual, 4);
	assert_int_equal(surplus(children, &names), 0);
	supervisor_ready(children->supervisor, "e#4");
	assert_int_equal(surplus(children, &names), 1);
	assert_string_equal(names[0], "e#2");
	supervisor_ready(children->supervisor, "e#3");
	assert_int_equal(surplus(children, &names), 2);
	supervisor_end_instance(children->supervisor, "e#1", children->now_ms);
	supervisor_end_instance(children->supervisor, "e#2", children->now_ms);
	children_until(children, children->end_count == 2);
	assert_int_equal(children_status(children, "e").actual, 2);
	/* Another command line is new code, too; the same is not. */
	children_set(children, &entry);
	children_turn(children);
	assert_int_equal(children_status(children, "e").actual, 2);
	entry.argv = SCRIPT("echo other; exec cat");
	children_set(children, &entry);
	children_until(children, children_said(children, "e#6 1 other"));
	assert_int_equal(children_status(children, "e").actual, 4);
	children_destroy(children);
}

/* The daemon drains what is surplus: it does not come back. */
static void who_is_being_drained_is_not_wanted_again(void **state)
{
	struct children *children = children_create();
	struct supervisor_entry entry = children_entry("e", LIVES);
	const char *const *names;

	(void)state;
	children_set(children, &entry);
	children_until(children, children_said(children, "e#1 1 up"));
	supervisor_ready(children->supervisor, "e#1");
	entry.instances = 0;
	children_set(children, &entry);
	assert_int_equal(surplus(children, &names), 1);
	entry.instances = 1;
	children_set(children, &entry);
	children_until(children, children_said(children, "e#2 1 up"));
	supervisor_ready(children->supervisor, "e#2");
	assert_int_equal(surplus(children, &names), 1);
	assert_string_equal(names[0], "e#1");
	/* It ends as it should, which is no reason for anything. */
	supervisor_end_instance(children->supervisor, "e#1", children->now_ms);
	children_until(children, children->end_count == 1);
	assert_int_equal(children_status(children, "e").actual, 1);
	assert_int_equal(children_status(children, "e").deaths, 0);
	assert_int_equal(surplus(children, &names), 0);
	/* Shrinking alone says it, too. */
	entry.instances = 0;
	children_set(children, &entry);
	entry.instances = 1;
	children_set(children, &entry);
	children_until(children, children_said(children, "e#3 1 up"));
	children_destroy(children);
}

static void what_never_registers_does_not_pile_up(void **state)
{
	struct children *children = children_create();
	struct supervisor_entry entry = children_entry("e", LIVES);

	(void)state;
	children_set(children, &entry);
	children_until(children, children_said(children, "e#1 1 up"));
	for (size_t i = 1; i <= 12; i++) {
		supervisor_set(children->supervisor, &entry, SUPERVISOR_RENEW,
			       children->now_ms);
		children_until(children, children->end_count == i);
		assert_true(children->last.asked);
		assert_int_equal(children_status(children, "e").actual, 1);
	}
	assert_int_equal(children_status(children, "e").deaths, 0);
	children_destroy(children);
}

static void instances_are_found_by_name(void **state)
{
	struct children *children = children_create();
	struct supervisor_entry entry = children_entry("e", LIVES);

	(void)state;
	children_set(children, &entry);
	children_until(children, children_said(children, "e#1 1 up"));
	assert_true(
	    supervisor_has_instance(children->supervisor, SLICE("e#1")));
	assert_false(
	    supervisor_has_instance(children->supervisor, SLICE("e#")));
	assert_false(
	    supervisor_has_instance(children->supervisor, SLICE("e#11")));
	supervisor_end_instance(children->supervisor, "e#1", children->now_ms);
	children_until(children, children->end_count == 1);
	assert_false(
	    supervisor_has_instance(children->supervisor, SLICE("e#1")));
	children_destroy(children);
}

/* `ended` is for processes; of what has never been one `changed` tells. */
static void what_cannot_be_started_is_told(void **state)
{
	struct children *children = children_create();
	struct supervisor_entry entry = children_entry(
	    "e", (const char *const[]){ "/nowhere/program", NULL });
	struct rlimit before;
	struct rlimit none;

	(void)state;
	children_set(children, &entry);
	children_turn(children);
	assert_int_equal(children->changes, 1);
	assert_int_equal(children_status(children, "e").last.pid, -1);
	assert_non_null(strstr(children_status(children, "e").last.text,
			       "there is no such program"));
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	children->now_ms = children_status(children, "e").next_start_ms;
	supervisor_turn(children->supervisor, children->now_ms);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(children->changes, 2);
	assert_non_null(strstr(children_status(children, "e").last.text,
			       "Too many open files"));
	assert_int_equal(children->end_count, 0);
	children_destroy(children);
}

static void a_removed_entry_goes_with_its_last_process(void **state)
{
	struct children *children = children_create();
	struct supervisor_entry entry = children_entry("e", LIVES);
	const char *const *names;

	(void)state;
	children_set(children, &entry);
	children_until(children, children_said(children, "e#1 1 up"));
	supervisor_remove(children->supervisor, "e");
	supervisor_remove(children->supervisor, "nobody");
	children_turn(children);
	assert_int_equal(children_status(children, "e").actual, 1);
	assert_int_equal(surplus(children, &names), 1);
	supervisor_end_instance(children->supervisor, names[0],
				children->now_ms);
	children_until(children, supervisor_count(children->supervisor) == 0);
	assert_int_equal(children->end_count, 1);
	assert_int_equal(surplus(children, &names), 0);
	children_destroy(children);
}

static long resident_pages(void)
{
	long size = 0;
	long resident = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%ld %ld", &size, &resident), 2);
	(void)fclose(file);
	return resident;
}

static void run_out(struct children *children, size_t ends)
{
	children_until(children, children->end_count >= ends);
}

/* Under a sanitizer freed memory is kept for a while: hence the margin. */
static void thousands_of_lives_leave_nothing(void **state)
{
	struct children *children = children_create();
	struct supervisor_entry entry =
	    children_entry("e", (const char *const[]){ "/bin/true", NULL });

	(void)state;
	entry.deaths = 0;
	entry.delay_ms = 0;
	entry.max_ms = 0;
	entry.instances = 8;
	children_set(children, &entry);
	run_out(children, 200);
	long pages = resident_pages();

	run_out(children, 2000);
	assert_true(resident_pages() - pages < 4096);
	supervisor_remove(children->supervisor, "e");
	children_until(children, supervisor_count(children->supervisor) == 0);
	children_destroy(children);
}

static void no_descriptor_is_left(void **state)
{
	size_t before = count_fds();
	struct children *children = children_create();
	struct supervisor_entry entry = children_entry("e", LIVES);

	(void)state;
	entry.instances = 16;
	children_set(children, &entry);
	children_until(children, children_said(children, "e#16 1 up"));
	/* Per process: lifeline, two streams, pidfd; warden: pipe, pidfd. */
	assert_int_equal(count_fds(), before + 1 + 16 * 4 + 2);
	entry.instances = 0;
	children_set(children, &entry);
	const char *const *names;
	size_t count = surplus(children, &names);

	assert_int_equal(count, 16);
	for (size_t i = 0; i < count; i++) {
		supervisor_end_instance(children->supervisor, names[i],
					children->now_ms);
	}
	children_until(children, children->end_count == 16);
	assert_int_equal(count_fds(), before + 1 + 2);
	children_destroy(children);
	assert_int_equal(count_fds(), before);
	supervisor_destroy(NULL);
}

static void destroying_kills_what_is_left(void **state)
{
	struct children *children = children_create();
	struct supervisor_entry entry = children_entry(
	    "e", SCRIPT("trap '' TERM; sleep 1000 & echo child $!; "
			"echo pid $$; wait"));

	(void)state;
	children_set(children, &entry);
	children_until(children, children_number(children, "e#1", "pid") != 0);
	pid_t pid = children_number(children, "e#1", "pid");
	pid_t child = children_number(children, "e#1", "child");

	children_destroy(children);
	assert_true(process_is_gone(pid));
	while (!process_is_gone(child)) {
		(void)poll(NULL, 0, 1);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_grow_and_shrink),
		cmocka_unit_test(old_code_serves_until_the_new_is_ready),
		cmocka_unit_test(who_is_being_drained_is_not_wanted_again),
		cmocka_unit_test(what_never_registers_does_not_pile_up),
		cmocka_unit_test(instances_are_found_by_name),
		cmocka_unit_test(what_cannot_be_started_is_told),
		cmocka_unit_test(a_removed_entry_goes_with_its_last_process),
		cmocka_unit_test(thousands_of_lives_leave_nothing),
		cmocka_unit_test(no_descriptor_is_left),
		cmocka_unit_test(destroying_kills_what_is_left),
	};

	if (argc > 1 && strcmp(argv[1], "warden") == 0) {
		return warden_main();
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
