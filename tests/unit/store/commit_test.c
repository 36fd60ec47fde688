/*
 * Commits on the store's own thread: the next batch is gathered meanwhile, one
 * that failed is kept and tried again alone, the map grows.
 */
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "store/committer.h"
#include "store/handle.h"
#include "support.h"

static char *folder;
static int woken;

static int set_up(void **state)
{
	(void)state;
	folder = test_folder();
	woken = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return woken < 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(woken);
	test_remove(folder);
	return 0;
}

static void wake(void *arg)
{
	uint64_t one = 1;

	(void)!write(*(int *)arg, &one, sizeof(one));
}

static void wait_for_wake(void)
{
	struct pollfd wanted = { .fd = woken, .events = POLLIN };
	uint64_t count;

	assert_int_equal(poll(&wanted, 1, 60000), 1);
	assert_int_equal(read(woken, &count, sizeof(count)), sizeof(count));
}

static struct store *open_store(void)
{
	struct store *store = NULL;

	assert_ok(store_open(folder, &store, &test_err));
	store_on_committed(store, wake, &woken);
	return store;
}

static void put(struct store *store, size_t count)
{
	struct transition_record transition = test_transition();
	struct id run = test_id(1);

	for (size_t i = 0; i < count; i++) {
		store_put_transition(store, &run, &transition);
	}
}

static size_t committed(struct store *store)
{
	struct view *view = view_of_store(store);
	struct id run = test_id(1);
	struct history_list list;

	assert_ok(view_history(view, &run, &list, &test_err));
	size_t len = list.len;

	history_list_fini(&list);
	view_close(view);
	return len;
}

/* No file may get larger than the store is now. */
static struct rlimit forbid_growth(void)
{
	struct rlimit before;
	struct buf path = { 0 };
	struct stat status;

	buf_printf(&path, "%s/data.mdb", folder);
	char *text = buf_take(&path);

	assert_int_equal(stat(text, &status), 0);
	free(text);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	struct rlimit now = {
		.rlim_cur = (rlim_t)status.st_size,
		.rlim_max = before.rlim_max,
	};

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
	return before;
}

static void the_next_batch_is_gathered_meanwhile(void **state)
{
	(void)state;
	struct store *store = open_store();

	put(store, 2);
	int64_t last_ns = store_commit_ns(store);

	store_commit_begin(store);
	put(store, 3);
	wait_for_wake();
	assert_true(store_commit_done(store));
	/* The other thread changes nothing that the caller may look at. */
	assert_int_equal(store_commit_ns(store), last_ns);
	assert_ok(store_commit_end(store, &test_err));
	assert_false(store_commit_done(store));
	assert_int_equal(committed(store), 2);
	assert_false(store_batch_empty(store));
	store_commit_begin(store);
	assert_ok(store_commit_end(store, &test_err));
	assert_int_equal(committed(store), 5);
	assert_true(store_batch_empty(store));
	assert_true(store_commit_ns(store) > 0);
	store_close(store);
}

static void what_was_committed_is_counted(void **state)
{
	(void)state;
	struct store *store = open_store();
	const struct store_totals *totals = store_totals(store);
	struct store_totals first;

	assert_int_equal(totals->commits, 0);
	put(store, 2);
	assert_ok(store_commit(store, &test_err));
	first = *totals;
	assert_int_equal(first.commits, 1);
	assert_true(first.records >= 2);
	assert_true(first.sync_ns > 0 && first.sync_ns <= first.commit_ns);
	/* The same on the other thread; and nothing is no commit. */
	put(store, 4);
	store_commit_begin(store);
	assert_ok(store_commit_end(store, &test_err));
	assert_ok(store_commit(store, &test_err));
	assert_int_equal(totals->commits, 2);
	assert_int_equal(totals->records, 3 * first.records);
	assert_true(totals->commit_ns > first.commit_ns);
	assert_true(totals->sync_ns > first.sync_ns);
	assert_true(store_file_bytes(store) > 0);
	store_close(store);
}

static void sequences_are_those_of_the_batch(void **state)
{
	(void)state;
	struct store *store = open_store();

	put(store, 2);
	store_commit_begin(store);
	put(store, 3);
	assert_ok(store_commit_end(store, &test_err));
	store_close(store);
	/* What was not committed has no numbers. */
	store = open_store();
	assert_int_equal(store_next_sequence(store), 3);
	store_close(store);
}

static void both_ways_of_committing_mix(void **state)
{
	(void)state;
	struct store *store = open_store();

	for (size_t i = 0; i < 20; i++) {
		put(store, 1);
		store_commit_begin(store);
		put(store, 1);
		assert_ok(store_commit_end(store, &test_err));
		assert_ok(store_commit(store, &test_err));
	}
	assert_int_equal(committed(store), 40);
	store_close(store);
}

