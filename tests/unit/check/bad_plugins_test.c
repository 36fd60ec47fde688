/*
 * One deliberately bad plugin per rule: the validator must name its rule and
 * no other of the same group; some are tried with all rules. The plugins that
 * come with Tutti must pass.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "check/check.h"
#include "check/rules.h"
#include "document/json.h"

/* Beside this program, as everything that was built. */
static char *built(const char *relative)
{
	char here[4096];
	ssize_t len = readlink("/proc/self/exe", here, sizeof(here) - 1);
	struct buf path = { 0 };

	assert_true(len > 0);
	here[len] = '\0';
	/* BUILD/tests/unit_check_bad_plugins */
	buf_printf(&path, "%s/../%s", dirname(here), relative);
	return buf_take(&path);
}

static const char *const again[] = { NULL };

static struct value check(const char *file, const char *only, bool *ret_failed)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct value report;
	struct err err = { 0 };
	struct check_options options = {
		.files = &file,
		.file_count = 1,
		.only = only,
		.json = true,
		.seed = 7,
		.again = again,
		.out = out,
	};

	assert_int_equal(check_run(&options, ret_failed, &err), 0);
	(void)fclose(out);
	assert_int_equal(
	    json_read((struct slice){ text, len }, NULL, &report, &err), 0);
	free(text);
	return report;
}

/* Names of the rules that are broken or warned about, with spaces between. */
static char *broken(const struct value *report)
{
	const struct value *file = value_at(value_get(report, "files"), 0);
	const struct value *rules = value_get(file, "rules");
	struct buf names = { 0 };

	for (size_t i = 0; i < value_len(rules); i++) {
		const struct value *rule = value_at(rules, i);
		struct slice status = value_get_text(rule, "status");

		if (slice_is(status, "fail") || slice_is(status, "warn")) {
			buf_printf(&names, "%s%.*s", names.len ? " " : "",
				   SLICE_ARG(value_get_text(rule, "rule")));
			assert_true(value_get_text(rule, "message").len > 0);
		}
	}
	return buf_take(&names);
}

/* ---- many at once: what takes long is waiting ---- */

#define AT_ONCE  12
#define JOBS_MAX 200

struct job {
	char *file;
	char *only; /* or NULL */
	char *expected;
};

struct jobs {
	struct job list[JOBS_MAX];
	size_t len;
};

static void add_job(struct jobs *jobs, char *file, const char *only,
		    const char *expected)
{
	assert_true(jobs->len < JOBS_MAX);
	jobs->list[jobs->len++] = (struct job){
		.file = file,
		.only = only ? alloc_string(only) : NULL,
		.expected = alloc_string(expected),
	};
}

/* In a process of its own, where nothing may be asserted. */
static int work_on(const struct job *job)
{
	bool failed;
	struct value report = check(job->file, job->only, &failed);
	char *found = broken(&report);
	bool good = !strcmp(found, job->expected);

	if (!good) {
		struct buf text = { 0 };

		json_write(&text, &report, JSON_PRETTY);
		(void)fprintf(stderr, "%s: '%s' instead of '%s'\n%.*s\n",
			      job->file, found, job->expected,
			      SLICE_ARG(buf_slice(&text)));
		buf_fini(&text);
	}
	free(found);
	value_clear(&report);
	return good ? 0 : 1;
}

static size_t wait_for_one(void)
{
	int status = 0;

	assert_true(wait(&status) > 0);
	return status == 0 ? 0 : 1;
}

static void run_jobs(struct jobs *jobs)
{
	size_t running = 0;
	size_t bad = 0;

	(void)fflush(NULL);
	for (size_t i = 0; i < jobs->len; i++) {
		if (running == AT_ONCE) {
			bad += wait_for_one();
			running--;
		}
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			_exit(work_on(&jobs->list[i]));
		}
		running++;
	}
	for (; running; running--) {
		bad += wait_for_one();
	}
	for (size_t i = 0; i < jobs->len; i++) {
		free(jobs->list[i].file);
		free(jobs->list[i].only);
		free(jobs->list[i].expected);
	}
	assert_int_equal(bad, 0);
}

