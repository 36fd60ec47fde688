#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "document/json.h"
#include "program.h"
#include "store_fixture.h"

static struct store_fixture fixture;
static struct program program;

/* A store that no daemon owns, with runs 1 to 5. */
static int set_up(void **state)
{
	(void)state;
	store_fixture_open(&fixture);
	store_fixture_run(&fixture, 1, "Demo", "one", GROUP_SUCCEEDED);
	store_fixture_run(&fixture, 2, "Demo", "two", GROUP_FAILED);
	store_fixture_run(&fixture, 3, "Demo", "three", GROUP_RUNNING);
	store_fixture_run(&fixture, 4, "Demo", "shared", GROUP_CANCELLED);
	store_fixture_run(&fixture, 5, "Other", "shared", GROUP_SUCCEEDED);
	store_fixture_plugin(&fixture);
	store_fixture_commit(&fixture);
	store_fixture_release(&fixture);
	(void)unsetenv("TUTTI_CONFIG");
	return setenv("TUTTI_STORE", fixture.folder, 1);
}

static int tear_down(void **state)
{
	(void)state;
	store_fixture_remove(&fixture);
	program_fini(&program);
	return 0;
}

static void run_id(unsigned number, char text[ID_TEXT_SIZE])
{
	struct id id = store_fixture_id(number);

	id_format(&id, text);
}

static void test_usage_errors(void **state)
{
	(void)state;
	assert_int_equal(program_run(&program, NULL), 2);
	program_expect(program.err, "which verb?");
	assert_int_equal(program_run(&program, "shwo", "x", NULL), 2);
	program_expect(program.err,
		       "unknown verb 'shwo'; did you mean 'show'?");
	assert_int_equal(program_run(&program, "config", "chek", "f", NULL), 2);
	program_expect(program.err, "did you mean 'config check'?");
	assert_int_equal(program_run(&program, "plugins", "shw", "f", NULL), 2);
	program_expect(program.err, "did you mean 'plugins show'?");
	assert_int_equal(program_run(&program, "ls", "--stat", "failed", NULL),
			 2);
	program_expect(program.err, "did you mean '--state'?");
	assert_int_equal(program_run(&program, "show", NULL), 2);
	program_expect(program.err, "usage: tutti show [options] RUN");
	assert_int_equal(program_run(&program, "show", "a", "b", NULL), 2);
	program_expect(program.err, "takes no argument 'b'");
	assert_int_equal(program_run(&program, "ls", "-o", "xml", NULL), 2);
	program_expect(program.err, "there is no form 'xml' here");
	assert_int_equal(program_run(&program, "serve", "-o", "json", NULL), 2);
	assert_string_equal(program.out, "");
}

static void test_help_and_version(void **state)
{
	(void)state;
	assert_int_equal(program_run(&program, "--help", NULL), 0);
	program_expect(program.out, "usage: tutti VERB");
	assert_string_equal(program.err, "");
	assert_int_equal(program_run(&program, "show", "--help", NULL), 0);
	program_expect(program.out, "usage: tutti show [options] RUN");
	assert_int_equal(program_run(&program, "-h", "show", NULL), 0);
	program_expect(program.out, "usage: tutti show [options] RUN");
	assert_int_equal(program_run(&program, "help", "config", "check", NULL),
			 0);
	program_expect(program.out, "tutti config check:");
	assert_int_equal(program_run(&program, "help", "nope", NULL), 2);
	assert_int_equal(program_run(&program, "--version", NULL), 0);
	program_expect(program.out, "tutti ");
	assert_int_equal(program_run(&program, "version", "-o", "json", NULL),
			 0);
	program_expect(program.out, "\"store_schema\": 6");
	program_expect(program.out, "\"plugin_abi\": \"1.1\"");
}

