/* Plugins in processes of their own: entries, addresses, windows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "config_fixture.h"

/* A path from the root, to something in the folder of the file. */
static void assert_here(const char *path, const char *rest)
{
	struct buf expected = { 0 };

	buf_printf(&expected, "%s%s", folder, rest);
	buf_put_byte(&expected, '\0');
	assert_string_equal(path, expected.data);
	buf_fini(&expected);
}

static void defaults(void **arg)
{
	struct config *config = load("plugins:\n"
				     "  - lib/a.so\n"
				     "  - {path: b.so, form: isolated}\n"
				     "  - exec: [worker]\n");
	const struct config_module *a = &config->modules[0];
	const struct config_module *b = &config->modules[1];
	const struct config_module *worker = &config->modules[2];

	(void)arg;
	assert_null(config->listen);
	assert_int_equal(config->lease_ms, 10000);
	assert_int_equal(config->crash_limit, 2);
	assert_int_equal(config->durability, DURABILITY_STRICT);
	assert_int_equal(a->form, FORM_IN_PROCESS);
	assert_string_equal(a->name, "a");
	assert_int_equal(b->form, FORM_ISOLATED);
	assert_string_equal(b->name, "b");
	assert_here(b->path, "/b.so");
	assert_here(b->directory, "");
	assert_null(b->argv);
	assert_null(b->env);
	assert_int_equal(b->instances, 1);
	assert_int_equal(b->restart.delay_ms, 1000);
	assert_int_equal(b->restart.max_ms, 30000);
	assert_int_equal(b->restart.deaths, 5);
	assert_int_equal(b->restart.within_ms, 60000);
	assert_int_equal(b->register_window_ms, 0);
	assert_int_equal(worker->form, FORM_PROCESS);
	assert_string_equal(worker->name, "worker");
	assert_null(worker->path);
	assert_string_equal(worker->argv[0], "worker");
	assert_null(worker->argv[1]);
	assert_round_trip(config);
	config_destroy(config);
}

static void every_key(void **arg)
{
	struct config *config = load(
	    "lease: 250ms\n"
	    "crash_limit: 7\n"
	    "durability: relaxed\n"
	    "plugins:\n"
	    "  - exec: [./bin/ocr, '', --lang, '$${x}']\n"
	    "    name: reader\n"
	    "    form: process\n"
	    "    instances: 0\n"
	    "    env: {A: '', B: 'x=y', TUTTI_STORE: s}\n"
	    "    restart: {delay: 100ms, max: 2s, deaths: 3, within: 10s}\n"
	    "    register_window: 5s\n"
	    "    max_tasks: 4\n"
	    "    config: {deep: {er: [1]}}\n"
	    "    overrides: {a: {mandatory: false}}\n"
	    "activities: [a]\n");
	const struct config_module *ocr = &config->modules[0];

	(void)arg;
	assert_int_equal(config->lease_ms, 250);
	assert_int_equal(config->crash_limit, 7);
	assert_int_equal(config->durability, DURABILITY_RELAXED);
	assert_string_equal(ocr->name, "reader");
	assert_here(ocr->argv[0], "/bin/ocr");
	assert_string_equal(ocr->argv[1], "");
	assert_string_equal(ocr->argv[3], "${x}");
	assert_null(ocr->argv[4]);
	assert_int_equal(ocr->instances, 0);
	assert_string_equal(ocr->env[0], "A=");
	assert_string_equal(ocr->env[1], "B=x=y");
	assert_string_equal(ocr->env[2], "TUTTI_STORE=s");
	assert_null(ocr->env[3]);
	assert_int_equal(ocr->restart.delay_ms, 100);
	assert_int_equal(ocr->restart.max_ms, 2000);
	assert_int_equal(ocr->restart.deaths, 3);
	assert_int_equal(ocr->restart.within_ms, 10000);
	assert_int_equal(ocr->register_window_ms, 5000);
	assert_int_equal(ocr->max_tasks, 4);
	assert_int_equal(ocr->config.type, VALUE_MAP);
	assert_int_equal(ocr->override_count, 1);
	assert_round_trip(config);
	config_destroy(config);
}

