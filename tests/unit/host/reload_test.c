/* Modules replaced while they work. */
#include "fixture.h"

static void run(struct buf *command)
{
	char *text = buf_take(command);

	assert_int_equal(system(text), 0);
	free(text);
}

/* As an installer does it: a new file takes the name. */
static void install(const char *name, const char *path)
{
	struct buf command = { 0 };

	buf_printf(&command,
		   "cp '" TEST_MODULES "/%s.so' '%s.new' && "
		   "mv '%s.new' '%s'",
		   name, path, path, path);
	run(&command);
}

/* As cp does it: other bytes in the same file. */
static void write_over(const char *name, const char *path)
{
	struct buf command = { 0 };

	buf_printf(&command, "cat '" TEST_MODULES "/%s.so' > '%s'", name, path);
	run(&command);
}

static int reload(struct fixture *fixture, const char *path, struct err *err)
{
	const struct host_source source = { .path = path };

	return host_reload(fixture->host, &source, err);
}

static struct fixture *begin(const char *module, char **ret_path)
{
	struct fixture *fixture = fixture_create();

	*ret_path = fixture_path(fixture, "module.so");
	install(module, *ret_path);
	fixture_load(fixture, *ret_path, NULL);
	fixture_start(fixture);
	return fixture;
}

static char *release_of(struct fixture *fixture, char **ret_with)
{
	char *release = fixture_path(fixture, "release");
	struct buf with = { 0 };

	buf_printf(&with, "{\"release\": \"%s\"}", release);
	*ret_with = buf_take(&with);
	return release;
}

static void assert_version(const struct host_completion *completion,
			   const char *json)
{
	assert_int_equal(completion->outcome, TUTTI_SUCCEEDED);
	fixture_assert_json(completion->output, json);
}

static void tasks_finish_on_the_code_they_began_on(void **state)
{
	char *path;
	char *with;
	struct fixture *fixture = begin("versioned_1", &path);
	char *release = release_of(fixture, &with);
	struct err err = { 0 };

	(void)state;
	char hash[65];

	memcpy(hash, fixture_info(fixture, "versioned").hash, sizeof(hash));
	fixture_deliver(fixture, "versioned", 1, with);
	fixture_wait_log(fixture, "working");
	install("versioned_2", path);
	assert_int_equal(reload(fixture, path, &err), 0);
	assert_true(fixture_has_log(fixture, "version 1: stopped"));
	assert_true(fixture_has_log(fixture, "version 2: started"));
	assert_int_equal(host_plugin_count(fixture->host), 2);
	struct host_plugin_info info = fixture_info(fixture, "versioned");

	assert_int_equal(info.version_number, 2);
	assert_int_equal(info.in_flight, 0);
	assert_string_not_equal(info.hash, hash);
	assert_version(fixture_do(fixture, "versioned", 2, NULL),
		       "{\"version\": 2}");
	assert_version(fixture_do(fixture, "added", 3, NULL),
		       "{\"version\": 2}");
	assert_false(host_reap(fixture->host));
	assert_false(fixture_has_log(fixture, "version 1: ended"));
	fixture_touch(release);
	fixture_wait(fixture, 3);
	assert_version(fixture_find(fixture, 1, 1), "{\"version\": 1}");
	while (!host_reap(fixture->host)) {
		fixture_pause();
	}
	assert_true(fixture_has_log(fixture, "version 1: ended"));
	free(with);
	free(release);
	free(path);
	fixture_destroy(fixture);
}

static void overwriting_the_file_does_not_touch_running_code(void **state)
{
	char *path;
	char *with;
	struct fixture *fixture = begin("versioned_1", &path);
	char *release = release_of(fixture, &with);
	struct err err = { 0 };

	(void)state;
	fixture_deliver(fixture, "versioned", 1, with);
	fixture_wait_log(fixture, "working");
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(reload(fixture, path, &err), E_INVALID);
	fixture_assert_contains(err.msg, path);
	write_over("versioned_2", path);
	assert_int_equal(reload(fixture, path, &err), 0);
	assert_int_equal(truncate(path, 0), 0);
	fixture_touch(release);
	fixture_wait(fixture, 1);
	assert_version(fixture_find(fixture, 1, 1), "{\"version\": 1}");
	assert_version(fixture_do(fixture, "versioned", 2, NULL),
		       "{\"version\": 2}");
	free(with);
	free(release);
	free(path);
	fixture_destroy(fixture);
}