static void test_first_words(void **state)
{
	(void)state;
	assert_int_equal(program_run(&program, "filter", NULL), 2);
	program_expect(program.err, "tutti filter match: ");
	assert_string_equal(program.out, "");
	assert_int_equal(program_run(&program, "filter", "--help", NULL), 0);
	program_expect(program.out, "tutti filter match: ");
	assert_int_equal(program_run(&program, "-h", "filter", NULL), 0);
	program_expect(program.out, "tutti filter match: ");
	assert_int_equal(program_run(&program, "help", "filter", NULL), 0);
	program_expect(program.out, "tutti filter match: ");
	assert_int_equal(program_run(&program, "help", "plugin", NULL), 0);
	program_expect(program.out, "usage: tutti plugin VERB");
	program_expect(program.out, "  plugin check  ");
	assert_null(strstr(program.out, "plugin host"));
	assert_int_equal(program_run(&program, "config", NULL), 2);
	program_expect(program.err, "  config show  ");
	assert_int_equal(program_run(&program, "filter", "mtch", NULL), 2);
	program_expect(program.err, "did you mean 'filter match'?");
	assert_int_equal(program_run(&program, "help", "filter", "x", NULL), 2);
	assert_int_equal(program_run(&program, "help", "filte", NULL), 2);
}

static void test_ls(void **state)
{
	char id[ID_TEXT_SIZE];

	(void)state;
	run_id(5, id);
	assert_int_equal(program_run(&program, "ls", NULL), 0);
	program_expect(program.out, id);
	program_expect(program.out, "WORKFLOW");
	program_expect(program.err, "daemon: down, last write");
	assert_int_equal(program_run(&program, "ls", "-o", "name", NULL), 0);
	assert_int_equal(program.out_len, 5 * ID_TEXT_SIZE);
	assert_memory_equal(program.out, id, ID_TEXT_SIZE - 1);
	assert_int_equal(program_run(&program, "ls", "--count", NULL), 0);
	assert_string_equal(program.out, "5\n");
}

static void check_count(const char *option, const char *value,
			const char *expected)
{
	assert_int_equal(
	    program_run(&program, "ls", "--count", option, value, NULL), 0);
	assert_string_equal(program.out, expected);
}

static void test_ls_filters(void **state)
{
	(void)state;
	check_count("--state", "failed", "1\n");
	check_count("--state", "failed,succeeded", "3\n");
	check_count("--workflow", "Other", "1\n");
	check_count("--uid", "shared", "2\n");
	check_count("--attr", "n=3", "1\n");
	check_count("--attr", "n=\"3\"", "0\n");
	check_count("--attr", "m=3", "0\n");
	check_count("--tenant", "default", "5\n");
	check_count("--tenant", "nobody", "0\n");
	check_count("--since", "2026-03-01T10:20:00Z", "5\n");
	check_count("--since", "2026-03-01T10:20:01Z", "0\n");
	check_count("--since", "1ms", "0\n");
	check_count("--limit", "2", "2\n");
	assert_int_equal(
	    program_run(&program, "ls", "--limit", "2", "-o", "name", NULL), 0);
	assert_int_equal(program.out_len, 2 * ID_TEXT_SIZE);
	program_expect(program.err, "only the newest 2 are listed");
	assert_int_equal(program_run(&program, "ls", "--state", "faild", NULL),
			 2);
	program_expect(program.err, "did you mean 'failed'?");
	assert_int_equal(program_run(&program, "ls", "--since", "soon", NULL),
			 2);
	assert_int_equal(program_run(&program, "ls", "--limit", "-1", NULL), 2);
	assert_int_equal(program_run(&program, "ls", "--attr", "n", NULL), 2);
}

static void test_ls_forms(void **state)
{
	struct value list;

	(void)state;
	assert_int_equal(program_run(&program, "ls", "-o", "json", NULL), 0);
	assert_int_equal(json_read(slice_of(program.out), NULL, &list, NULL),
			 0);
	assert_int_equal(value_len(&list), 5);
	assert_true(
	    slice_is(value_get_text(value_at(&list, 3), "state"), "failed"));
	value_clear(&list);
	assert_int_equal(program_run(&program, "-o", "jsonl", "ls", NULL), 0);
	program_expect(program.out, "{\"id\":");
	assert_int_equal(program_run(&program, "ls", "-o", "csv", NULL), 0);
	program_expect(program.out, "id,tenant,workflow,uid,state,");
	assert_int_equal(program_run(&program, "ls", "-o", "wide", NULL), 0);
	program_expect(program.out, "VERSION");
}