/* One bound that is given alone takes the other's default along. */
static void one_bound_of_the_delay(void **arg)
{
	struct config *config = load("plugins:\n"
				     "  - {exec: [a], restart: {delay: 2m}}\n"
				     "  - {exec: [b], restart: {max: 10ms}}\n");

	(void)arg;
	assert_int_equal(config->modules[0].restart.delay_ms, 120000);
	assert_int_equal(config->modules[0].restart.max_ms, 120000);
	assert_int_equal(config->modules[1].restart.delay_ms, 10);
	assert_int_equal(config->modules[1].restart.max_ms, 10);
	config_destroy(config);
}

/* The same file may be run twice, under two names; modules in the process of
 * the orchestrator need no names of their own. */
static void names(void **arg)
{
	struct config *config = load("plugins:\n"
				     "  - {exec: [bin/ocr], name: one}\n"
				     "  - {exec: [bin/ocr], name: two}\n"
				     "  - {path: x/ocr.so, name: ocr}\n"
				     "  - {path: y/ocr.so}\n"
				     "  - {path: z/ocr.so, form: isolated}\n");

	(void)arg;
	assert_string_equal(config->modules[1].name, "two");
	assert_string_equal(config->modules[3].name, "ocr");
	assert_string_equal(config->modules[4].name, "ocr");
	assert_round_trip(config);
	config_destroy(config);
}

static void assert_listen(const char *given, const char *kept)
{
	struct buf text = { 0 };

	buf_printf(&text, "listen: %s\n", given);
	buf_put_byte(&text, '\0');
	struct config *config = load(text.data);

	assert_string_equal(config->listen, kept);
	assert_round_trip(config);
	config_destroy(config);
	buf_fini(&text);
}

static void refuse(const char *text, const char *sentence)
{
	struct buf diagnostics = { 0 };
	struct config *config = NULL;

	write_file("file.yaml", slice_of(text));
	assert_int_equal(config_load("file.yaml", &config, &diagnostics),
			 E_INVALID);
	buf_put_byte(&diagnostics, '\0');
	if (!strstr(diagnostics.data, sentence)) {
		fail_msg("'%s' is not in\n%s", sentence, diagnostics.data);
	}
	buf_fini(&diagnostics);
}

static void refuse_listen(const char *address, const char *sentence)
{
	struct buf text = { 0 };

	buf_printf(&text, "listen: \"%s\"\n", address);
	buf_put_byte(&text, '\0');
	refuse(text.data, sentence);
	buf_fini(&text);
}

static void addresses(void **arg)
{
	(void)arg;
	assert_listen("tcp://127.0.0.1:7071", "tcp://127.0.0.1:7071");
	assert_listen("tcp://localhost:1", "tcp://127.0.0.1:1");
	assert_listen("tcp://127.0.0.1:0", "tcp://127.0.0.1:0");
	assert_listen("tcp://127.0.0.1:65533", "tcp://127.0.0.1:65533");
	refuse_listen("tcp://127.0.0.1:65534", "a port from 1 to 65533");
	refuse_listen("tcp://127.0.0.1:70710", "a port from 1 to 65533");
	refuse_listen("tcp://127.0.0.1:", "a port from 1 to 65533");
	refuse_listen("tcp://127.0.0.1:7a", "a port from 1 to 65533");
	refuse_listen("tcp://127.0.0.1:-1", "a port from 1 to 65533");
	refuse_listen("tcp://127.0.0.1:007071", "a port from 1 to 65533");
	refuse_listen("tcp://127.0.0.1", "only this machine");
	refuse_listen("tcp://0.0.0.0:7071", "only this machine");
	refuse_listen("tcp://*:7071", "need TLS, which is not supported");
	refuse_listen("tcp://[::1]:7071", "only this machine");
	refuse_listen("tls+tcp://127.0.0.1:7071", "TLS is not supported");
	refuse_listen("ipc:///tmp/x", "expected tcp://127.0.0.1:PORT, found");
	refuse_listen("7071", "expected tcp://127.0.0.1:PORT, found '7071'");
}

