/* What is known of a process that a plugin took down. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "fixture.h"

static char note_path[64];

static struct fixture *begin(const char *module)
{
	const struct rlimit none = { 0, 0 };
	struct fixture *fixture = fixture_create();
	struct err err;

	(void)setrlimit(RLIMIT_CORE, &none);
	/* The test library's own handlers would make a failed test of it. */
	(void)signal(SIGSEGV, SIG_DFL);
	(void)signal(SIGABRT, SIG_DFL);
	fixture_load(fixture, module, NULL);
	/* Nobody will come to it later, and nothing is put there. */
	fixture_remove(fixture->folder);
	if (host_watch_crashes(fixture->host, note_path, &err) < 0) {
		_exit(99);
	}
	return fixture;
}

static void in_handle(const char *with)
{
	struct fixture *fixture = begin("faulty");

	fixture_start(fixture);
	fixture_deliver_attempt(fixture, "faulty", 7, 3, with);
	fixture_wait(fixture, 1);
}

static void in_handle_of_two(const char *with)
{
	struct fixture *fixture = begin("faulty_two");

	fixture_start(fixture);
	fixture_deliver(fixture, "faulty", 1, with);
	fixture_wait(fixture, 1);
}

/* Both have a task in hand: nobody can tell whose thread it was. */
static void in_handle_of_both(const char *with)
{
	struct fixture *fixture = begin("faulty_two");

	fixture_start(fixture);
	fixture_deliver(fixture, "harmless", 1, "{\"how\": \"wait\"}");
	fixture_wait_log(fixture, "waiting");
	fixture_deliver(fixture, "faulty", 2, with);
	fixture_wait(fixture, 1);
}

static void in_init(const char *with)
{
	struct fixture *fixture = begin("faulty");

	(void)with;
	(void)setenv("CRASH_IN_INIT", "1", 1);
	fixture_start(fixture);
}

/* Not a plugin's: the plugin is there, but somebody else failed. */
static void in_ourselves(const char *with)
{
	struct fixture *fixture = begin("faulty");

	(void)with;
	fixture_start(fixture);
	(void)raise(SIGSEGV);
}

static void from_outside(const char *with)
{
	char *release;
	struct fixture *fixture = begin("stubborn");
	struct buf json = { 0 };

	(void)with;
	release = fixture_path(fixture, "release");
	buf_printf(&json, "{\"release\": \"%s\"}", release);
	fixture_start(fixture);
	fixture_deliver(fixture, "stubborn", 1, buf_take(&json));
	fixture_wait_log(fixture, "working");
	if (fork() == 0) {
		(void)kill(getppid(), SIGSEGV);
		_exit(0);
	}
	for (;;) {
		fixture_pause();
	}
}

/* The process dies; its status. */
static int watch_die(void (*act)(const char *with), const char *with)
{
	int status = 0;

	(void)strcpy(note_path, "/tmp/tutti-note-XXXXXX");
	int fd = mkstemp(note_path);

	assert_true(fd >= 0);
	(void)close(fd);
	(void)fflush(NULL);
	pid_t pid = fork();

	if (pid == 0) {
		act(with);
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static struct host_crash read_note(void)
{
	struct host_crash crash = { 0 };
	struct err err = { 0 };

	if (host_read_crash(note_path, &crash, &err) < 0) {
		fail_msg("%s", err.msg);
	}
	/* It has been taken out. */
	assert_int_equal(host_read_crash(note_path, &crash, &err), E_NOT_FOUND);
	assert_int_equal(access(note_path, F_OK), -1);
	return crash;
}

static void assert_died_of(int status, int number)
{
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), number);
}

static void faults_of_a_worker_name_the_task(void **state)
{
	static const struct {
		const char *with;
		int number;
	} cases[] = {
		{ "{\"how\": \"segv\"}", SIGSEGV },
		{ "{\"how\": \"overflow\"}", SIGSEGV },
		{ "{\"how\": \"abort\"}", SIGABRT },
	};
	const struct host_key key = fixture_key(7, 3);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int status = watch_die(in_handle, cases[i].with);
		struct host_crash crash = read_note();

		assert_died_of(status, cases[i].number);
		assert_int_equal(crash.signal, cases[i].number);
		assert_string_equal(crash.plugin, "faulty");
		assert_true(crash.has_task);
		assert_true(id_equal(&crash.key.run, &key.run));
		assert_int_equal(crash.key.number, 7);
		assert_int_equal(crash.key.attempt, 3);
	}
}

