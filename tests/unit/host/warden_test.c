/* The warden: nothing outlives the orchestrator, however it ends. */
#include <sys/wait.h>

#include "children.h"

/* Ignores what can be ignored, and has a child in its group. */
#define STUBBORN                                                    \
	SCRIPT("trap '' TERM INT HUP; sleep 1000 & echo child $!; " \
	       "echo pid $$; while :; do sleep 1; done")

static void begin(struct children *children, uint32_t instances)
{
	struct supervisor_entry entry = children_entry("e", STUBBORN);

	entry.instances = instances;
	supervisor_set(children->supervisor, &entry, SUPERVISOR_KEEP,
		       children->now_ms);
	for (uint32_t i = 1; i <= instances; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "e#%u", i);
		children_until(children,
			       children_number(children, name, "pid") != 0);
	}
}

/* The orchestrator of the next test: says which processes there are. */
static _Noreturn void victim(void)
{
	struct children *children = children_create();

	begin(children, 3);
	for (int i = 1; i <= 3; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "e#%d", i);
		(void)printf("%d %d\n",
			     (int)children_number(children, name, "pid"),
			     (int)children_number(children, name, "child"));
	}
	(void)printf("%d 0\n",
		     (int)supervisor_warden_pid(children->supervisor));
	(void)fflush(stdout);
	for (;;) {
		children_turn(children);
	}
}

static void wait_until_gone(pid_t pid)
{
	int64_t end_ns = clock_mono_ns() + CHILDREN_WAIT_NS;

	while (!process_is_gone(pid)) {
		if (clock_mono_ns() > end_ns) {
			fail_msg("process %d is still there", (int)pid);
		}
		(void)poll(NULL, 0, 2);
	}
}

static pid_t start_victim(FILE **ret_output)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	(void)fflush(NULL);
	pid_t pid = fork();

	if (pid == 0) {
		(void)dup2(ends[1], 1);
		(void)execl("/proc/self/exe", "victim", "victim", (char *)NULL);
		_exit(127);
	}
	assert_true(pid > 0);
	(void)close(ends[1]);
	*ret_output = fdopen(ends[0], "r");
	assert_non_null(*ret_output);
	return pid;
}

static void nothing_outlives_a_killed_orchestrator(void **state)
{
	FILE *output;
	int pids[8];
	pid_t pid = start_victim(&output);

	(void)state;
	for (int i = 0; i < 8; i += 2) {
		assert_int_equal(
		    fscanf(output, "%d %d", &pids[i], &pids[i + 1]), 2);
	}
	for (int i = 0; i < 7; i++) {
		assert_true(pids[i] > 1);
		assert_false(process_is_gone(pids[i]));
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	for (int i = 0; i < 7; i++) {
		wait_until_gone(pids[i]);
	}
	(void)fclose(output);
}

/* What a terminal sends reaches it neither way. */
static void signals_do_not_end_it(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct children *children = children_create();

	(void)state;
	assert_int_equal(supervisor_warden_pid(children->supervisor), 0);
	begin(children, 1);
	pid_t warden = supervisor_warden_pid(children->supervisor);
	char path[64];
	unsigned long long ignored = 0;

	assert_int_equal(getsid(warden), warden);
	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)warden);
	/* It begins with that, but perhaps it has not begun. */
	for (int i = 0; i < 4; i++) {
		while (!(ignored & (1ull << (signals[i] - 1)))) {
			FILE *file = fopen(path, "r");
			char line[256];

			assert_non_null(file);
			while (fgets(line, sizeof(line), file)) {
				(void)sscanf(line, "SigIgn: %llx", &ignored);
			}
			(void)fclose(file);
		}
	}
	children_destroy(children);
	assert_true(process_is_gone(warden));
}

static void a_dead_warden_is_replaced(void **state)
{
	struct children *children = children_create();

	(void)state;
	begin(children, 2);
	size_t fds = count_fds();
	pid_t first = supervisor_warden_pid(children->supervisor);

	assert_int_equal(kill(first, SIGKILL), 0);
	children_until(children,
		       supervisor_warden_pid(children->supervisor) == 0);
	/* Not one after the other, if it does not stay. */
	int64_t due_ms = supervisor_next_due_ms(children->supervisor);

	assert_true(due_ms > children->now_ms);
	children->now_ms = due_ms;
	children_until(children,
		       supervisor_warden_pid(children->supervisor) != 0);
	assert_int_equal(count_fds(), fds);
	pid_t second = supervisor_warden_pid(children->supervisor);

	assert_int_not_equal(second, first);
	children_destroy(children);
	assert_true(process_is_gone(second));
}

/* Like the daemon's end: the pipe is closed. The one told is killed, the one
 * taken back is not, and what makes no sense is passed over. */
static void it_kills_what_it_was_told(void **state)
{
	struct buf orders = { 0 };
	pid_t pids[3];
	int ends[2];

	(void)state;
	for (int i = 0; i < 3; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			(void)setsid();
			for (;;) {
				(void)pause();
			}
		}
		while (getpgid(pids[i]) != pids[i]) {
			(void)poll(NULL, 0, 1);
		}
	}
	buf_printf(&orders,
		   "+%d\n+%d\n+%d\n+%d\n-%d\nnonsense\n+0\n-1\n+1\n+-1\n\n"
		   "+99999999999999999999999999999999999999999999\n+%d",
		   (int)pids[0], (int)pids[0], (int)pids[1], (int)pids[2],
		   (int)pids[1], (int)getpid());
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	(void)fflush(NULL);
	pid_t warden = fork();

	if (warden == 0) {
		(void)dup2(ends[0], 0);
		(void)execl("/proc/self/exe", "warden", "warden", (char *)NULL);
		_exit(127);
	}
	(void)close(ends[0]);
	assert_int_equal(write(ends[1], orders.data, orders.len), orders.len);
	(void)close(ends[1]);
	int status = 1;

	assert_int_equal(waitpid(warden, &status, 0), warden);
	assert_int_equal(status, 0);
	wait_until_gone(pids[0]);
	wait_until_gone(pids[2]);
	assert_false(process_is_gone(pids[1]));
	(void)kill(pids[1], SIGKILL);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
	}
	buf_fini(&orders);
}

/* Without a warden everything else works. */
static void one_that_cannot_start_is_no_obstacle(void **state)
{
	static const char *const nothing[] = { "/no/such/warden", NULL };
	struct children *children = children_create();
	struct supervisor_options options = {
		.callbacks = {
			.arg = children,
			.line = children_line,
			.ended = children_ended,
		},
		.warden = nothing,
	};

	(void)state;
	supervisor_destroy(children->supervisor);
	assert_int_equal(
	    supervisor_create(&options, &children->supervisor, NULL), 0);
	begin(children, 1);
	assert_int_equal(supervisor_warden_pid(children->supervisor), 0);
	children_destroy(children);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_outlives_a_killed_orchestrator),
		cmocka_unit_test(signals_do_not_end_it),
		cmocka_unit_test(a_dead_warden_is_replaced),
		cmocka_unit_test(it_kills_what_it_was_told),
		cmocka_unit_test(one_that_cannot_start_is_no_obstacle),
	};

	if (argc > 1 && strcmp(argv[1], "warden") == 0) {
		return warden_main();
	}
	if (argc > 1 && strcmp(argv[1], "victim") == 0) {
		victim();
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