/* GROUP_RULE[.so] as a job for the rules of its group, or for all. */
static void add_bad(struct jobs *jobs, const char *folder, const char *name,
		    bool all)
{
	struct buf path = { 0 };
	struct buf rule = { 0 };
	struct buf only = { 0 };
	size_t group = strcspn(name, "_");
	struct slice rest = slice_of(name + group + 1);

	if (slice_ends_with(rest, SLICE(".so"))) {
		rest.len -= 3;
	}
	buf_printf(&path, "%s/%s", folder, name);
	buf_printf(&rule, "%.*s.%.*s", (int)group, name, SLICE_ARG(rest));
	buf_printf(&only, "^%.*s\\.", (int)group, name);
	char *file = buf_take(&path);
	char *expected = buf_take(&rule);
	char *pattern = buf_take(&only);

	if (!strcmp(expected, "file.mode")) {
		assert_int_equal(chmod(file, 0777), 0);
	}
	add_job(jobs, file, all ? NULL : pattern, expected);
	free(expected);
	free(pattern);
}

static bool is_bad_plugin(const char *name)
{
	return slice_ends_with(slice_of(name), SLICE(".so")) ||
	       !strncmp(name, "program_", 8);
}

static void add_each_rule(struct jobs *jobs, const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	size_t before = jobs->len;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (is_bad_plugin(entry->d_name)) {
			add_bad(jobs, folder, entry->d_name, false);
		}
	}
	(void)closedir(dir);
	assert_true(jobs->len - before >= 75);
}

/* Of all rules, only its own is broken by each. */
static void add_all_rules(struct jobs *jobs, const char *folder)
{
	static const char *const names[] = {
		"completion_once.so", "descriptor_name.so", "load_output.so",
		"manners_exit.so",    "forms_results.so",   "tasks_text.so",
		"program_stop",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		add_bad(jobs, folder, names[i], true);
	}
}

static void add_shipped(struct jobs *jobs)
{
	static const char *const files[] = {
		"plugins/wait.so",     "plugins/exec.so",
		"plugins/echo.so",     "plugins/wait_plugin",
		"plugins/exec_plugin", "plugins/echo_plugin",
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		add_job(jobs, built(files[i]), NULL, "");
	}
}

/* What takes longest begins first. */
static void test_bad_are_named_and_good_pass(void **state)
{
	char *folder = built("tests/check-plugins");
	struct jobs jobs = { .len = 0 };

	(void)state;
	add_shipped(&jobs);
	add_all_rules(&jobs, folder);
	add_each_rule(&jobs, folder);
	run_jobs(&jobs);
	free(folder);
}

/* A rule without a bad plugin has not been seen to fail. */
static void test_each_rule_has_a_bad_plugin(void **state)
{
	char *folder = built("tests/check-plugins");
	size_t count = rule_count();

	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct buf path = { 0 };
		const struct rule *rule = rule_at(i);

		buf_printf(&path, "%s/%s%s", folder, rule->name,
			   rule->kinds & CHECK_MODULE ? ".so" : "");
		char *file = buf_take(&path);

		*strchr(file + strlen(folder) + 1, '.') = '_';
		if (access(file, R_OK) < 0) {
			fail_msg("no bad plugin for %s: %s", rule->name, file);
		}
		free(file);
	}
	free(folder);
}

static void test_a_file_that_is_not_there(void **state)
{
	bool failed;
	struct value report = check("/nowhere/at/all.so", NULL, &failed);
	char *found = broken(&report);

	(void)state;
	assert_true(failed);
	assert_non_null(strstr(found, "file.loads"));
	free(found);
	value_clear(&report);
}

static void test_mistakes_in_options(void **state)
{
	struct check_options options = { .only = "(", .out = stdout };
	struct err err = { 0 };
	bool failed;

	(void)state;
	assert_int_equal(check_run(&options, &failed, &err), E_INVALID);
	options.only = NULL;
	options.params = "[]";
	assert_int_equal(check_run(&options, &failed, &err), E_INVALID);
	assert_non_null(strstr(err.msg, "--params"));
}

/* Trials that need a fresh process run this program again. */
int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], CHECK_TRIAL)) {
		return check_trial(argv[2]) < 0;
	}
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_rule_has_a_bad_plugin),
		cmocka_unit_test(test_bad_are_named_and_good_pass),
		cmocka_unit_test(test_a_file_that_is_not_there),
		cmocka_unit_test(test_mistakes_in_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
