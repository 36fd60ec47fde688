/* The plugin exec: what it starts and captures. */
#include <signal.h>

#include "fixture.h"

#include "../folder.h"

static struct fixture *exec_fixture(const char *config)
{
	struct fixture *fixture = fixture_create();

	fixture_load(fixture, SHIPPED "/exec.so", config);
	fixture_start(fixture);
	return fixture;
}

/* Runs one task alone and gives its completion to look at. */
static struct host_completion *run(struct fixture *fixture, const char *with)
{
	static uint32_t number;

	return fixture_do(fixture, "exec", number++, with);
}

/* `script` is in JSON: quotes escaped. */
static struct host_completion *run_shell(struct fixture *fixture,
					 const char *script, const char *more)
{
	struct buf with = { 0 };

	buf_printf(&with, "{\"argv\": [\"sh\", \"-c\", \"%s\"]%s}", script,
		   more);
	char *text = buf_take(&with);
	struct host_completion *completion = run(fixture, text);

	free(text);
	return completion;
}

static void output_is_captured(void **state)
{
	struct fixture *fixture = exec_fixture(NULL);
	struct host_completion *completion =
	    run_shell(fixture, "echo out; echo err >&2", "");

	(void)state;
	assert_int_equal(completion->outcome, TUTTI_SUCCEEDED);
	assert_string_equal(completion->message, "exit code 0");
	fixture_assert_json(
	    completion->output,
	    "{\"exit_code\": 0, \"signal\": null, \"stdout\": \"out\\n\", "
	    "\"stdout_truncated\": false, \"stderr\": \"err\\n\", "
	    "\"stderr_truncated\": false}");
	fixture_destroy(fixture);
}

static void the_exit_code_is_in_the_message(void **state)
{
	struct fixture *fixture = exec_fixture(NULL);
	struct host_completion *completion;

	(void)state;
	completion = run_shell(
	    fixture, "echo first >&2; echo \\\" last  \\\" >&2; exit 3", "");
	assert_int_equal(completion->outcome, TUTTI_RETRYABLE);
	assert_string_equal(completion->message, "exit code 3:  last");
	completion = run_shell(fixture, "exit 7", "");
	assert_string_equal(completion->message, "exit code 7");
	completion = run_shell(fixture, "exit 7", ", \"success_codes\": [0,7]");
	assert_int_equal(completion->outcome, TUTTI_SUCCEEDED);
	completion = run_shell(fixture, "exit 0", ", \"success_codes\": [7]");
	assert_int_equal(completion->outcome, TUTTI_RETRYABLE);
	completion = run_shell(fixture, "kill -KILL $$", "");
	assert_string_equal(completion->message, "ended by signal SIGKILL");
	fixture_assert_text(completion->output, "signal", "SIGKILL");
	fixture_destroy(fixture);
}

/* There is no shell between: every argument arrives as it is. */
static void arguments_arrive_as_they_are(void **state)
{
	struct fixture *fixture = exec_fixture(NULL);
	struct host_completion *completion =
	    run(fixture, "{\"argv\": [\"printf\", \"%s|\", \"$HOME; *\", \"\", "
			 "5, -2.5, true, 18446744073709551615, \"\\u20ac\"]}");

	(void)state;
	fixture_assert_text(completion->output, "stdout",
			    "$HOME; *||5|-2.5|true|18446744073709551615|"
			    "\xe2\x82\xac|");
	fixture_destroy(fixture);
}

static void the_environment_is_built(void **state)
{
	struct fixture *fixture = exec_fixture(NULL);
	struct host_completion *completion;

	(void)state;
	assert_int_equal(setenv("OUTSIDE", "outer", 1), 0);
	assert_int_equal(setenv("REPLACED", "old", 1), 0);
	assert_int_equal(setenv("REMOVED", "here", 1), 0);
	completion = run_shell(
	    fixture,
	    "echo $OUTSIDE,$REPLACED,${REMOVED-gone},$EMPTY,$N,$TUTTI_RUN,"
	    "$TUTTI_UID,$TUTTI_WORKFLOW,$TUTTI_ACTIVITY,$TUTTI_TASK,"
	    "$TUTTI_ATTEMPT",
	    ", \"env\": {\"REPLACED\": \"new\", \"REMOVED\": null, \"EMPTY\": "
	    "\"\", \"N\": 4, \"TUTTI_UID\": \"mine\"}");
	fixture_assert_text(completion->output, "stdout",
			    "outer,new,gone,,4,2289144gj289144gj289144gj2,"
			    "mine,flow,Step1,exec,1\n");
	completion = run(
	    fixture, "{\"argv\": [\"/usr/bin/env\"], \"inherit_env\": false}");
	fixture_assert_text(
	    completion->output, "stdout",
	    "TUTTI_RUN=2289144gj289144gj289144gj2\nTUTTI_UID=uid-1\n"
	    "TUTTI_WORKFLOW=flow\nTUTTI_ACTIVITY=Step1\nTUTTI_TASK=exec\n"
	    "TUTTI_ATTEMPT=1\n");
	fixture_destroy(fixture);
}