static void test_show(void **state)
{
	char id[ID_TEXT_SIZE];

	(void)state;
	run_id(2, id);
	assert_int_equal(program_run(&program, "show", "@failed", NULL), 0);
	program_expect(program.out, id);
	program_expect(program.out, "daemon: down, last write");
	program_expect(program.out, "plugin 'loader' failed: no such file");
	program_expect(program.out, "Last events:");
	program_expect(program.out, "tutti why");
	program_expect_not(program.out, "\033");
	assert_int_equal(
	    program_run(&program, "show", "two", "-o", "json", NULL), 0);
	program_expect(program.out, "\"message\": \"no such file\"");
	assert_int_equal(program_run(&program, "show", "nobody", NULL), 3);
	assert_int_equal(program_run(&program, "show", "shared", NULL), 2);
	program_expect(program.err, "ambiguous");
}

static void test_history(void **state)
{
	(void)state;
	assert_int_equal(program_run(&program, "history", "one", NULL), 0);
	program_expect(program.out, "SEQUENCE");
	program_expect(program.out, "Step1/pre/load");
	program_expect(program.out, "operator uid 7");
	assert_int_equal(
	    program_run(&program, "history", "one", "-o", "jsonl", NULL), 0);
	program_expect(program.out, "\"object\":\"Step1/pre/load\"");
	program_expect(program.out, "\"from\":\"pending\",\"to\":\"running\"");
	assert_int_equal(
	    program_run(&program, "history", "one", "-o", "csv", NULL), 0);
	program_expect(program.out,
		       "sequence,time,kind,object,activity,phase,task,from,");
}

static void test_why(void **state)
{
	(void)state;
	assert_int_equal(program_run(&program, "why", "three", NULL), 0);
	program_expect(program.out, "is running");
	program_expect(program.out, "no daemon runs");
	program_expect(program.out,
		       "was in plugin 'loader' (attempt 1) when the daemon "
		       "went down");
	program_expect(program.out, "waits until activity 'Step1' has ended");
	assert_int_equal(program_run(&program, "why", "one", NULL), 0);
	program_expect(program.out, "2 activities ended well");
	assert_int_equal(program_run(&program, "why", "two", NULL), 0);
	program_expect(program.out, "plugin 'loader' failed: no such file");
	char id[ID_TEXT_SIZE];

	run_id(4, id);
	assert_int_equal(program_run(&program, "why", id, NULL), 0);
	program_expect(program.out, "cancelled by operator uid 7");
	assert_int_equal(program_run(&program, "why", "two", "load", NULL), 0);
	program_expect(program.out, "task load failed: plugin 'loader'");
	assert_int_equal(program_run(&program, "why", "two", "nix", NULL), 3);
	assert_int_equal(
	    program_run(&program, "why", "two", "load", "-o", "json", NULL), 0);
	program_expect(program.out, "\"reason\": \"plugin_failed\"");
}

static void test_plugins(void **state)
{
	(void)state;
	assert_int_equal(program_run(&program, "plugins", NULL), 0);
	program_expect(program.out, "loader");
	program_expect(program.err, "daemon: down");
	assert_int_equal(program_run(&program, "plugins", "-o", "json", NULL),
			 0);
	program_expect(program.out, "\"in_flight\": null");
	program_expect(program.out, "\"phase\": \"pre\"");
	program_expect(program.out, "\"processes\": []");
	program_expect(program.out, "\"bus\": null");
	assert_int_equal(
	    program_run(&program, "plugins", "show", "loader", NULL), 0);
	program_expect(program.out, "Step1/pre, order 90, mandatory");
	assert_int_equal(
	    program_run(&program, "plugins", "show", "loadr", NULL), 3);
	program_expect(program.err, "did you mean 'loader'?");
}

static void test_plugin_tables(void **state)
{
	(void)state;
	assert_int_equal(program_run(&program, "plugins", NULL), 0);
	program_expect(program.out, "INSTANCES");
	program_expect(program.out, "-/4");
	program_expect_not(program.out, "HASH");
	assert_int_equal(program_run(&program, "plugins", "-o", "wide", NULL),
			 0);
	program_expect(program.out, "HASH");
	program_expect(program.out, "CRASHES");
	program_expect(program.out, "RESTARTS");
	assert_int_equal(program_run(&program, "plugins", "-o", "name", NULL),
			 0);
	assert_string_equal(program.out, "loader\n");
	assert_int_equal(program_run(&program, "plugins", "show", "loader",
				     "-o", "json", NULL),
			 0);
	program_expect(program.out, "\"process\": null");
	program_expect(program.out, "\"registered\": true");
}