static void faults_of_a_plugins_own_thread_name_the_plugin(void **state)
{
	static const struct {
		const char *with;
		int number;
	} cases[] = {
		{ "{\"how\": \"thread\"}", SIGSEGV },
		{ "{\"how\": \"thread_abort\"}", SIGABRT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int status = watch_die(in_handle, cases[i].with);
		struct host_crash crash = read_note();

		assert_died_of(status, cases[i].number);
		assert_int_equal(crash.signal, cases[i].number);
		assert_string_equal(crash.plugin, "faulty");
		assert_false(crash.has_task);
	}
}

static void of_several_plugins_the_busy_one_is_named(void **state)
{
	static const char thread[] = "{\"how\": \"thread\"}";

	(void)state;
	assert_died_of(watch_die(in_handle_of_two, thread), SIGSEGV);
	assert_string_equal(read_note().plugin, "faulty");
	assert_died_of(watch_die(in_handle_of_both, thread), SIGSEGV);
	assert_string_equal(read_note().plugin, "");
}

static void faults_in_init_name_the_plugin(void **state)
{
	(void)state;
	int status = watch_die(in_init, NULL);
	struct host_crash crash = read_note();

	assert_died_of(status, SIGSEGV);
	assert_string_equal(crash.plugin, "faulty");
	assert_false(crash.has_task);
}

static void faults_of_our_own_name_nobody(void **state)
{
	(void)state;
	int status = watch_die(in_ourselves, NULL);
	struct host_crash crash = read_note();

	assert_died_of(status, SIGSEGV);
	assert_int_equal(crash.signal, SIGSEGV);
	assert_string_equal(crash.plugin, "");
	assert_false(crash.has_task);
	status = watch_die(from_outside, NULL);
	crash = read_note();
	assert_died_of(status, SIGSEGV);
	assert_string_equal(crash.plugin, "");
	assert_false(crash.has_task);
}

static void a_clean_end_leaves_no_note(void **state)
{
	struct fixture *fixture = fixture_create();
	char *path = fixture_path(fixture, "note");
	struct host_crash crash;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(host_read_crash(path, &crash, &err), E_NOT_FOUND);
	assert_int_equal(
	    host_watch_crashes(fixture->host, "/nowhere/note", &err), E_IO);
	assert_int_equal(host_watch_crashes(fixture->host, path, &err), 0);
	assert_int_equal(host_watch_crashes(fixture->host, path, &err), E_BUSY);
	assert_int_equal(access(path, F_OK), 0);
	host_destroy(fixture->host);
	fixture->host = NULL;
	assert_int_equal(access(path, F_OK), -1);
	free(path);
	fixture_destroy(fixture);
}

static int read_text(const char *path, const char *text,
		     struct host_crash *ret_crash)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fputs(text, file) >= 0, 1);
	assert_int_equal(fclose(file), 0);
	return host_read_crash(path, ret_crash, NULL);
}

#define HEAD "tutti crash 1\n"
#define RUN  "000102030405060708090a0b0c0d0e0f"

static void only_a_whole_note_is_believed(void **state)
{
	static const char *const broken[] = {
		"",
		"x",
		"\n",
		HEAD,
		HEAD "signal 11\n",
		HEAD "signal 11\nplugin a\n",
		HEAD "signal 11\nplugin a\nen",
		HEAD "signal 11\nplugin a\nend\nmore",
		HEAD "signal 0\nplugin a\nend\n",
		HEAD "signal 99\nplugin a\nend\n",
		HEAD "signal 99999999999\nplugin a\nend\n",
		HEAD "signal -1\nplugin a\nend\n",
		HEAD "signal 11\nplugin \xff\nend\n",
		HEAD "signal 11\ntask 0001 1 1\nplugin a\nend\n",
		HEAD "signal 11\ntask " RUN " 1\nplugin a\nend\n",
		HEAD "signal 11\ntask " RUN " 1 4294967296\nplugin a\nend\n",
		"tutti crash 2\nsignal 11\nplugin a\nend\n",
	};
	struct fixture *fixture = fixture_create();
	char *path = fixture_path(fixture, "note");
	struct host_crash crash = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		if (read_text(path, broken[i], &crash) != E_NOT_FOUND) {
			fail_msg("%s", broken[i]);
		}
		assert_int_equal(access(path, F_OK), -1);
	}
	assert_int_equal(crash.signal, 0);
	assert_int_equal(read_text(path,
				   HEAD "signal 6\ntask " RUN
					" 4294967295 2\nplugin a b\nend\n",
				   &crash),
			 0);
	assert_int_equal(crash.signal, 6);
	assert_string_equal(crash.plugin, "a b");
	assert_true(crash.has_task);
	assert_int_equal(crash.key.number, UINT32_MAX);
	assert_int_equal(crash.key.attempt, 2);
	assert_int_equal(crash.key.run.bytes[15], 15);
	assert_int_equal(
	    read_text(path, HEAD "signal 6\nplugin \nend\n", &crash), 0);
	assert_string_equal(crash.plugin, "");
	free(path);
	fixture_destroy(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_of_a_worker_name_the_task),
		cmocka_unit_test(
		    faults_of_a_plugins_own_thread_name_the_plugin),
		cmocka_unit_test(of_several_plugins_the_busy_one_is_named),
		cmocka_unit_test(faults_in_init_name_the_plugin),
		cmocka_unit_test(faults_of_our_own_name_nobody),
		cmocka_unit_test(a_clean_end_leaves_no_note),
		cmocka_unit_test(only_a_whole_note_is_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
