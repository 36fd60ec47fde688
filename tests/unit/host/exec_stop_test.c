/* The plugin exec: how programs end, by themselves and otherwise. */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "fixture.h"

static struct fixture *exec_fixture(const char *config)
{
	struct fixture *fixture = fixture_create();

	fixture_load(fixture, SHIPPED "/exec.so", config);
	fixture_start(fixture);
	return fixture;
}

static void wait_for_file(const char *path)
{
	while (access(path, F_OK) != 0) {
		fixture_pause();
	}
}

/* The number that a script has written there. */
static pid_t read_pid(const char *path)
{
	long pid = 0;

	while (pid == 0) {
		FILE *file = fopen(path, "re");

		if (file) {
			if (fscanf(file, "%ld\n", &pid) != 1) {
				pid = 0;
			}
			(void)fclose(file);
		}
		fixture_pause();
	}
	return (pid_t)pid;
}

/* Ended ones may be waiting for init to look at them. */
static bool is_running(pid_t pid)
{
	char path[64];
	char stat[256] = "";

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "re");

	if (!file) {
		return false;
	}
	size_t len = fread(stat, 1, sizeof(stat) - 1, file);

	(void)fclose(file);
	const char *name_end = strrchr(stat, ')');

	return len && name_end && name_end[2] != 'Z' && name_end[2] != 'X';
}

static void wait_for_end(pid_t pid)
{
	while (is_running(pid)) {
		fixture_pause();
	}
}

/* A task whose script writes the pid of a grandchild into `pid_file`. */
static void deliver_script(struct fixture *fixture, uint32_t number,
			   const char *script, int64_t deadline_us)
{
	struct host_task task = fixture_task("exec", number, 1);
	struct buf with = { 0 };
	struct err err;

	buf_printf(&with,
		   "{\"argv\": [\"sh\", \"-c\", \"%s\"], \"cwd\": \"%s\"}",
		   script, fixture->folder);
	char *text = buf_take(&with);

	task.with = fixture_blob(text);
	task.deadline_us = deadline_us;
	if (fixture_hand_over(fixture, &task, &err) < 0) {
		fail_msg("%s", err.msg);
	}
	free(text);
}

static void cancel_ends_the_whole_group(void **state)
{
	struct fixture *fixture = exec_fixture("{\"kill_after\": \"1h\"}");
	char *pid_file = fixture_path(fixture, "pid");
	struct host_key key = fixture_key(1, 1);

	(void)state;
	deliver_script(fixture, 1, "sleep 1000 & echo $! > pid; wait", 0);
	pid_t grandchild = read_pid(pid_file);

	assert_true(is_running(grandchild));
	host_cancel(fixture->host, &key, TUTTI_CANCELLED);
	fixture_wait(fixture, 1);
	assert_int_equal(fixture->completions[0].outcome, TUTTI_FAILED);
	assert_string_equal(fixture->completions[0].message,
			    "cancelled: ended by signal SIGTERM");
	wait_for_end(grandchild);
	free(pid_file);
	fixture_destroy(fixture);
}

static void a_stopped_group_is_ended_too(void **state)
{
	struct fixture *fixture = exec_fixture("{\"kill_after\": \"1h\"}");
	char *pid_file = fixture_path(fixture, "pid");
	struct host_key key = fixture_key(1, 1);

	(void)state;
	deliver_script(fixture, 1, "echo $$ > pid; kill -STOP $$", 0);
	(void)read_pid(pid_file);
	host_cancel(fixture->host, &key, TUTTI_CANCELLED);
	fixture_wait(fixture, 1);
	assert_string_equal(fixture->completions[0].message,
			    "cancelled: ended by signal SIGTERM");
	free(pid_file);
	fixture_destroy(fixture);
}

static void who_ignores_sigterm_is_killed(void **state)
{
	struct fixture *fixture = exec_fixture("{\"kill_after\": \"50ms\"}");
	char *pid_file = fixture_path(fixture, "pid");
	struct host_key key = fixture_key(1, 1);

	(void)state;
	deliver_script(fixture, 1,
		       "trap '' TERM; sleep 1000 & echo $! > pid; wait", 0);
	pid_t grandchild = read_pid(pid_file);

	host_cancel(fixture->host, &key, TUTTI_CANCELLED);
	fixture_wait(fixture, 1);
	assert_string_equal(fixture->completions[0].message,
			    "cancelled: ended by signal SIGKILL");
	wait_for_end(grandchild);
	free(pid_file);
	fixture_destroy(fixture);
}