static void write_log(const char *text)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/logs", fixture.folder);
	(void)mkdir(path, 0700);
	(void)snprintf(path, sizeof(path), "%s/logs/plugins.log",
		       fixture.folder);
	FILE *file = fopen(path, "ae");

	assert_non_null(file);
	(void)fputs(text, file);
	(void)fclose(file);
}

static void test_logs(void **state)
{
	char id[ID_TEXT_SIZE];
	char line[200];

	(void)state;
	assert_int_equal(program_run(&program, "logs", NULL), 0);
	assert_string_equal(program.out, "");
	assert_int_equal(program_run(&program, "logs", "-o", "json", NULL), 0);
	assert_string_equal(program.out, "[]\n");
	run_id(3, id);
	(void)snprintf(line, sizeof(line),
		       "plugin=\"b\" run=\"%s\" msg=\"two\"\n", id);
	write_log("plugin=\"a\" msg=\"one\"\n");
	write_log(line);
	write_log("plugin=\"a\" msg=\"\033three\"\n");
	assert_int_equal(program_run(&program, "logs", NULL), 0);
	program_expect(program.out, "plugin=\"a\" msg=\"one\"\nplugin=\"b\"");
	program_expect(program.out, "\\x1bthree");
	assert_int_equal(program_run(&program, "logs", "-n", "1", NULL), 0);
	program_expect_not(program.out, "two");
	program_expect(program.out, "three");
	assert_int_equal(program_run(&program, "logs", "--run", "three", NULL),
			 0);
	assert_string_equal(program.out, line);
	assert_int_equal(program_run(&program, "logs", "--plugin", "a", "-o",
				     "jsonl", "-n", "1", NULL),
			 0);
	program_expect(program.out, "\"plugin\":\"a\"");
	program_expect_not(program.out, "one");
	assert_int_equal(program_run(&program, "logs", "-n", "0", NULL), 0);
	assert_string_equal(program.out, "");
	assert_int_equal(program_run(&program, "logs", "-n", "x", NULL), 2);
	assert_int_equal(program_run(&program, "logs", "-n", "-1", NULL), 2);
	assert_int_equal(program_run(&program, "logs", "--run", "nobody", NULL),
			 3);
	assert_int_equal(
	    program_run(&program, "logs", "-f", "-o", "json", NULL), 2);
	program_expect(program.err, "use -o jsonl");
}

static void test_events(void **state)
{
	(void)state;
	assert_int_equal(program_run(&program, "events", NULL), 5);
	program_expect(program.err, "no daemon runs on this store");
	assert_int_equal(program_run(&program, "events", "-n", "0", NULL), 2);
	assert_int_equal(program_run(&program, "events", "-n", "x", NULL), 2);
	assert_int_equal(program_run(&program, "events", "shared", NULL), 2);
	program_expect(program.err, "ambiguous");
}

static void test_acting_needs_a_daemon(void **state)
{
	(void)state;
	assert_int_equal(program_run(&program, "reload", NULL), 5);
	assert_int_equal(
	    program_run(&program, "plugins", "remove", "loader", NULL), 5);
	assert_int_equal(
	    program_run(&program, "plugins", "release", "loader", NULL), 5);
	assert_int_equal(
	    program_run(&program, "plugins", "scale", "loader", "2", NULL), 5);
	assert_int_equal(program_run(&program, "start", "Demo", NULL), 5);
	assert_int_equal(program_run(&program, "cancel", "three", NULL), 5);
	assert_int_equal(program_run(&program, "skip", "three", "load", NULL),
			 5);
	assert_int_equal(
	    program_run(&program, "start", "Demo", "--attr", "novalue", NULL),
	    2);
	assert_int_equal(
	    program_run(&program, "start", "Demo", "--input", "{broken", NULL),
	    2);
	assert_int_equal(
	    program_run(&program, "start", "Demo", "--wait=soon", NULL), 2);
	program_expect(program.err, "--wait takes a duration");
	assert_int_equal(
	    program_run(&program, "start", "Demo", "--uid", "\xff", NULL), 2);
	program_expect(program.err, "is not UTF-8");
	assert_int_equal(program_run(&program, "skip", "three", "a/b/c", NULL),
			 2);
}