static void a_version_that_does_not_start_changes_nothing(void **state)
{
	char *path;
	struct fixture *fixture = begin("versioned_1", &path);
	struct err err = { 0 };

	(void)state;
	install("versioned_3", path);
	assert_int_equal(reload(fixture, path, &err), E_INVALID);
	fixture_assert_contains(err.msg, "does not like it");
	install("not_a_plugin", path);
	assert_int_equal(reload(fixture, path, &err), E_INVALID);
	fixture_assert_contains(err.msg, "no Tutti plugin");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(reload(fixture, path, &err), E_NOT_FOUND);
	fixture_assert_contains(err.msg, "no such file");
	assert_int_equal(fixture_info(fixture, "versioned").version_number, 1);
	assert_false(fixture_has_log(fixture, "version 1: stopped"));
	assert_version(fixture_do(fixture, "versioned", 1, NULL),
		       "{\"version\": 1}");
	free(path);
	fixture_destroy(fixture);
}

static void the_same_again_is_no_change(void **state)
{
	char *path;
	struct fixture *fixture = begin("versioned_1", &path);
	struct host_source source = { .path = path };
	struct err err = { 0 };

	(void)state;
	install("versioned_1", path);
	assert_int_equal(reload(fixture, path, &err), E_UNCHANGED);
	assert_int_equal(reload(fixture, "/nowhere.so", &err), E_NOT_FOUND);
	/* What the config says about it counts, too. */
	source.max_tasks = 2;
	assert_int_equal(host_reload(fixture->host, &source, &err), 0);
	assert_int_equal(fixture_info(fixture, "versioned").max_tasks, 2);
	assert_true(host_reap(fixture->host));
	assert_int_equal(host_reload(fixture->host, &source, &err),
			 E_UNCHANGED);
	free(path);
	fixture_destroy(fixture);
}

static void plugins_come_and_go(void **state)
{
	char *path;
	struct fixture *fixture = begin("versioned_1", &path);
	struct host_task task = fixture_task("versioned", 9, 1);
	struct err err = { 0 };

	(void)state;
	fixture_load(fixture, "late", NULL);
	install("versioned_4", path);
	assert_int_equal(reload(fixture, path, &err), 0);
	assert_int_equal(host_deliver(fixture->host, &task, &err), E_NOT_FOUND);
	assert_version(fixture_do(fixture, "renamed", 1, NULL),
		       "{\"version\": 4}");
	assert_string_equal(host_plugin_info(fixture->host, 0).name, "renamed");
	assert_string_equal(host_plugin_info(fixture->host, 1).name, "late");
	/* Loaded while it runs: started at once. */
	assert_int_equal(fixture_do(fixture, "late", 2, NULL)->outcome,
			 TUTTI_SUCCEEDED);
	assert_int_equal(host_unload(fixture->host, path, &err), 0);
	assert_int_equal(host_unload(fixture->host, path, &err), E_NOT_FOUND);
	assert_int_equal(host_plugin_count(fixture->host), 1);
	while (!host_reap(fixture->host)) {
		fixture_pause();
	}
	assert_true(fixture_has_log(fixture, "version 4: ended"));
	free(path);
	fixture_destroy(fixture);
}

static void names_stay_unique(void **state)
{
	char *path;
	struct fixture *fixture = begin("versioned_1", &path);
	struct err err = { 0 };

	(void)state;
	fixture_load(fixture, "late", NULL);
	install("late", path);
	assert_int_equal(reload(fixture, path, &err), E_CONFLICT);
	fixture_assert_contains(err.msg, "'late'");
	assert_int_equal(host_plugin_count(fixture->host), 2);
	free(path);
	fixture_destroy(fixture);
}

static void old_versions_are_cancelled_too(void **state)
{
	char *path;
	char *with;
	struct fixture *fixture = begin("versioned_1", &path);
	char *release = release_of(fixture, &with);
	struct host_key key = fixture_key(1, 1);
	struct err err = { 0 };

	(void)state;
	fixture_deliver(fixture, "versioned", 1, with);
	fixture_wait_log(fixture, "working");
	install("versioned_2", path);
	assert_int_equal(reload(fixture, path, &err), 0);
	host_cancel(fixture->host, &key, TUTTI_CANCELLED);
	fixture_wait(fixture, 1);
	assert_version(fixture_find(fixture, 1, 1), "{\"version\": 1}");
	free(with);
	free(release);
	free(path);
	fixture_destroy(fixture);
}

static size_t count_fds(void)
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

