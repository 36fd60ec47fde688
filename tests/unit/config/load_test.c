/* Files that are right: what they mean, and that they can be written out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config_fixture.h"
#include "document/json.h"

static void assert_definition(const struct config *config, const char *name,
			      const char *json)
{
	struct definition *definition = config_workflow(config, slice_of(name));
	struct buf text = { 0 };

	assert_non_null(definition);
	struct value document = definition_to_value(definition);

	json_write(&text, &document, JSON_COMPACT);
	buf_put_byte(&text, 0);
	assert_string_equal(text.data, json);
	buf_fini(&text);
	value_clear(&document);
}

static void short_form(void **arg)
{
	struct config *config = load("activities: [Step1, Step2, Step3]\n"
				     "plugins: [./greet.so]\n");

	(void)arg;
	assert_definition(config, "default",
			  "{\"workflow\":\"default\",\"activities\":["
			  "{\"name\":\"Step1\"},{\"name\":\"Step2\"},"
			  "{\"name\":\"Step3\"}]}");
	assert_string_equal(config->file, "file.yaml");
	assert_string_equal(config->store, "./.tutti");
	assert_string_equal(config->control, "./.tutti/control.sock");
	assert_int_equal(config->grace_ms, 5000);
	assert_int_equal(config->module_count, 1);
	assert_string_equal(config->modules[0].path, "./greet.so");
	assert_int_equal(config->modules[0].max_tasks, 0);
	assert_int_equal(config->modules[0].config.type, VALUE_NULL);
	assert_int_equal(config->modules[0].place.line, 2);
	assert_int_equal(config->modules[0].place.column, 11);
	assert_null(config_workflow(config, SLICE("Default")));
	assert_round_trip(config);
	config_destroy(config);
}

static void full_form(void **arg)
{
	struct config *config =
	    load("grace: 1.5m\n"
		 "activities:\n"
		 "  ingest:\n"
		 "    pre: [probe, {plugin: exec, as: list}]\n"
		 "    parallel:\n"
		 "      - {plugin: exec, with: {argv: ['${{ input.a }}', 7]},\n"
		 "         filter: {size: [{numeric: ['<', 5]}]}, order: 3,\n"
		 "         mandatory: false, timeout: 250ms}\n"
		 "    post: [{plugin: exec, run_on: always, mandatory: true}]\n"
		 "    on_failure: cancel\n"
		 "    on_empty: fail\n"
		 "    optional_failure: fail\n"
		 "  review:\n"
		 "  unused: {}\n"
		 "workflows:\n"
		 "  one: {activities: [review, {activity: ingest}],\n"
		 "        description: text}\n"
		 "  two: [review]\n");

	(void)arg;
	assert_definition(
	    config, "one",
	    "{\"workflow\":\"one\",\"activities\":[{\"name\":\"review\"},"
	    "{\"name\":\"ingest\",\"pre\":[{\"plugin\":\"probe\"},"
	    "{\"plugin\":\"exec\",\"as\":\"list\"}],\"parallel\":["
	    "{\"plugin\":\"exec\",\"filter\":{\"size\":[{\"numeric\":[\"<\",5]"
	    "}]},\"with\":{\"argv\":[\"${{ input.a }}\",7]},"
	    "\"mandatory\":false,\"order\":3,\"timeout_ms\":250}],"
	    "\"post\":[{\"plugin\":\"exec\",\"mandatory\":true,"
	    "\"run_on\":\"always\"}],\"on_failure\":\"cancel\","
	    "\"on_empty\":\"fail\",\"optional_failure\":\"fail\"}]}");
	assert_definition(config, "two",
			  "{\"workflow\":\"two\",\"activities\":["
			  "{\"name\":\"review\"}]}");
	assert_null(config_workflow(config, SLICE("default")));
	assert_int_equal(config->workflow_count, 2);
	assert_int_equal(config->activity_count, 3);
	assert_int_equal(config->grace_ms, 90000);
	assert_int_equal(config->reference_count, 4);
	assert_round_trip(config);
	config_destroy(config);
}

static void defaults_written_down_change_no_hash(void **arg)
{
	struct config *plain = load("activities: {a: {pre: [x]}}\n");
	struct config *full =
	    load("activities: {a: {pre: [{plugin: x, as: x}], parallel: [],\n"
		 "  on_failure: drain, on_empty: succeed,\n"
		 "  optional_failure: degrade, description: d}}\n"
		 "workflows: {default: {activities: [a]}}\n");

	(void)arg;
	assert_memory_equal(plain->workflows[0]->hash, full->workflows[0]->hash,
			    DEFINITION_HASH_SIZE);
	config_destroy(plain);
	config_destroy(full);
}

static void modules(void **arg)
{
	struct config *config = load(
	    "activities: [a, b]\n"
	    "plugins:\n"
	    "  - /usr/lib/x.so\n"
	    "  - {path: ../y.so, form: in-process, config: {q: [1, "
	    "\"\\u00e9\"]},\n"
	    "     max_tasks: 4,\n"
	    "     overrides: {b: {mandatory: false, order: 10}, a: {}}}\n");
	const struct config_module *y = &config->modules[1];

	(void)arg;
	assert_string_equal(config->modules[0].path, "/usr/lib/x.so");
	assert_string_equal(y->path, "./../y.so");
	assert_int_equal(y->max_tasks, 4);
	assert_int_equal(y->override_count, 2);
	assert_string_equal(y->overrides[0].activity, "b");
	assert_int_equal(y->overrides[0].mandatory, CHOICE_NO);
	assert_int_equal(y->overrides[0].order, 10);
	assert_int_equal(y->overrides[1].mandatory, CHOICE_UNSET);
	assert_int_equal(y->overrides[1].order, 0);
	assert_true(
	    slice_is(value_at(value_get(&y->config, "q"), 1)->as.text, "é"));
	assert_round_trip(config);
	config_destroy(config);
}

static void paths_are_relative_to_the_file(void **arg)
{
	struct config *config;
	struct buf name = { 0 };

	(void)arg;
	write_file("file.yaml", SLICE("store: data\ncontrol: ./run/c.sock\n"
				      "plugins: [p.so]\n"));
	buf_printf(&name, "%s/file.yaml", folder);
	buf_put_byte(&name, 0);
	config = load_file(name.data);
	assert_true(slice_ends_with(slice_of(config->store), SLICE("/data")));
	assert_true(
	    slice_starts_with(slice_of(config->store), slice_of(folder)));
	assert_true(
	    slice_ends_with(slice_of(config->control), SLICE("/run/c.sock")));
	assert_true(slice_starts_with(slice_of(config->modules[0].path),
				      slice_of(folder)));
	config_destroy(config);
	config = load("store: data\n");
	assert_string_equal(config->store, "./data");
	assert_string_equal(config->control, "./data/control.sock");
	config_destroy(config);
	buf_fini(&name);
}

static void environment(void **arg)
{
	struct config *config;

	(void)arg;
	assert_int_equal(setenv("TUTTI_TEST_SET", "a ${{ x }} b", 1), 0);
	assert_int_equal(unsetenv("TUTTI_TEST_UNSET"), 0);
	config = load(
	    "store: /${TUTTI_TEST_UNSET:-s}/t\n"
	    "grace: ${TUTTI_TEST_UNSET:-7s}\n"
	    "plugins: [{path: p.so, config: {k: '${TUTTI_TEST_SET}'}}]\n"
	    "activities:\n"
	    "  a:\n"
	    "    pre: [{plugin: '${TUTTI_TEST_UNSET:-p}',\n"
	    "           filter: {k: ['${TUTTI_TEST_UNSET:-v}', '$${x}']},\n"
	    "           with: {env: '${TUTTI_TEST_SET}', not: '$${HOME}',\n"
	    "                  code: '${{ stash.\"${x}\" }}'}}]\n");
	assert_string_equal(config->store, "/s/t");
	assert_int_equal(config->grace_ms, 7000);
	assert_true(slice_is(value_get_text(&config->modules[0].config, "k"),
			     "a ${{ x }} b"));
	assert_definition(
	    config, "default",
	    "{\"workflow\":\"default\",\"activities\":[{\"name\":\"a\","
	    "\"pre\":[{\"plugin\":\"p\",\"filter\":{\"k\":[\"v\",\"${x}\"]},"
	    "\"with\":{\"env\":\"a $${{ x }} b\",\"not\":\"${HOME}\","
	    "\"code\":\"${{ stash.\\\"${x}\\\" }}\"}}]}]}");
	assert_round_trip(config);
	config_destroy(config);
}

static void empty_files_are_fine(void **arg)
{
	struct config *config = load("# nothing\n");

	(void)arg;
	assert_int_equal(config->workflow_count, 0);
	assert_round_trip(config);
	config_destroy(config);
}

static void names_that_look_like_other_things(void **arg)
{
	struct config *config = load("activities: ['1', 'yes', 'null', '- x',\n"
				     "  'a: b', '#c', '東京', '${{', '*']\n");

	(void)arg;
	assert_int_equal(config->activity_count, 9);
	assert_string_equal(config->activities[7].name, "${{");
	assert_round_trip(config);
	config_destroy(config);
}

static void without_a_file(void **arg)
{
	struct config *config = config_default();

	(void)arg;
	assert_string_equal(config->store, "./.tutti");
	assert_string_equal(config->control, "./.tutti/control.sock");
	assert_int_equal(config->workflow_count, 0);
	assert_round_trip(config);
	config_destroy(config);
	config_destroy(NULL);
}

static void example_loads(void **arg)
{
	struct config *config =
	    load_file(TEST_DATA "/../../config/tutti.example.yaml");

	(void)arg;
	assert_int_equal(config->workflow_count, 2);
	assert_int_equal(config->activity_count, 3);
	assert_non_null(config_workflow(config, SLICE("document")));
	assert_non_null(config->modules[2].queue);
	assert_non_null(config_announced(config, SLICE("translate")));
	assert_round_trip(config);
	config_destroy(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_form),
		cmocka_unit_test(full_form),
		cmocka_unit_test(defaults_written_down_change_no_hash),
		cmocka_unit_test(modules),
		cmocka_unit_test(paths_are_relative_to_the_file),
		cmocka_unit_test(environment),
		cmocka_unit_test(empty_files_are_fine),
		cmocka_unit_test(names_that_look_like_other_things),
		cmocka_unit_test(without_a_file),
		cmocka_unit_test(example_loads),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