static void the_map_grows(void **state)
{
	(void)state;
	setenv("TUTTI_STORE_MAP", "65536", 1);
	struct store *store = open_store();

	unsetenv("TUTTI_STORE_MAP");
	put(store, 20000);
	store_commit_begin(store);
	put(store, 20000);
	assert_ok(store_commit_end(store, &test_err));
	assert_int_equal(committed(store), 20000);
	store_commit_begin(store);
	assert_ok(store_commit_end(store, &test_err));
	assert_int_equal(committed(store), 40000);
	store_close(store);
}

static void a_failed_batch_is_tried_again_alone(void **state)
{
	(void)state;
	struct store *store = open_store();

	put(store, 1);
	assert_ok(store_commit(store, &test_err));
	struct rlimit before = forbid_growth();

	put(store, 20000);
	store_commit_begin(store);
	put(store, 1);
	wait_for_wake();
	assert_true(store_commit_end(store, &test_err) < 0);
	assert_non_null(strstr(test_err.msg, "cannot commit"));
	store_commit_begin(store);
	assert_true(store_commit_end(store, &test_err) < 0);
	assert_int_equal(committed(store), 1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	store_commit_begin(store);
	assert_ok(store_commit_end(store, &test_err));
	assert_int_equal(committed(store), 20001);
	assert_false(store_batch_empty(store));
	assert_ok(store_commit(store, &test_err));
	assert_int_equal(committed(store), 20002);
	store_close(store);
}

static void closing_waits(void **state)
{
	(void)state;
	struct store *store = open_store();

	put(store, 10000);
	store_commit_begin(store);
	store_close(store);
	store = open_store();
	assert_int_equal(committed(store), 10000);
	store_close(store);
}

static unsigned flags_of(const struct store *store)
{
	unsigned flags;

	assert_int_equal(mdb_env_get_flags(store->env.mdb, &flags), 0);
	return flags;
}

static void relaxed_leaves_out_the_last_sync(void **state)
{
	(void)state;
	struct store *store = open_store();

	store_set_durability(store, DURABILITY_STRICT);
	assert_false(flags_of(store) & MDB_NOMETASYNC);
	store_set_durability(store, DURABILITY_PIPELINED);
	assert_false(flags_of(store) & MDB_NOMETASYNC);
	store_set_durability(store, DURABILITY_RELAXED);
	assert_true(flags_of(store) & MDB_NOMETASYNC);
	assert_ok(env_reopen(&store->env, &test_err));
	assert_true(flags_of(store) & MDB_NOMETASYNC);
	assert_false(flags_of(store) & MDB_NOSYNC);
	put(store, 1);
	assert_ok(store_commit(store, &test_err));
	assert_int_equal(committed(store), 1);
	store_close(store);
}

/* ---- the committer alone ---- */

struct job {
	atomic_bool may_end;
	int runs;
};

static int work(void *arg)
{
	struct job *job = arg;

	while (!atomic_load(&job->may_end)) {
		(void)usleep(1000);
	}
	return ++job->runs;
}

static void begin(struct committer *committer, struct job *job)
{
	committer_begin(committer, &(struct committer_job){
				       .work = work,
				       .arg = job,
				       .done = wake,
				       .done_arg = &woken,
				   });
}

static void one_job_after_the_other(void **state)
{
	(void)state;
	struct committer *committer = committer_create();
	struct job job = { .runs = 0 };

	assert_non_null(committer);
	begin(committer, &job);
	assert_false(committer_done(committer));
	atomic_store(&job.may_end, true);
	wait_for_wake();
	assert_true(committer_done(committer));
	assert_int_equal(committer_end(committer), 1);
	assert_false(committer_done(committer));
	for (int i = 2; i < 1000; i++) {
		begin(committer, &job);
		assert_int_equal(committer_end(committer), i);
	}
	committer_destroy(committer);
}

static void destroying_waits_for_the_job(void **state)
{
	(void)state;
	struct committer *committer = committer_create();
	struct job job = { .runs = 0 };

	begin(committer, &job);
	atomic_store(&job.may_end, true);
	committer_destroy(committer);
	assert_int_equal(job.runs, 1);
	committer_destroy(committer_create());
	committer_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(the_next_batch_is_gathered_meanwhile),
		TEST(what_was_committed_is_counted),
		TEST(sequences_are_those_of_the_batch),
		TEST(both_ways_of_committing_mix),
		TEST(the_map_grows),
		TEST(a_failed_batch_is_tried_again_alone),
		TEST(closing_waits),
		TEST(relaxed_leaves_out_the_last_sync),
		TEST(one_job_after_the_other),
		TEST(destroying_waits_for_the_job),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