/* Signals 32 and 33 are the C library's own: posix_spawn() ignores them. */
static void the_child_starts_clean(void **state)
{
	struct fixture *fixture = exec_fixture(NULL);
	char *leaked = fixture_path(fixture, "leaked");
	struct host_completion *completion;
	sigset_t hup;

	(void)state;
	(void)sigemptyset(&hup);
	(void)sigaddset(&hup, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &hup, NULL);
	(void)signal(SIGUSR1, SIG_IGN);
	int leak = open(leaked, O_RDONLY | O_CREAT, 0644); /* no O_CLOEXEC */

	assert_true(leak > 2);
	completion = run_shell(
	    fixture,
	    "status() { sed -n s/^Sig$1:.//p /proc/self/status; }; "
	    "echo $((0x$(status Blk))) $((0x$(status Ign) & 0x7fffffff)); "
	    "ls -l /proc/$$/fd | grep leaked; "
	    "[ $(cut -d ' ' -f 5 /proc/$$/stat) = $$ ] && echo leader",
	    "");
	fixture_assert_text(completion->output, "stdout", "0 0\nleader\n");
	(void)close(leak);
	(void)signal(SIGUSR1, SIG_DFL);
	(void)pthread_sigmask(SIG_UNBLOCK, &hup, NULL);
	free(leaked);
	fixture_destroy(fixture);
}

static void input_and_folder_are_given(void **state)
{
	struct fixture *fixture = exec_fixture(NULL);
	struct host_completion *completion;
	struct buf with = { 0 };

	(void)state;
	completion = run(fixture, "{\"argv\": [\"cat\"], \"stdin\": "
				  "\"one\\ntwo\"}");
	fixture_assert_text(completion->output, "stdout", "one\ntwo");
	completion = run(fixture, "{\"argv\": [\"cat\"]}");
	fixture_assert_text(completion->output, "stdout", "");
	/* A program that does not read its input is not disturbed. */
	buf_put_text(&with, "{\"argv\": [\"true\"], \"stdin\": \"");
	for (size_t i = 0; i < 1024 * 1024; i++) {
		buf_put_byte(&with, 'x');
	}
	buf_put_text(&with, "\"}");
	char *text = buf_take(&with);

	assert_int_equal(run(fixture, text)->outcome, TUTTI_SUCCEEDED);
	free(text);
	completion =
	    run(fixture, "{\"argv\": [\"pwd\"], \"cwd\": \"/usr/bin\"}");
	fixture_assert_text(completion->output, "stdout", "/usr/bin\n");
	fixture_destroy(fixture);
}

static void output_is_limited(void **state)
{
	struct fixture *fixture = exec_fixture(NULL);
	struct host_completion *completion;
	struct value output;

	(void)state;
	completion = run_shell(
	    fixture,
	    "head -c 1000000 /dev/zero | tr '\\\\0' x; "
	    "head -c 10 /dev/zero | tr '\\\\0' y >&2; echo why >&2; exit 1",
	    ", \"output_limit\": 10");
	output = fixture_value(completion->output);
	assert_true(slice_is(value_get_text(&output, "stdout"), "xxxxxxxxxx"));
	assert_true(value_get_bool(&output, "stdout_truncated", false));
	assert_true(slice_is(value_get_text(&output, "stderr"), "yyyyyyyyyy"));
	assert_true(value_get_bool(&output, "stderr_truncated", false));
	/* The reason stands at the end, beyond the limit. */
	assert_string_equal(completion->message, "exit code 1: yyyyyyyyyywhy");
	value_clear(&output);
	completion =
	    run_shell(fixture, "printf 1234567890", ", \"output_limit\": 10");
	output = fixture_value(completion->output);
	assert_false(value_get_bool(&output, "stdout_truncated", true));
	value_clear(&output);
	completion = run_shell(fixture, "printf 'abc\\u20acdef'",
			       ", \"output_limit\": 5");
	fixture_assert_text(completion->output, "stdout", "abc");
	completion = run_shell(fixture, "head -c 65537 /dev/zero", "");
	output = fixture_value(completion->output);
	assert_true(value_get_bool(&output, "stdout_truncated", false));
	value_clear(&output);
	fixture_destroy(fixture);
}