static void many_versions_may_drain_at_once(void **state)
{
	char *path;
	char *with;
	struct fixture *fixture = begin("versioned_1", &path);
	char *release = release_of(fixture, &with);
	struct err err = { 0 };
	uint32_t number = 0;

	(void)state;
	for (int i = 0; i < 4; i++) {
		fixture_deliver(fixture, "versioned", ++number, with);
		fixture_wait_logs(fixture, "working", number);
		install(i % 2 ? "versioned_1" : "versioned_2", path);
		assert_int_equal(reload(fixture, path, &err), 0);
	}
	assert_false(host_reap(fixture->host));
	fixture_touch(release);
	fixture_wait(fixture, number);
	for (uint32_t i = 1; i <= number; i++) {
		assert_version(fixture_find(fixture, i, 1),
			       i % 2 ? "{\"version\": 1}" : "{\"version\": 2}");
	}
	free(with);
	free(release);
	free(path);
	fixture_destroy(fixture);
}

/* The same two contents over and over: no more copies than were in use. */
static void to_and_fro_costs_nothing(void **state)
{
	char *path;
	struct fixture *fixture = begin("versioned_1", &path);
	struct err err = { 0 };
	size_t fds = 0;

	(void)state;
	for (int i = 0; i < 40; i++) {
		install(i % 2 ? "versioned_1" : "versioned_2", path);
		assert_int_equal(reload(fixture, path, &err), 0);
		while (!host_reap(fixture->host)) {
			fixture_pause();
		}
		if (i == 3) {
			fds = count_fds();
		}
	}
	assert_int_equal(count_fds(), fds);
	assert_int_equal(fixture_info(fixture, "versioned").version_number, 41);
	free(path);
	fixture_destroy(fixture);
}

static void a_module_with_origin_needs_a_new_file(void **state)
{
	char *path;
	struct fixture *fixture = begin("origin_1", &path);
	struct err err = { 0 };

	(void)state;
	install("origin_2", path);
	assert_int_equal(reload(fixture, path, &err), 0);
	assert_version(fixture_do(fixture, "versioned", 1, NULL),
		       "{\"version\": 2}");
	free(path);
	fixture_destroy(fixture);
}

/* One byte at the end of the file is not in any segment: harmless to change. */
static void a_module_with_origin_is_not_written_over(void **state)
{
	char *path;
	struct fixture *fixture = begin("origin_1", &path);
	struct err err = { 0 };
	FILE *file = fopen(path, "a");

	(void)state;
	assert_non_null(file);
	assert_int_equal(fputc('x', file), 'x');
	assert_int_equal(fclose(file), 0);
	assert_int_equal(reload(fixture, path, &err), E_CONFLICT);
	fixture_assert_contains(err.msg, "written over");
	assert_version(fixture_do(fixture, "versioned", 1, NULL),
		       "{\"version\": 1}");
	free(path);
	fixture_destroy(fixture);
}

static void only_a_running_host_reloads(void **state)
{
	struct fixture *fixture = fixture_create();
	struct err err = { 0 };

	(void)state;
	fixture_load(fixture, "versioned_1", NULL);
	const char *path = TEST_MODULES "/versioned_1.so";

	assert_int_equal(reload(fixture, path, &err), E_BUSY);
	assert_int_equal(host_unload(fixture->host, path, &err), E_BUSY);
	assert_true(host_reap(fixture->host));
	fixture_destroy(fixture);
}

/* versioned_1 and late, each from a file of its own. */
static struct fixture *begin_two(char *paths[2])
{
	struct fixture *fixture = fixture_create();

	paths[0] = fixture_path(fixture, "one.so");
	paths[1] = fixture_path(fixture, "two.so");
	install("versioned_1", paths[0]);
	install("late", paths[1]);
	fixture_load(fixture, paths[0], NULL);
	fixture_load(fixture, paths[1], NULL);
	fixture_start(fixture);
	return fixture;
}

static int reload_two(struct fixture *fixture, char *paths[2], struct err *err)
{
	const struct host_source sources[] = { { .path = paths[0] },
					       { .path = paths[1] } };

	return host_reload_all(fixture->host, sources, 2, err);
}

static void end_two(struct fixture *fixture, char *paths[2])
{
	free(paths[0]);
	free(paths[1]);
	fixture_destroy(fixture);
}

static const char *name_at(const struct fixture *fixture, size_t index)
{
	return host_plugin_info(fixture->host, index).name;
}