/* The program itself obeys at once; what it started does not. */
static void a_stubborn_grandchild_is_killed(void **state)
{
	struct fixture *fixture = exec_fixture("{\"kill_after\": \"50ms\"}");
	char *pid_file = fixture_path(fixture, "pid");
	struct host_key key = fixture_key(1, 1);

	(void)state;
	deliver_script(fixture, 1,
		       "sh -c 'trap \\\"\\\" TERM; echo $$ > pid; while :; do "
		       "sleep 1; done' & wait",
		       0);
	pid_t grandchild = read_pid(pid_file);

	host_cancel(fixture->host, &key, TUTTI_CANCELLED);
	fixture_wait(fixture, 1);
	wait_for_end(grandchild);
	assert_string_equal(fixture->completions[0].message,
			    "cancelled: ended by signal SIGTERM");
	free(pid_file);
	fixture_destroy(fixture);
}

/* It holds nothing of ours, so that nothing tells that it goes on. */
static void a_hidden_grandchild_is_killed(void **state)
{
	struct fixture *fixture = exec_fixture("{\"kill_after\": \"1h\"}");
	char *pid_file = fixture_path(fixture, "pid");
	struct host_key key = fixture_key(1, 1);

	(void)state;
	deliver_script(fixture, 1,
		       "sh -c 'trap \\\"\\\" TERM; echo $$ > pid; while :; do "
		       "sleep 1; done' >/dev/null 2>&1 & wait",
		       0);
	pid_t grandchild = read_pid(pid_file);

	host_cancel(fixture->host, &key, TUTTI_CANCELLED);
	fixture_wait(fixture, 1);
	wait_for_end(grandchild);
	free(pid_file);
	fixture_destroy(fixture);
}

/* The program ends at once, what it started tidies up first. */
static void grandchildren_are_given_time_too(void **state)
{
	struct fixture *fixture = exec_fixture("{\"kill_after\": \"1h\"}");
	char *pid_file = fixture_path(fixture, "pid");
	struct host_key key = fixture_key(1, 1);

	(void)state;
	deliver_script(
	    fixture, 1,
	    "sh -c 'trap \\\"sleep 0.1; echo bye; exit\\\" TERM; echo "
	    "$$ > pid; while :; do sleep 0.01; done' & wait",
	    0);
	(void)read_pid(pid_file);
	host_cancel(fixture->host, &key, TUTTI_CANCELLED);
	fixture_wait(fixture, 1);
	fixture_assert_text(fixture->completions[0].output, "stdout", "bye\n");
	free(pid_file);
	fixture_destroy(fixture);
}

static void a_graceful_end_is_given_time(void **state)
{
	struct fixture *fixture = exec_fixture("{\"kill_after\": \"1h\"}");
	char *pid_file = fixture_path(fixture, "pid");
	struct host_key key = fixture_key(1, 1);
	struct host_completion *completion;

	(void)state;
	deliver_script(fixture, 1,
		       "trap 'echo tidied up >&2; exit 4' TERM; echo $$ > pid; "
		       "while :; do sleep 0.01; done",
		       0);
	(void)read_pid(pid_file);
	host_cancel(fixture->host, &key, TUTTI_CANCELLED);
	fixture_wait(fixture, 1);
	completion = &fixture->completions[0];
	assert_string_equal(completion->message,
			    "cancelled: exit code 4: tidied up");
	assert_int_equal(completion->outcome, TUTTI_FAILED);
	free(pid_file);
	fixture_destroy(fixture);
}

/* Nobody calls cancel(): the plugin looks at the clock itself. */
static void the_deadline_is_kept(void **state)
{
	struct fixture *fixture = exec_fixture(NULL);
	char *pid_file = fixture_path(fixture, "pid");

	(void)state;
	deliver_script(fixture, 1,
		       "echo half done; sleep 1000 & echo $! > pid; wait",
		       clock_wall_us() + 300000);
	fixture_wait(fixture, 1);
	assert_int_equal(fixture->completions[0].outcome, TUTTI_RETRYABLE);
	assert_string_equal(fixture->completions[0].message,
			    "timed out: ended by signal SIGTERM");
	fixture_assert_text(fixture->completions[0].output, "stdout",
			    "half done\n");
	if (access(pid_file, F_OK) == 0) {
		wait_for_end(read_pid(pid_file));
	}
	free(pid_file);
	fixture_destroy(fixture);
}

