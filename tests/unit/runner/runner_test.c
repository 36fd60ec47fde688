/*
 * The runner, with a module that is linked in; what it says, and how it ends
 * when there is nothing to do. Its life with an orchestrator is tested by
 * scenarios.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "document/json.h"
#include "runner/about.h"
#include "runner/runner.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	return tutti_succeed(task, NULL);
}

static const struct tutti_subscription wanted[] = {
	{
	    .activity = "Step1",
	    .phase = TUTTI_PARALLEL,
	    .filter = "{\"lang\": [\"de\"]}",
	    .mandatory = TUTTI_OPTIONAL,
	},
	{
	    .activity = "Step2",
	    .phase = TUTTI_POST,
	    .mandatory = TUTTI_MANDATORY,
	    .order = 7,
	},
};

static const struct tutti_param params[] = {
	{ .name = "limit", .fallback = "3", .type = TUTTI_INT },
	{ .name = "wait", .help = "how long", .type = TUTTI_DURATION },
};

static const struct tutti_plugin first = {
	.size = sizeof(struct tutti_plugin),
	.flags = TUTTI_NOT_IDEMPOTENT,
	.name = "first",
	.version = "1.2",
	.help = "The first.",
	.subscriptions = wanted,
	.params = params,
	.subscription_count = 2,
	.param_count = 2,
	.max_tasks = 8,
	.handle = handle,
};

static const struct tutti_plugin second = {
	.size = sizeof(struct tutti_plugin),
	.name = "second",
	.max_tasks = 1,
	.handle = handle,
};

static const struct tutti_subscription no_json[] = {
	{ .activity = "Step1", .phase = TUTTI_PRE, .filter = "{" },
};

static const struct tutti_plugin wrong = {
	.size = sizeof(struct tutti_plugin),
	.name = "wrong",
	.subscriptions = no_json,
	.subscription_count = 1,
	.max_tasks = 1,
	.handle = handle,
};

static const struct tutti_plugin *const both[] = { &first, &second };
static const struct tutti_plugin *const mistaken[] = { &wrong };

static const struct tutti_module *entry(void)
{
	static const struct tutti_module module = {
		.magic = TUTTI_MAGIC,
		.size = sizeof(module),
		.abi_major = TUTTI_ABI_MAJOR,
		.abi_minor = TUTTI_ABI_MINOR,
		.plugin_count = 2,
		.plugins = both,
	};

	return &module;
}

static const struct tutti_module *mistaken_entry(void)
{
	static const struct tutti_module module = {
		.magic = TUTTI_MAGIC,
		.size = sizeof(module),
		.abi_major = TUTTI_ABI_MAJOR,
		.plugin_count = 1,
		.plugins = mistaken,
	};

	return &module;
}

/* ---- a child that runs the program ---- */

struct outcome {
	int code;
	struct buf out; /* stdout and stderr, with a NUL at the end */
};

static void read_all(int fd, struct buf *out)
{
	ssize_t got;

	do {
		char *end = buf_reserve(out, 4096);

		got = read(fd, end, 4096);
		out->len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	buf_put_byte(out, '\0');
}

static struct outcome run_with(host_entry module, char **argv)
{
	struct outcome outcome = { 0 };
	int fds[2];
	int argc = 0;
	int status;

	while (argv[argc]) {
		argc++;
	}
	assert_int_equal(pipe(fds), 0);
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)dup2(fds[1], STDOUT_FILENO);
		(void)dup2(fds[1], STDERR_FILENO);
		(void)close(fds[0]);
		(void)close(fds[1]);
		_exit(runner_main(argc, argv, module));
	}
	(void)close(fds[1]);
	read_all(fds[0], &outcome.out);
	(void)close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	outcome.code = WEXITSTATUS(status);
	return outcome;
}

static void expect(struct outcome outcome, int code, const char *part)
{
	if (outcome.code != code || !strstr(outcome.out.data, part)) {
		fail_msg("code %d, not %d with '%s':\n%s", outcome.code, code,
			 part, outcome.out.data);
	}
	buf_fini(&outcome.out);
}

/* ---- tests ---- */