static void test_no_store(void **state)
{
	(void)state;
	assert_int_equal(
	    program_run(&program, "ls", "--store", "/nonexistent/store", NULL),
	    5);
	program_expect(program.err, "there is no store at");
	assert_int_equal(program_run(&program, "show", "x", "--store",
				     "/nonexistent/store", NULL),
			 5);
}

/* The option wins over the environment. */
static void test_order_of_places(void **state)
{
	(void)state;
	assert_int_equal(setenv("TUTTI_STORE", "/nonexistent", 1), 0);
	assert_int_equal(program_run(&program, "ls", "--count", NULL), 5);
	assert_int_equal(program_run(&program, "--store", fixture.folder, "ls",
				     "--count", NULL),
			 0);
	assert_string_equal(program.out, "5\n");
	assert_int_equal(setenv("TUTTI_STORE", fixture.folder, 1), 0);
}

static void write_config(char path[64], const char *text)
{
	FILE *file;

	(void)snprintf(path, 64, "%s/tutti.yaml", fixture.folder);
	file = fopen(path, "we");
	assert_non_null(file);
	(void)fputs(text, file);
	(void)fclose(file);
}

static void test_config(void **state)
{
	char path[64];

	(void)state;
	write_config(path, "activities: [Step1, Step2]\n");
	assert_int_equal(program_run(&program, "config", "check", path, NULL),
			 0);
	program_expect(program.out,
		       ": ok, 1 workflow, 2 activities, 0 plugins\n");
	assert_int_equal(program_run(&program, "config", "show", path, NULL),
			 0);
	program_expect(program.out, "Step2");
	assert_int_equal(
	    program_run(&program, "config", "show", path, "-o", "json", NULL),
	    0);
	program_expect(program.out, "{");
	write_config(path, "activites: [Step1]\n");
	assert_int_equal(program_run(&program, "config", "check", path, NULL),
			 2);
	program_expect(program.err, "did you mean 'activities'?");
	assert_string_equal(program.out, "");
	assert_int_equal(program_run(&program, "ls", "-c", path, NULL), 2);
	assert_int_equal(program_run(&program, "run", path, NULL), 2);
	assert_int_equal(
	    program_run(&program, "config", "check", "/nonexistent.yaml", NULL),
	    2);
}

static void test_run(void **state)
{
	char path[64];
	char store[64];

	(void)state;
	write_config(path, "activities: [Step1, Step2]\n");
	(void)snprintf(store, sizeof(store), "%s/fresh", fixture.folder);
	assert_int_equal(program_run(&program, "run", path, "--store", store,
				     "--uid", "u", "--attr", "a=1", NULL),
			 0);
	program_expect(program.out, "uid u");
	program_expect(program.out, "no tasks");
	assert_int_equal(program_run(&program, "run", path, "--store", store,
				     "--uid", "u", "--attr", "a=2", NULL),
			 6);
	assert_int_equal(program_run(&program, "run", path, "--store", store,
				     "--uid", "u", "--attr", "a=1", "-o",
				     "json", NULL),
			 0);
	program_expect(program.out, "\"state\": \"succeeded\"");
	program_expect(program.err, "exists already");
	assert_int_equal(
	    program_run(&program, "run", path, "nope", "--store", store, NULL),
	    3);
	assert_int_equal(
	    program_run(&program, "ls", "--store", store, "--count", NULL), 0);
	assert_string_equal(program.out, "1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usage_errors),
		cmocka_unit_test(test_help_and_version),
		cmocka_unit_test(test_first_words),
		cmocka_unit_test(test_ls),
		cmocka_unit_test(test_ls_filters),
		cmocka_unit_test(test_ls_forms),
		cmocka_unit_test(test_show),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_why),
		cmocka_unit_test(test_plugins),
		cmocka_unit_test(test_plugin_tables),
		cmocka_unit_test(test_logs),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_acting_needs_a_daemon),
		cmocka_unit_test(test_no_store),
		cmocka_unit_test(test_order_of_places),
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_run),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