static void what_is_left_behind_does_not_hold_us_up(void **state)
{
	struct fixture *fixture = exec_fixture(NULL);
	char *pid_file = fixture_path(fixture, "pid");

	(void)state;
	deliver_script(fixture, 1, "sleep 1000 & echo $! > pid; echo done", 0);
	fixture_wait(fixture, 1);
	assert_int_equal(fixture->completions[0].outcome, TUTTI_SUCCEEDED);
	fixture_assert_text(fixture->completions[0].output, "stdout", "done\n");
	pid_t left = read_pid(pid_file);

	/* A program may leave others behind: they are its own business. */
	assert_true(is_running(left));
	assert_int_equal(kill(left, SIGKILL), 0);
	/* Nor does one that never stops to write. */
	deliver_script(fixture, 2,
		       "yes & echo $! > pid2; until [ -s pid2 ]; do :; done",
		       0);
	fixture_wait(fixture, 2);
	assert_int_equal(fixture->completions[1].outcome, TUTTI_SUCCEEDED);
	free(pid_file);
	fixture_destroy(fixture);
}

static void what_is_cancelled_before_is_not_started(void **state)
{
	struct fixture *fixture = exec_fixture(NULL);
	char *started = fixture_path(fixture, "started");

	(void)state;
	deliver_script(fixture, 1, "touch started", clock_wall_us() - 1);
	fixture_wait(fixture, 1);
	assert_int_equal(fixture->completions[0].outcome, TUTTI_FAILED);
	assert_int_not_equal(access(started, F_OK), 0);
	free(started);
	fixture_destroy(fixture);
}

static void many_run_at_once(void **state)
{
	struct fixture *fixture = exec_fixture(NULL);
	char *go = fixture_path(fixture, "go");
	char script[128];

	(void)state;
	for (uint32_t i = 0; i < 64; i++) {
		(void)snprintf(script, sizeof(script),
			       "touch up.%u; until [ -e go ]; do sleep 0.05; "
			       "done; echo %u",
			       i, i);
		deliver_script(fixture, i, script, 0);
	}
	for (uint32_t i = 0; i < 64; i++) {
		(void)snprintf(script, sizeof(script), "%s/up.%u",
			       fixture->folder, i);
		wait_for_file(script);
	}
	/* All are there, none has ended. */
	assert_int_equal(fixture_count(fixture), 0);
	fixture_touch(go);
	fixture_wait(fixture, 64);
	for (uint32_t i = 0; i < 64; i++) {
		(void)snprintf(script, sizeof(script), "%u\n", i);
		fixture_assert_text(fixture_find(fixture, i, 1)->output,
				    "stdout", script);
	}
	free(go);
	fixture_destroy(fixture);
}

/* What a process does that ends although a task is in hand. */
static void end_with_a_task(int said, void (*ends)(int))
{
	struct fixture *fixture = exec_fixture("{\"kill_after\": \"1h\"}");
	char *pid_file = fixture_path(fixture, "pid");

	deliver_script(fixture, 1,
		       "sh -c 'trap \\\"\\\" TERM; echo $$ > pid; while :; do "
		       "sleep 1; done' & wait",
		       0);
	pid_t grandchild = read_pid(pid_file);

	(void)!write(said, &grandchild, sizeof(grandchild));
	fixture_remove(fixture->folder);
	host_stop(fixture->host);
	host_destroy(fixture->host);
	ends(0);
}

static void check_end(void (*ends)(int))
{
	pid_t grandchild = 0;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		end_with_a_task(fds[1], ends);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(read(fds[0], &grandchild, sizeof(grandchild)),
			 sizeof(grandchild));
	wait_for_end(grandchild);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void programs_end_with_the_process(void **state)
{
	(void)state;
	check_end(exit);
	check_end(quick_exit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cancel_ends_the_whole_group),
		cmocka_unit_test(a_stopped_group_is_ended_too),
		cmocka_unit_test(who_ignores_sigterm_is_killed),
		cmocka_unit_test(a_stubborn_grandchild_is_killed),
		cmocka_unit_test(a_hidden_grandchild_is_killed),
		cmocka_unit_test(grandchildren_are_given_time_too),
		cmocka_unit_test(a_graceful_end_is_given_time),
		cmocka_unit_test(the_deadline_is_kept),
		cmocka_unit_test(what_is_left_behind_does_not_hold_us_up),
		cmocka_unit_test(what_is_cancelled_before_is_not_started),
		cmocka_unit_test(many_run_at_once),
		cmocka_unit_test(programs_end_with_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