static void test_description(void **state)
{
	char *argv[] = { (char[]){ "prog" }, (char[]){ "--describe" },
			 (char[]){ "--max-tasks" }, (char[]){ "5" }, NULL };
	struct outcome outcome = run_with(entry, argv);
	struct value map;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(outcome.code, 0);
	if (json_read(slice_of(outcome.out.data), NULL, &map, &err) < 0) {
		fail_msg("%s", err.msg);
	}
	assert_true(slice_is(value_get_text(&map, "module"), "prog"));
	assert_int_equal(value_get_text(&map, "hash").len, 64);
	const struct value *plugins = value_get(&map, "plugins");

	assert_int_equal(value_len(plugins), 2);
	const struct value *plugin = value_at(plugins, 0);

	assert_true(slice_is(value_get_text(plugin, "name"), "first"));
	assert_true(slice_is(value_get_text(plugin, "version"), "1.2"));
	assert_true(slice_is(value_get_text(plugin, "help"), "The first."));
	assert_int_equal(value_get_int(plugin, "max_tasks", 0), 5);
	assert_int_equal(value_get_int(plugin, "flags", 0), 1);
	const struct value *list = value_get(plugin, "subscriptions");

	assert_int_equal(value_len(list), 2);
	const struct value *item = value_at(list, 0);

	assert_true(slice_is(value_get_text(item, "activity"), "Step1"));
	assert_true(slice_is(value_get_text(item, "phase"), "parallel"));
	assert_true(value_get_bool(item, "optional", false));
	assert_int_equal(value_get(item, "filter")->type, VALUE_MAP);
	item = value_at(list, 1);
	assert_true(slice_is(value_get_text(item, "phase"), "post"));
	assert_false(value_get_bool(item, "optional", true));
	assert_int_equal(value_get_int(item, "order", 0), 7);
	assert_int_equal(value_get(item, "filter")->type, VALUE_NULL);
	list = value_get(plugin, "params");
	assert_int_equal(value_len(list), 2);
	item = value_at(list, 0);
	assert_true(slice_is(value_get_text(item, "type"), "int"));
	assert_true(slice_is(value_get_text(item, "fallback"), "3"));
	item = value_at(list, 1);
	assert_true(slice_is(value_get_text(item, "type"), "duration"));
	assert_int_equal(value_get(item, "fallback")->type, VALUE_NULL);
	plugin = value_at(plugins, 1);
	assert_int_equal(value_get_int(plugin, "max_tasks", 0), 1);
	value_clear(&map);
	buf_fini(&outcome.out);
}

static void test_options(void **state)
{
	char *help[] = { (char[]){ "prog" }, (char[]){ "--help" }, NULL };
	char *version[] = { (char[]){ "prog" }, (char[]){ "--version" }, NULL };
	char *unknown[] = { (char[]){ "prog" }, (char[]){ "--foo" }, NULL };
	char *word[] = { (char[]){ "prog" }, (char[]){ "word" }, NULL };
	char *none[] = { (char[]){ "prog" }, (char[]){ "--max-tasks" },
			 (char[]){ "0" }, NULL };

	(void)state;
	expect(run_with(entry, help), 0, "usage: prog");
	expect(run_with(entry, version), 0, "first 1.2 (tutti-c/");
	expect(run_with(entry, unknown), 2, "--help' says more");
	expect(run_with(entry, word), 2, "it takes no argument");
	expect(run_with(entry, none), 2, "a number from 1");
}

static void test_no_orchestrator(void **state)
{
	char *argv[] = { (char[]){ "prog" }, (char[]){ "--bus" },
			 (char[]){ "/nonexistent/bus.json" }, NULL };

	(void)state;
	expect(run_with(entry, argv), 5, "/nonexistent/bus.json");
}

static void test_a_module_with_a_mistake(void **state)
{
	char *argv[] = { (char[]){ "prog" }, NULL };
	char *describe[] = { (char[]){ "prog" }, (char[]){ "--describe" },
			     NULL };

	(void)state;
	expect(run_with(mistaken_entry, argv), 78,
	       "its filter: line 1, column 1");
	expect(run_with(mistaken_entry, describe), 78,
	       "its filter: line 1, column 1");
}

static void test_counts(void **state)
{
	uint32_t count = 9;

	(void)state;
	assert_int_equal(runner_parse_count("1", &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(runner_parse_count("4294967295", &count), 0);
	assert_int_equal(count, UINT32_MAX);
	assert_int_equal(runner_parse_count("4294967296", &count), E_INVALID);
	assert_int_equal(runner_parse_count("0", &count), E_INVALID);
	assert_int_equal(runner_parse_count("", &count), E_INVALID);
	assert_int_equal(runner_parse_count("-1", &count), E_INVALID);
	assert_int_equal(runner_parse_count(" 1", &count), E_INVALID);
	assert_int_equal(runner_parse_count("1x", &count), E_INVALID);
	assert_int_equal(count, UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_description),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_no_orchestrator),
		cmocka_unit_test(test_a_module_with_a_mistake),
		cmocka_unit_test(test_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
