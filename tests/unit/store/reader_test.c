/*
 * Other processes that look at the store while it is written: they see whole
 * batches, never hold up the writer, and follow when the map grows. The
 * program starts itself again as such a reader.
 */
#include <signal.h>
#include <sys/wait.h>

#include "rounds.h"

#define READERS 3
#define LOOKS   60 /* different rounds each reader has to see */

/* One look with `view`: the round, or -1. */
static int64_t look(struct view *view, int64_t before)
{
	struct view_owner owner;
	int64_t round = round_of_run(view);
	int64_t history = round_of_history(view);

	/* Each of these is a snapshot of its own. */
	if (round < before || history < round ||
	    view_owner(view, &owner, &test_err) || !owner.alive ||
	    owner.pid != getppid()) {
		return -1;
	}
	return history;
}

/* A byte to standard output for every new round that is seen. */
static int read_rounds(const char *folder)
{
	struct view *view = NULL;
	int64_t before = 0;

	for (unsigned looks = 0;; looks++) {
		/* As a daemon's web page would, and as commands do. */
		if (looks % 8 == 0) {
			view_close(view);
			if (view_open(folder, &view, &test_err)) {
				fprintf(stderr, "view_open: %s\n",
					test_err.msg);
				return 1;
			}
		}
		int64_t round = look(view, before);

		if (round < 0) {
			fprintf(stderr, "look: %s\n", test_err.msg);
			return 2;
		}
		if (round > before && write(STDOUT_FILENO, "r", 1) != 1) {
			return 3;
		}
		before = round;
	}
}

struct reader {
	pid_t pid;
	int output;
	unsigned seen;
};

static struct reader start_reader(char *folder)
{
	char *arguments[] = { "/proc/self/exe", "read", folder, NULL };
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
	return (struct reader){ .pid = child, .output = pipes[0] };
}

/* The writer waits until this reader has seen something new. */
static void await_reader(struct reader *reader)
{
	char byte;

	assert_int_equal(read(reader->output, &byte, 1), 1);
	reader->seen++;
}

static void end_reader(struct reader *reader)
{
	int status = 0;

	assert_int_equal(kill(reader->pid, SIGKILL), 0);
	assert_int_equal(waitpid(reader->pid, &status, 0), reader->pid);
	if (WIFEXITED(status)) {
		fail_msg("a reader ended by itself with %d",
			 WEXITSTATUS(status));
	}
	close(reader->output);
}

static void readers_see_whole_rounds(void **state)
{
	(void)state;
	struct reader readers[READERS];
	char *folder = test_folder();
	struct store *store;
	uint32_t round = 0;

	setenv("TUTTI_STORE_MAP", "65536", 1);
	assert_ok(store_open(folder, &store, &test_err));
	unsetenv("TUTTI_STORE_MAP");
	for (int i = 0; i < READERS; i++) {
		readers[i] = start_reader(folder);
	}
	for (int looks = 0; looks < LOOKS; looks++) {
		/* Some commits that no reader waits for, then one they do. */
		for (int i = 0; i < 5; i++) {
			round_put(store, ++round);
			assert_ok(store_commit(store, &test_err));
		}
		await_reader(&readers[looks % READERS]);
	}
	for (int i = 0; i < READERS; i++) {
		while (readers[i].seen < LOOKS / READERS) {
			await_reader(&readers[i]);
		}
		end_reader(&readers[i]);
	}
	store_close(store);
	test_remove(folder);
}

/* Readers that were killed leave nothing that keeps pages from being used. */
static void killed_readers_do_not_fill_the_store(void **state)
{
	(void)state;
	char *folder = test_folder();
	struct store *store;
	uint32_t round = 0;

	assert_ok(store_open(folder, &store, &test_err));
	for (int i = 0; i < 20; i++) {
		struct reader reader = start_reader(folder);

		round_put(store, ++round);
		assert_ok(store_commit(store, &test_err));
		await_reader(&reader);
		end_reader(&reader);
	}
	store_close(store);
	assert_ok(store_open(folder, &store, &test_err));
	struct view *view = view_of_store(store);

	assert_int_equal(round_of_history(view), round);
	view_close(view);
	store_close(store);
	test_remove(folder);
}

int main(int count, char **arguments)
{
	if (count == 3 && strcmp(arguments[1], "read") == 0) {
		return read_rounds(arguments[2]);
	}
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readers_see_whole_rounds),
		cmocka_unit_test(killed_readers_do_not_fill_the_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