static void output_that_is_no_utf8_is_mended(void **state)
{
	struct fixture *fixture = exec_fixture(NULL);
	struct host_completion *completion =
	    run_shell(fixture, "printf 'a\\\\377b\\\\342\\\\202'; exit 1", "");

	(void)state;
	fixture_assert_text(completion->output, "stdout",
			    "a\xef\xbf\xbd"
			    "b\xef\xbf\xbd\xef\xbf\xbd");
	completion = run_shell(
	    fixture,
	    "printf '\\\\001\\\\000\\\\t\\\\\\\\\\\"\\\\355\\\\240\\\\200'",
	    "");
	struct value output = fixture_value(completion->output);

	assert_true(slice_equal(value_get_text(&output, "stdout"),
				SLICE("\x01\0\t\\\"\xef\xbf\xbd\xef\xbf\xbd"
				      "\xef\xbf\xbd")));
	value_clear(&output);
	fixture_destroy(fixture);
}

static void json_is_parsed(void **state)
{
	struct fixture *fixture = exec_fixture(NULL);
	struct host_completion *completion = run_shell(
	    fixture, "echo '{\\\"a\\\": [1, \\\"]}\\\"]}'", ", \"json\": true");
	struct value output = fixture_value(completion->output);
	struct buf json = { 0 };

	(void)state;
	json_write(&json, value_get(&output, "json"), JSON_COMPACT);
	assert_true(slice_is(buf_slice(&json), "{\"a\":[1,\"]}\"]}"));
	assert_int_equal(value_get_int(&output, "exit_code", -1), 0);
	buf_fini(&json);
	value_clear(&output);
	fixture_destroy(fixture);
}

static void what_is_not_json_fails(void **state)
{
	/* The third to fifth try to smuggle members in. */
	static const char *const scripts[] = {
		"echo '{'",
		"true",
		"echo '1, \\\"exit_code\\\": 9, \\\"x\\\": 2'",
		"echo '1}, {\\\"x\\\": 2'",
		"echo '1, \\\"x\\\": 2'",
		"echo '1 2'",
		"echo '\\\"open'",
		"echo '[}'",
	};
	struct fixture *fixture = exec_fixture(NULL);
	struct host_completion *completion;

	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		completion = run_shell(fixture, scripts[i], ", \"json\": true");
		if (completion->outcome != TUTTI_FAILED) {
			fail_msg("%s is taken", scripts[i]);
		}
		assert_string_equal(
		    completion->message,
		    "exit code 0, but standard output is not JSON");
		struct value output = fixture_value(completion->output);

		assert_int_equal(value_get_int(&output, "exit_code", -1), 0);
		assert_null(value_get(&output, "json"));
		value_clear(&output);
	}
	completion = run_shell(fixture, "echo '[1, 2]'",
			       ", \"json\": true, \"output_limit\": 3");
	fixture_assert_contains(completion->message, "output_limit");
	fixture_destroy(fixture);
}

static void mistakes_are_explained(void **state)
{
	static const struct {
		const char *with;
		const char *sentence;
	} cases[] = {
		{ NULL, "`argv` must be a list" },
		{ "{\"argv\": \"ls -l\"}", "`argv` must be a list" },
		{ "{\"argv\": []}", "`argv` must be a list" },
		{ "{\"argv\": [\"ls\", {}]}", "`argv[1]`" },
		{ "{\"argv\": [\"ls\", null]}", "`argv[1]`" },
		{ "{\"argv\": [\"ls\", \"a\\u0000b\"]}", "`argv[1]`" },
		{ "{\"argv\": [\"\"]}", "empty" },
		{ "{\"arvg\": [\"ls\"]}", "`arvg`" },
		{ "{\"argv\": [\"ls\"], \"env\": [1]}", "`env`" },
		{ "{\"argv\": [\"ls\"], \"env\": {\"a=b\": 1}}", "'a=b'" },
		{ "{\"argv\": [\"ls\"], \"env\": {\"a\": []}}", "`env.a`" },
		{ "{\"argv\": [\"ls\"], \"cwd\": 5}", "`cwd`" },
		{ "{\"argv\": [\"ls\"], \"cwd\": \"/no/such\"}",
		  "`cwd: /no/such` does not exist" },
		{ "{\"argv\": [\"ls\"], \"stdin\": 5}", "`stdin`" },
		{ "{\"argv\": [\"ls\"], \"json\": 1}", "`json`" },
		{ "{\"argv\": [\"ls\"], \"inherit_env\": \"no\"}",
		  "`inherit_env`" },
		{ "{\"argv\": [\"ls\"], \"success_codes\": 0}",
		  "`success_codes`" },
		{ "{\"argv\": [\"ls\"], \"success_codes\": [256]}",
		  "`success_codes[0]`" },
		{ "{\"argv\": [\"ls\"], \"output_limit\": -1}",
		  "`output_limit`" },
		{ "{\"argv\": [\"ls\"], \"output_limit\": 4194305}",
		  "`output_limit`" },
		{ "{\"argv\": [\"no-such-program\"]}",
		  "'no-such-program' was not found in PATH" },
		{ "{\"argv\": [\"/no/such/program\"]}",
		  "'/no/such/program', or the interpreter" },
		{ "{\"argv\": [\"/etc/passwd\"]}", "Permission denied" },
	};
	struct fixture *fixture = exec_fixture(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct host_completion *completion =
		    run(fixture, cases[i].with);

		if (completion->outcome != TUTTI_FAILED) {
			fail_msg("%s is taken", cases[i].with);
		}
		fixture_assert_contains(completion->message, cases[i].sentence);
	}
	fixture_destroy(fixture);
}