static int64_t window(const struct config *config, const char *workflow,
		      size_t activity)
{
	const struct definition *definition =
	    config_workflow(config, slice_of(workflow));

	return definition->activities[activity].register_window_ms;
}

static void windows_of_workflows(void **arg)
{
	struct config *config =
	    load("activities:\n"
		 "  a: {register_window: 3s}\n"
		 "  b: {}\n"
		 "workflows:\n"
		 "  with: {register_window: 1s, activities: [a, b]}\n"
		 "  own: {register_window: 1s, activities: [a]}\n"
		 "  without: [a, b]\n");

	(void)arg;
	assert_int_equal(window(config, "with", 0), 3000);
	assert_int_equal(window(config, "with", 1), 1000);
	assert_int_equal(window(config, "own", 0), 3000);
	assert_int_equal(window(config, "without", 0), 3000);
	assert_int_equal(window(config, "without", 1), 0);
	assert_memory_not_equal(config->workflows[0]->hash,
				config->workflows[2]->hash,
				DEFINITION_HASH_SIZE);
	assert_round_trip(config);
	config_destroy(config);
}

static void required_plugins(void **arg)
{
	struct config *config =
	    load("activities:\n"
		 "  a: {require: [scan, ocr], pre: [scan]}\n"
		 "  b: {require: []}\n");
	const struct activity_definition *a =
	    &config->workflows[0]->activities[0];

	(void)arg;
	assert_int_equal(a->require_len, 2);
	assert_string_equal(a->require[0], "scan");
	assert_string_equal(a->require[1], "ocr");
	assert_int_equal(config->workflows[0]->activities[1].require_len, 0);
	assert_int_equal(config->reference_count, 3);
	assert_string_equal(config->references[1].plugin, "ocr");
	assert_true(config->references[1].required);
	assert_int_equal(config->references[1].place.line, 2);
	assert_string_equal(config->references[2].plugin, "scan");
	assert_false(config->references[2].required);
	assert_round_trip(config);
	config_destroy(config);
}

/* "LIST of `count` items" in the middle of a file. */
static void assert_limit(const char *before, const char *after, size_t limit,
			 const char *sentence)
{
	for (size_t more = 0; more < 2; more++) {
		struct buf text = { 0 };

		buf_put_text(&text, before);
		for (size_t i = 0; i < limit + more; i++) {
			buf_printf(&text, "p%zu,", i);
		}
		buf_put_text(&text, after);
		buf_put_byte(&text, '\0');
		if (more) {
			refuse(text.data, sentence);
		} else {
			config_destroy(load(text.data));
		}
		buf_fini(&text);
	}
}

static void limits(void **arg)
{
	(void)arg;
	assert_limit("plugins: [{exec: [", "]}]\n", LIMIT_ARGUMENTS,
		     "expected a program and at most 999 arguments");
	assert_limit("activities: {a: {require: [", "]}}\n", LIMIT_REQUIRE,
		     "more than 1000 required plugins");
	config_destroy(load("plugins: [{exec: [a], instances: 1024}]\n"
			    "lease: 100ms\n"));
	refuse("plugins: [{exec: [a], instances: 1025}]\n",
	       "a whole number from 0 to 1024");
	refuse("lease: 99ms\n", "a duration from 100ms to 1h");
	refuse("lease: 61m\n", "a duration from 100ms to 1h");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(every_key),
		cmocka_unit_test(one_bound_of_the_delay),
		cmocka_unit_test(names),
		cmocka_unit_test(addresses),
		cmocka_unit_test(windows_of_workflows),
		cmocka_unit_test(required_plugins),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
