/*
 * A writer that is killed at any moment: what is found afterwards are whole
 * batches, all that were acknowledged, and a store that goes on. The program
 * starts itself again as that writer.
 */
#include <signal.h>
#include <sys/wait.h>

#include "rounds.h"

#define KILLS 60

/* Commit round after round, a byte to standard output for each. */
static int write_rounds(const char *folder)
{
	struct store *store;

	if (store_open(folder, &store, &test_err)) {
		return 1;
	}
	struct view *view = view_of_store(store);
	int64_t round = round_of_run(view);

	if (round < 0) {
		return 2;
	}
	for (;;) {
		round_put(store, (uint32_t)++round);
		if (store_commit(store, &test_err)) {
			return 3;
		}
		if (write(STDOUT_FILENO, "c", 1) != 1) {
			return 4;
		}
	}
}

static pid_t start_writer(char *folder, int *ret_output)
{
	char *arguments[] = { "/proc/self/exe", "write", folder, NULL };
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	pid_t child = fork();

	if (child == 0) {
		dup2(pipes[1], STDOUT_FILENO);
		close(pipes[0]);
		close(pipes[1]);
		execv(arguments[0], arguments);
		_exit(127);
	}
	close(pipes[1]);
	*ret_output = pipes[0];
	return child;
}

/* Let it commit some times, then kill it somewhere in the next one. */
static int64_t let_it_write(char *folder, unsigned seed)
{
	unsigned commits = 1 + seed % 7;
	unsigned spins = seed % 11 * 20000;
	int64_t acknowledged = 0;
	int output;
	char byte;
	pid_t child = start_writer(folder, &output);

	for (unsigned i = 0; i < commits; i++) {
		assert_int_equal(read(output, &byte, 1), 1);
		acknowledged++;
	}
	for (volatile unsigned i = 0; i < spins; i++) {
	}
	assert_int_equal(kill(child, SIGKILL), 0);
	int status = 0;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	while (read(output, &byte, 1) == 1) {
		acknowledged++;
	}
	close(output);
	return acknowledged;
}

static int64_t check_store(const char *folder)
{
	struct view *view;

	assert_ok(view_open(folder, &view, &test_err));
	int64_t round = round_of_run(view);

	assert_true(round >= 0);
	assert_int_equal(round_of_history(view), round);
	assert_true(round_is_listed(view, (uint32_t)round));
	struct view_owner owner;

	assert_ok(view_owner(view, &owner, &test_err));
	assert_false(owner.alive);
	view_close(view);
	return round;
}

static void killed_writer(void **state)
{
	(void)state;
	char *folder = test_folder();
	int64_t before = 0;
	unsigned seed = 12345;

	/* So that the map grows under it, too. */
	setenv("TUTTI_STORE_MAP", "65536", 1);
	for (int i = 0; i < KILLS; i++) {
		seed = seed * 1103515245u + 12345u;
		int64_t acknowledged = let_it_write(folder, seed >> 16);
		int64_t after = check_store(folder);

		assert_true(after >= before + acknowledged);
		assert_true(after <= before + acknowledged + 1);
		before = after;
	}
	unsetenv("TUTTI_STORE_MAP");
	assert_true(before >= KILLS);
	test_remove(folder);
}

/* Killed while the store is being made. */
static void killed_creator(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		char *folder = test_folder();
		int output;
		pid_t child = start_writer(folder, &output);

		for (volatile unsigned spin = 0; spin < i * 100000; spin++) {
		}
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, NULL, 0), child);
		close(output);
		struct store *store;

		assert_ok(store_open(folder, &store, &test_err));
		struct view *view = view_of_store(store);
		int64_t round = round_of_run(view);

		assert_true(round >= 0);
		round_put(store, (uint32_t)round + 1);
		assert_ok(store_commit(store, &test_err));
		assert_int_equal(round_of_history(view), round + 1);
		view_close(view);
		store_close(store);
		test_remove(folder);
	}
}

int main(int count, char **arguments)
{
	if (count == 3 && strcmp(arguments[1], "write") == 0) {
		return write_rounds(arguments[2]);
	}
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_writer),
		cmocka_unit_test(killed_creator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