static void several_change_together(void **state)
{
	char *paths[2];
	struct fixture *fixture = begin_two(paths);
	struct err err = { 0 };

	(void)state;
	/* Nothing has changed: nothing is done. */
	assert_int_equal(reload_two(fixture, paths, &err), 0);
	assert_int_equal(fixture_info(fixture, "late").version_number, 1);
	assert_false(fixture_has_log(fixture, "version 1: stopped"));
	/* A name moves from one to the other. */
	install("versioned_4", paths[0]);
	install("versioned_2", paths[1]);
	assert_int_equal(reload_two(fixture, paths, &err), 0);
	assert_int_equal(host_plugin_count(fixture->host), 3);
	assert_string_equal(name_at(fixture, 0), "renamed");
	assert_string_equal(name_at(fixture, 1), "versioned");
	assert_string_equal(name_at(fixture, 2), "added");
	assert_version(fixture_do(fixture, "renamed", 1, NULL),
		       "{\"version\": 4}");
	assert_version(fixture_do(fixture, "versioned", 2, NULL),
		       "{\"version\": 2}");
	assert_int_equal(fixture_info(fixture, "added").version_number, 2);
	end_two(fixture, paths);
}

static void all_change_or_none(void **state)
{
	char *paths[2];
	struct fixture *fixture = begin_two(paths);
	struct err err = { 0 };

	(void)state;
	install("versioned_2", paths[0]);
	install("init_fails", paths[1]);
	assert_int_equal(reload_two(fixture, paths, &err), E_INVALID);
	fixture_assert_contains(err.msg, paths[1]);
	/* What had been started has ended again. */
	assert_true(fixture_has_log(fixture, "version 2: started"));
	assert_true(fixture_has_log(fixture, "version 2: ended"));
	assert_false(fixture_has_log(fixture, "version 1: stopped"));
	assert_int_equal(host_plugin_count(fixture->host), 2);
	assert_int_equal(fixture_info(fixture, "versioned").version_number, 1);
	assert_version(fixture_do(fixture, "versioned", 1, NULL),
		       "{\"version\": 1}");
	/* A file that is no plugin is found out before anything starts. */
	install("versioned_4", paths[0]);
	install("not_a_plugin", paths[1]);
	assert_int_equal(reload_two(fixture, paths, &err), E_INVALID);
	assert_false(fixture_has_log(fixture, "version 4: started"));
	/* And the names that were to be left are taken as before. */
	assert_int_equal(fixture_try_load(fixture,
					  TEST_MODULES "/versioned_2.so", NULL,
					  0, &err),
			 E_CONFLICT);
	assert_true(host_reap(fixture->host));
	end_two(fixture, paths);
}

static void names_are_unique_among_the_new(void **state)
{
	char *paths[2];
	struct fixture *fixture = begin_two(paths);
	struct err err = { 0 };

	(void)state;
	install("versioned_4", paths[0]);
	install("versioned_4", paths[1]);
	assert_int_equal(reload_two(fixture, paths, &err), E_CONFLICT);
	fixture_assert_contains(err.msg, "'renamed'");
	assert_false(fixture_has_log(fixture, "version 4: started"));
	assert_string_equal(name_at(fixture, 0), "versioned");
	assert_string_equal(name_at(fixture, 1), "late");
	end_two(fixture, paths);
}

static void new_modules_join_the_others(void **state)
{
	char *path;
	struct fixture *fixture = begin("versioned_1", &path);
	char *paths[2] = { TEST_MODULES "/late.so", path };
	struct err err = { 0 };

	(void)state;
	install("versioned_3", path);
	assert_int_equal(reload_two(fixture, paths, &err), E_INVALID);
	assert_int_equal(host_plugin_count(fixture->host), 1);
	install("versioned_2", path);
	assert_int_equal(reload_two(fixture, paths, &err), 0);
	assert_string_equal(name_at(fixture, 0), "versioned");
	assert_string_equal(name_at(fixture, 2), "late");
	assert_int_equal(fixture_info(fixture, "late").version_number, 1);
	assert_int_equal(fixture_do(fixture, "late", 1, NULL)->outcome,
			 TUTTI_SUCCEEDED);
	free(path);
	fixture_destroy(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tasks_finish_on_the_code_they_began_on),
		cmocka_unit_test(
		    overwriting_the_file_does_not_touch_running_code),
		cmocka_unit_test(a_version_that_does_not_start_changes_nothing),
		cmocka_unit_test(the_same_again_is_no_change),
		cmocka_unit_test(plugins_come_and_go),
		cmocka_unit_test(names_stay_unique),
		cmocka_unit_test(old_versions_are_cancelled_too),
		cmocka_unit_test(many_versions_may_drain_at_once),
		cmocka_unit_test(to_and_fro_costs_nothing),
		cmocka_unit_test(a_module_with_origin_needs_a_new_file),
		cmocka_unit_test(a_module_with_origin_is_not_written_over),
		cmocka_unit_test(only_a_running_host_reloads),
		cmocka_unit_test(several_change_together),
		cmocka_unit_test(all_change_or_none),
		cmocka_unit_test(names_are_unique_among_the_new),
		cmocka_unit_test(new_modules_join_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