static void put_file(const char *folder, const char *name, const char *text,
		     mode_t mode)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void programs_are_looked_up_in_path(void **state)
{
	struct fixture *fixture = exec_fixture(NULL);
	struct host_completion *completion;
	char *first = folder_make("/tmp/tutti-exec-XXXXXX");
	char *second = folder_make("/tmp/tutti-exec-XXXXXX");
	char *before = alloc_string(getenv("PATH"));
	char folders[PATH_MAX + 512];

	(void)state;
	put_file(first, "tool", "#!/bin/sh\necho first\n", 0644);
	put_file(second, "tool", "#!/bin/sh\necho second\n", 0755);
	put_file(second, "neither", "no program\n", 0755);
	/* What cannot be looked into is passed over: too long, no folder. */
	memset(folders, 'x', PATH_MAX);
	(void)snprintf(folders + PATH_MAX, sizeof(folders) - PATH_MAX,
		       ":%s/tool::%s:%s", first, first, second);
	assert_int_equal(setenv("PATH", folders, 1), 0);
	completion = run(fixture, "{\"argv\": [\"tool\"]}");
	fixture_assert_text(completion->output, "stdout", "second\n");
	completion = run(fixture, "{\"argv\": [\"neither\"]}");
	assert_int_equal(completion->outcome, TUTTI_FAILED);
	fixture_assert_contains(completion->message, "Exec format error");
	completion = run(fixture, "{\"argv\": [\"nowhere\"]}");
	fixture_assert_contains(completion->message, "was not found in PATH");
	assert_int_equal(setenv("PATH", first, 1), 0);
	completion = run(fixture, "{\"argv\": [\"tool\"]}");
	fixture_assert_contains(completion->message, "Permission denied");
	assert_int_equal(setenv("PATH", before, 1), 0);
	free(before);
	folder_remove(first);
	folder_remove(second);
	free(first);
	free(second);
	fixture_destroy(fixture);
}

static size_t open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir)) {
		count++;
	}
	(void)closedir(dir);
	return count;
}

static void nothing_stays_open(void **state)
{
	struct fixture *fixture = exec_fixture(NULL);

	(void)state;
	size_t before = open_descriptors();

	(void)run_shell(fixture, "echo a", ", \"stdin\": \"b\"");
	(void)run_shell(fixture, "exit 1", "");
	(void)run(fixture, "{\"argv\": [\"no-such-program\"]}");
	(void)run(fixture, "{\"argv\": [\"ls\"], \"cwd\": \"/no/such\"}");
	host_stop(fixture->host);
	while (!host_drained(fixture->host)) {
		fixture_pause();
	}
	/* From the first program on there is a keeper, until fini(). */
	assert_int_equal(open_descriptors(), before + 1);
	fixture_destroy(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_is_captured),
		cmocka_unit_test(the_exit_code_is_in_the_message),
		cmocka_unit_test(arguments_arrive_as_they_are),
		cmocka_unit_test(the_environment_is_built),
		cmocka_unit_test(the_child_starts_clean),
		cmocka_unit_test(input_and_folder_are_given),
		cmocka_unit_test(output_is_limited),
		cmocka_unit_test(output_that_is_no_utf8_is_mended),
		cmocka_unit_test(json_is_parsed),
		cmocka_unit_test(what_is_not_json_fails),
		cmocka_unit_test(mistakes_are_explained),
		cmocka_unit_test(programs_are_looked_up_in_path),
		cmocka_unit_test(nothing_stays_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
