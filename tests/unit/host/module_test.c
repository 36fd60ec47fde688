/* What is let in as a plugin module, and what is refused with which words. */
#include "fixture.h"

#include "host/queue.h"

static int try_load(const char *path, struct err *err)
{
	struct fixture *fixture = fixture_create();
	int rc = fixture_try_load(fixture, path, NULL, 0, err);

	assert_int_equal(host_plugin_count(fixture->host), rc == 0 ? 1 : 0);
	fixture_destroy(fixture);
	return rc;
}

static void refusals_say_what_to_do(void **state)
{
	static const struct {
		const char *module;
		int code;
		const char *sentences[3];
	} cases[] = {
		{ "not_a_plugin",
		  E_INVALID,
		  { "no Tutti plugin", "tutti_plugin_v1", "TUTTI_MODULE" } },
		{ "wrong_abi",
		  E_VERSION,
		  { "plugin ABI 2", "speaks 1", "newer orchestrator" } },
		{ "newer_entry",
		  E_VERSION,
		  { "plugin ABI 2", "speaks 1", "newer orchestrator" } },
		{ "bad_magic", E_INVALID, { "rebuild", "TUTTI_MODULE" } },
		{ "missing_symbol",
		  E_INVALID,
		  { "undefined symbol", "function_that_nobody_has", "link" } },
		{ "bad_no_size", E_INVALID, { "'size'", "plugin 0" } },
		{ "bad_no_name", E_INVALID, { "no valid name" } },
		{ "bad_slash_name", E_INVALID, { "no valid name" } },
		{ "bad_long_name", E_INVALID, { "no valid name", "128" } },
		{ "bad_no_handle", E_INVALID, { "'bad'", "no handle()" } },
		{ "bad_no_tasks", E_INVALID, { "'bad'", "max_tasks" } },
		{ "bad_bad_phase", E_INVALID, { "subscription 0", "phase" } },
		{ "bad_bad_mandatory", E_INVALID, { "TUTTI_MANDATORY" } },
		{ "bad_same_phase", E_INVALID, { "subscription 1", "twice" } },
		{ "bad_no_activity",
		  E_INVALID,
		  { "activity", "no valid name" } },
		{ "bad_bad_fallback", E_INVALID, { "'many'", "'count'" } },
		{ "bad_bad_param_type", E_INVALID, { "'list'", "type 7" } },
		{ "bad_same_param", E_INVALID, { "'pause' twice" } },
		{ "bad_same_name", E_CONFLICT, { "two plugins named 'bad'" } },
		{ "bad_queue_size", E_INVALID, { "'bad'", "queue", "'size'" } },
		{ "bad_queue_name", E_INVALID, { "'bad'", "queue's 'name'" } },
		{ "bad_queue_rate",
		  E_INVALID,
		  { "'bad'", "queue's 'rate'", "1000000" } },
		{ "bad_queue_key",
		  E_INVALID,
		  { "queue's 'fifo_key', at byte 0", "'attributes'?" } },
		{ "bad_queue_priority",
		  E_INVALID,
		  { "either priority or priority_key" } },
		{ "bad_no_plugins", E_INVALID, { "no plugin in it" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char path[512];
		struct err err = { 0 };

		(void)snprintf(path, sizeof(path), TEST_MODULES "/%s.so",
			       cases[i].module);
		int rc = try_load(path, &err);

		if (rc != cases[i].code || err.code != cases[i].code) {
			fail_msg("%s: %d (%s)", cases[i].module, rc, err.msg);
		}
		fixture_assert_contains(err.msg, path);
		for (size_t s = 0; s < 3 && cases[i].sentences[s]; s++) {
			fixture_assert_contains(err.msg, cases[i].sentences[s]);
		}
	}
}

static void write_file(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	(void)close(fd);
}

static void copy_module(const char *name, const char *to)
{
	char from[512];
	char bytes[65536];
	struct buf all = { 0 };
	ssize_t len;

	(void)snprintf(from, sizeof(from), TEST_MODULES "/%s.so", name);
	int fd = open(from, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	while ((len = read(fd, bytes, sizeof(bytes))) > 0) {
		buf_put(&all, bytes, (size_t)len);
	}
	(void)close(fd);
	write_file(to, all.data, all.len);
	buf_fini(&all);
}

static void what_is_no_module_is_refused(void **state)
{
	struct fixture *fixture = fixture_create();
	char *path = fixture_path(fixture, "thing.so");
	unsigned char elf[64] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };
	struct err err;

	(void)state;
	assert_int_equal(try_load(path, &err), E_NOT_FOUND);
	fixture_assert_contains(err.msg, "no such file");
	fixture_assert_contains(err.msg, "thing.so");
	assert_int_equal(try_load("", &err), E_INVALID);
	fixture_assert_contains(err.msg, "empty");
	assert_int_equal(try_load(fixture->folder, &err), E_INVALID);
	fixture_assert_contains(err.msg, "no regular file");
	write_file(path, "", 0);
	assert_int_equal(try_load(path, &err), E_INVALID);
	fixture_assert_contains(err.msg, "no shared object");
	write_file(path,
		   "#!/bin/sh\necho this is no module, but long enough "
		   "to hold a header\n",
		   68);
	assert_int_equal(try_load(path, &err), E_INVALID);
	fixture_assert_contains(err.msg, "no shared object");
	elf[16] = 3;
	elf[18] = 0xff; /* no machine of ours */
	write_file(path, elf, sizeof(elf));
	assert_int_equal(try_load(path, &err), E_INVALID);
	fixture_assert_contains(err.msg, "another kind of machine");
	/* Position-independent, which ours need not be. */
	assert_int_equal(try_load("/bin/sh", &err), E_INVALID);
	fixture_assert_contains(err.msg, "dynamic linker");
	free(path);
	fixture_destroy(fixture);
}

/* Root may read everything, so the test cannot make a file unreadable. */
static void what_everybody_may_change_is_refused(void **state)
{
	struct fixture *fixture = fixture_create();
	char *path = fixture_path(fixture, "sleeper.so");
	struct err err;

	(void)state;
	copy_module("sleeper", path);
	assert_int_equal(try_load(path, &err), 0);
	assert_int_equal(chmod(path, 0757), 0);
	assert_int_equal(try_load(path, &err), E_DENIED);
	fixture_assert_contains(err.msg, "chmod o-w");
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(chmod(fixture->folder, 0777), 0);
	assert_int_equal(try_load(path, &err), E_DENIED);
	fixture_assert_contains(err.msg, "its folder");
	assert_int_equal(chmod(fixture->folder, 01777), 0);
	assert_int_equal(try_load(path, &err), 0);
	assert_int_equal(chmod(fixture->folder, 0700), 0);
	free(path);
	fixture_destroy(fixture);
}

static void names_are_unique_over_all_modules(void **state)
{
	struct fixture *fixture = fixture_create();
	struct err err;

	(void)state;
	fixture_load(fixture, "two_in_one", NULL);
	fixture_load(fixture, "late", NULL);
	assert_int_equal(fixture_try_load(fixture,
					  TEST_MODULES "/two_in_one.so", NULL,
					  0, &err),
			 E_CONFLICT);
	fixture_assert_contains(err.msg, "'first'");
	fixture_assert_contains(err.msg, "already");
	assert_int_equal(host_plugin_count(fixture->host), 3);
	fixture_destroy(fixture);
}

static void descriptions_are_shown(void **state)
{
	struct fixture *fixture = fixture_create();
	char command[512];
	char hash[65] = "";

	(void)state;
	fixture_load(fixture, "two_in_one", NULL);
	struct host_plugin_info info = host_plugin_info(fixture->host, 1);

	assert_string_equal(info.name, "second");
	assert_string_equal(info.version, "2.0");
	assert_string_equal(info.help, "The second of two.");
	assert_string_equal(info.module, TEST_MODULES "/two_in_one.so");
	assert_int_equal(info.max_tasks, 4);
	assert_int_equal(info.subscription_count, 2);
	assert_string_equal(info.subscriptions[1].activity, "Step2");
	assert_int_equal(info.subscriptions[1].order, 10);
	(void)snprintf(command, sizeof(command), "sha256sum '%s'", info.module);
	FILE *sum = popen(command, "r");

	assert_non_null(sum);
	assert_int_equal(fread(hash, 1, 64, sum), 64);
	(void)pclose(sum);
	assert_string_equal(info.hash, hash);
	fixture_destroy(fixture);
}

static void max_tasks_can_be_lowered_only(void **state)
{
	struct fixture *fixture = fixture_create();
	struct err err;

	(void)state;
	assert_int_equal(fixture_try_load(fixture,
					  TEST_MODULES "/two_in_one.so", NULL,
					  5, &err),
			 E_INVALID);
	fixture_assert_contains(err.msg, "max_tasks: 5");
	assert_int_equal(fixture_try_load(fixture,
					  TEST_MODULES "/two_in_one.so", NULL,
					  2, &err),
			 0);
	assert_int_equal(fixture_info(fixture, "first").max_tasks, 1);
	assert_int_equal(fixture_info(fixture, "second").max_tasks, 2);
	fixture_destroy(fixture);
}

static int32_t do_nothing(void *self, const struct tutti_task *task)
{
	(void)self;
	return tutti_succeed(task, NULL);
}

static const struct tutti_module *linked_in(void)
{
	static const struct tutti_plugin plugin = {
		.size = sizeof(plugin),
		.flags = TUTTI_NOT_IDEMPOTENT,
		.name = "linked",
		.max_tasks = 1,
		.handle = do_nothing,
	};
	static const struct tutti_plugin *const plugins[] = { &plugin };
	static const struct tutti_module module = {
		.magic = TUTTI_MAGIC,
		.size = sizeof(module),
		.abi_major = TUTTI_ABI_MAJOR,
		.plugin_count = 1,
		.plugins = plugins,
	};

	return &module;
}

static void a_plugin_may_be_linked_in(void **state)
{
	struct fixture *fixture = fixture_create();
	struct host_source source = { .entry = linked_in, .label = "inside" };
	struct err err;

	(void)state;
	assert_int_equal(host_load(fixture->host, &source, &err), 0);
	fixture_start(fixture);
	struct host_plugin_info info = fixture_info(fixture, "linked");

	assert_string_equal(info.module, "inside");
	assert_string_equal(info.hash, "");
	assert_string_equal(info.help, "");
	assert_int_equal(info.flags, TUTTI_NOT_IDEMPOTENT);
	assert_int_equal(fixture_do(fixture, "linked", 1, NULL)->outcome,
			 TUTTI_SUCCEEDED);
	fixture_destroy(fixture);
}

static void cxx_modules_work(void **state)
{
	struct fixture *fixture = fixture_create();
	struct host_task task = fixture_task("cxx", 1, 1);
	struct err err;

	(void)state;
	fixture_load(fixture, "cxx_module", NULL);
	fixture_start(fixture);
	task.attributes = fixture_blob("{\"lang\": \"c++\"}");
	assert_int_equal(fixture_hand_over(fixture, &task, &err), 0);
	fixture_wait(fixture, 1);
	fixture_assert_json(fixture->completions[0].output,
			    "{\"language\": \"C++\"}");
	assert_string_equal(fixture->completions[0].message, "c++");
	fixture_destroy(fixture);
}

static void assert_queue(struct fixture *fixture, const char *plugin,
			 const char *expected)
{
	struct value queue =
	    host_queue_describe(fixture_info(fixture, plugin).queue);
	struct buf text = { 0 };

	json_write(&text, &queue, JSON_COMPACT);
	buf_put_byte(&text, '\0');
	assert_string_equal(text.data, expected);
	buf_fini(&text);
	value_clear(&queue);
}

/* Each side looks at no more than the other knew. */
static void queues_of_any_size(void **state)
{
	struct fixture *fixture = fixture_create();

	(void)state;
	fixture_load(fixture, "old_queue", NULL);
	fixture_load(fixture, "old_size", NULL);
	fixture_start(fixture);
	assert_null(fixture_info(fixture, "old_size").queue);
	assert_null(fixture_info(fixture, "without_queue").queue);
	assert_queue(fixture, "without_queue", "null");
	assert_queue(fixture, "old_queue", "{\"name\":\"old\",\"attempts\":3}");
	assert_queue(fixture, "new_queue",
		     "{\"name\":\"new\",\"attempts\":7,\"backoff_ms\":250,"
		     "\"factor\":1.5,\"max_ms\":30000,\"jitter\":0.25,"
		     "\"visibility_ms\":30000,\"delay_ms\":1500,"
		     "\"concurrency\":4,\"rate\":10,\"rate_per_ms\":30000,"
		     "\"fifo_key\":\"attributes.customer\","
		     "\"priority\":\"attributes.urgency\"}");
	assert_int_equal(fixture_do(fixture, "without_queue", 1, NULL)->outcome,
			 TUTTI_SUCCEEDED);
	assert_int_equal(fixture_do(fixture, "old_queue", 2, NULL)->outcome,
			 TUTTI_SUCCEEDED);
	fixture_destroy(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals_say_what_to_do),
		cmocka_unit_test(what_is_no_module_is_refused),
		cmocka_unit_test(what_everybody_may_change_is_refused),
		cmocka_unit_test(names_are_unique_over_all_modules),
		cmocka_unit_test(descriptions_are_shown),
		cmocka_unit_test(max_tasks_can_be_lowered_only),
		cmocka_unit_test(a_plugin_may_be_linked_in),
		cmocka_unit_test(cxx_modules_work),
		cmocka_unit_test(queues_of_any_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
