/*
 * Copies of a store and of single runs: backups, exported files, imports, and
 * compacting, which may be killed at any moment.
 */
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "looking.h"
#include "store/audit.h"
#include "store/upkeep.h"

#define KILLS       40
#define TRANSITIONS 30

static char path_buffer[256];

static const char *in_folder(const char *name)
{
	(void)snprintf(path_buffer, sizeof(path_buffer), "%s/%s", folder, name);
	return path_buffer;
}

static void complain(void *arg, const struct id *run, const char *what)
{
	(void)arg;
	print_error("%s: %s\n", run ? "run" : "store", what);
}

static uint64_t check_runs(struct view *of)
{
	struct audit audit = { .found = complain };

	assert_ok(audit_store(&audit, of, &test_err));
	assert_int_equal(audit.findings, 0);
	return audit.runs;
}

/* A store of its own in the folder, to import into. */
static struct store *open_other(void)
{
	struct store *other;

	assert_ok(store_open(in_folder("other"), &other, &test_err));
	return other;
}

static struct run_record put_ended_run(unsigned n, const char *uid,
				       uint32_t tasks)
{
	struct definition *definition = test_definition(1);
	struct run_record run = test_run(n);
	struct activity_record activity = { .state = GROUP_SUCCEEDED,
					    .visit = 1 };

	for (int p = 0; p < PHASE_KINDS; p++) {
		activity.phases[p].opened = true;
		activity.phases[p].mandatory_done = true;
		activity.phases[p].state = GROUP_SUCCEEDED;
	}
	activity.phases[PHASE_PARALLEL].expected = tasks;
	activity.phases[PHASE_PARALLEL].finished = tasks;
	memcpy(run.version, definition->hash, DEFINITION_HASH_SIZE);
	run.uid = slice_of(uid);
	run.state = GROUP_SUCCEEDED;
	run.task_count = tasks;
	run.activity_count = 1;
	run.ended_us = 50;
	store_put_definition(store, definition);
	store_put_run(store, &run, -1);
	store_put_activity(store, &run.id, &activity);
	put_document(&run.id, DOCUMENT_ATTRIBUTES, 7);
	put_document(&run.id, DOCUMENT_STASH, 8);
	for (uint32_t i = 0; i < tasks; i++) {
		struct task_record task = test_task(i);

		task.phase = PHASE_PARALLEL;
		task.state = TASK_SUCCEEDED;
		store_put_task(store, &run.id, &task);
		put_output(&run.id, i, 100 + i);
	}
	for (int i = 0; i < TRANSITIONS; i++) {
		struct transition_record transition = test_transition();

		transition.time_us = i;
		store_put_transition(store, &run.id, &transition);
	}
	definition_unref(definition);
	return run;
}

static void same_run(struct view *a, struct view *b, const struct id *id)
{
	struct run_view *one;
	struct run_view *two;
	struct history_list first;
	struct history_list second;

	assert_ok(view_run(a, id, &one, &test_err));
	assert_ok(view_run(b, id, &two, &test_err));
	assert_memory_equal(one->run.version, two->run.version,
			    DEFINITION_HASH_SIZE);
	assert_int_equal(one->run.state, two->run.state);
	assert_int_equal(one->run.ended_us, two->run.ended_us);
	assert_true(slice_equal(one->run.uid, two->run.uid));
	assert_int_equal(one->task_count, two->task_count);
	for (size_t i = 0; i < one->task_count; i++) {
		assert_int_equal(one->tasks[i].state, two->tasks[i].state);
		assert_true(value_equal(&one->outputs[i], &two->outputs[i]));
	}
	assert_true(value_equal(&one->attributes, &two->attributes));
	assert_true(value_equal(&one->input, &two->input));
	assert_true(value_equal(&one->stash, &two->stash));
	assert_ok(view_history(a, id, &first, &test_err));
	assert_ok(view_history(b, id, &second, &test_err));
	assert_int_equal(first.len, second.len);
	for (size_t i = 0; i < first.len; i++) {
		assert_int_equal(first.transitions[i].time_us,
				 second.transitions[i].time_us);
	}
	history_list_fini(&first);
	history_list_fini(&second);
	run_view_destroy(one);
	run_view_destroy(two);
}

/* ---- stat ---- */

static uint64_t entries(const struct store_stat *stat, const char *table)
{
	for (size_t i = 0; i < stat->table_count; i++) {
		if (!strcmp(stat->tables[i].name, table)) {
			return stat->tables[i].entries;
		}
	}
	fail_msg("no table %s", table);
	return 0;
}

static void numbers(void **state)
{
	(void)state;
	struct store_stat seen;
	struct stat status;

	(void)put_ended_run(1, "a", 3);
	(void)put_ended_run(2, "b", 4);
	commit();
	assert_ok(view_stat(view, &seen, &test_err));
	assert_int_equal(seen.schema, STORE_SCHEMA);
	assert_int_equal(entries(&seen, "runs"), 2);
	assert_int_equal(entries(&seen, "tree"),
			 2 * (1 + 2) + 2 * 7 + 2 * TRANSITIONS);
	assert_int_equal(entries(&seen, "defs"), 1);
	assert_int_equal(seen.transitions, 2 * TRANSITIONS);
	assert_int_equal(seen.readers, 1);
	assert_true(seen.pages_used > 10);
	assert_true(seen.pages_free > 0);
	assert_true(seen.map_bytes >= seen.pages_used * seen.page_bytes);
	assert_int_equal(stat(in_folder("data.mdb"), &status), 0);
	assert_int_equal(seen.file_bytes, status.st_size);
	assert_true(seen.written_us >= seen.created_us);
}

/* ---- backup ---- */

static void backups(void **state)
{
	(void)state;
	struct run_record run = put_ended_run(1, "a", 50);
	struct view *copy;
	struct stat whole;
	struct stat compact;

	(void)put_run(2);
	commit();
	assert_ok(store_delete_run(store, &run.id, &test_err));
	while (store_sweeping(store)) {
		assert_ok(store_sweep(store, 1000, &test_err));
		commit();
	}
	run = put_ended_run(3, "c", 5);
	commit();
	assert_ok(
	    view_backup(view, in_folder("whole"), BACKUP_AS_IS, &test_err));
	assert_ok(
	    view_backup(view, in_folder("compact"), BACKUP_COMPACT, &test_err));
	assert_int_equal(
	    view_backup(view, in_folder("whole"), BACKUP_AS_IS, &test_err),
	    E_CONFLICT);
	assert_int_equal(stat(in_folder("whole/data.mdb"), &whole), 0);
	assert_int_equal(stat(in_folder("compact/data.mdb"), &compact), 0);
	assert_true(compact.st_size < whole.st_size);
	assert_ok(view_open(in_folder("whole"), &copy, &test_err));
	same_run(view, copy, &run.id);
	view_close(copy);
	assert_ok(view_open(in_folder("compact"), &copy, &test_err));
	same_run(view, copy, &run.id);
	view_close(copy);
	assert_int_equal(
	    view_backup(view, "/no/such/place", BACKUP_AS_IS, &test_err),
	    E_NOT_FOUND);
}

/* ---- export and import ---- */

static void export_one(const struct id *run, const char *name)
{
	assert_ok(
	    view_export(view, run, in_folder(name), FILE_KEEP, &test_err));
}

static int import_pieces(struct store *into, const char *name, size_t rows)
{
	struct import *import;
	int rc = import_open(into, in_folder(name), &import, &test_err);

	if (rc) {
		return rc;
	}
	do {
		rc = import_step(import, rows, &test_err);
		assert_ok(store_commit(into, &test_err));
	} while (rc > 0);
	import_close(import);
	return rc;
}

static void there_and_back(void **state)
{
	(void)state;
	static const size_t pieces[] = { 1, 2, 7, 1000 };

	for (unsigned i = 0; i < 4; i++) {
		char file[16];
		char uid[16];

		(void)snprintf(file, sizeof(file), "run%u", i);
		(void)snprintf(uid, sizeof(uid), "uid%u", i);
		struct run_record run = put_ended_run(i + 1, uid, 5);
		struct view *other_view;

		commit();
		export_one(&run.id, file);
		assert_ok(view_open(in_folder(file), &other_view, &test_err));
		assert_int_equal(check_runs(other_view), 1);
		same_run(view, other_view, &run.id);
		view_close(other_view);
		struct store *other = open_other();

		assert_ok(import_pieces(other, file, pieces[i]));
		other_view = view_of_store(other);
		same_run(view, other_view, &run.id);
		assert_int_equal(check_runs(other_view), i + 1);
		view_close(other_view);
		store_close(other);
	}
}

static void read_only_file(void **state)
{
	(void)state;
	struct run_record run = put_ended_run(1, "a", 2);
	struct view *of;

	commit();
	assert_int_equal(mkdir(in_folder("media"), 0700), 0);
	export_one(&run.id, "media/run");
	assert_int_equal(chmod(in_folder("media/run"), 0400), 0);
	assert_int_equal(chmod(in_folder("media"), 0500), 0);
	assert_ok(view_open(in_folder("media/run"), &of, &test_err));
	same_run(view, of, &run.id);
	struct view_owner owner;

	assert_ok(view_owner(of, &owner, &test_err));
	assert_true(owner.file);
	assert_false(owner.alive);
	view_close(of);
	assert_int_not_equal(access(in_folder("media/run-lock"), F_OK), 0);
	assert_int_equal(chmod(in_folder("media"), 0700), 0);
}

static void files_are_kept(void **state)
{
	(void)state;
	struct run_record one = put_ended_run(1, "a", 2);
	struct run_record two = put_ended_run(2, "b", 2);
	struct id unknown = test_id(99);
	struct view *of;

	commit();
	export_one(&one.id, "file");
	assert_int_equal(
	    view_export(view, &two.id, in_folder("file"), FILE_KEEP, &test_err),
	    E_CONFLICT);
	assert_int_equal(view_export(view, &unknown, in_folder("file"),
				     FILE_REPLACE, &test_err),
			 E_NOT_FOUND);
	assert_ok(view_open(in_folder("file"), &of, &test_err));
	same_run(view, of, &one.id);
	view_close(of);
	assert_ok(view_export(view, &two.id, in_folder("file"), FILE_REPLACE,
			      &test_err));
	assert_ok(view_open(in_folder("file"), &of, &test_err));
	same_run(view, of, &two.id);
	view_close(of);
	assert_int_equal(view_export(view, &two.id, "/no/such/place/file",
				     FILE_KEEP, &test_err),
			 E_NOT_FOUND);
}

static void refusals(void **state)
{
	(void)state;
	struct run_record run = put_ended_run(1, "a", 2);
	struct run_record active = put_run(2);

	commit();
	export_one(&run.id, "run");
	export_one(&active.id, "active");
	struct store *other = open_other();
	struct import *import;

	assert_int_equal(
	    import_open(other, in_folder("active"), &import, &test_err),
	    E_INVALID);
	assert_non_null(strstr(test_err.msg, "done twice"));
	/* Not one run. */
	view_close(view);
	store_close(store);
	view = NULL;
	store = NULL;
	assert_int_equal(import_open(other, folder, &import, &test_err),
			 E_INVALID);
	assert_non_null(strstr(test_err.msg, "more than one run"));
	assert_ok(import_pieces(other, "run", 100));
	assert_int_equal(import_pieces(other, "run", 100), E_CONFLICT);
	assert_non_null(strstr(test_err.msg, "already"));
	/* Another run of the same uid. */
	struct run_record taken = test_run(50);

	assert_ok(store_delete_run(other, &run.id, &test_err));
	taken.uid = SLICE("a");
	store_put_run(other, &taken, -1);
	assert_ok(store_commit(other, &test_err));
	assert_int_equal(import_pieces(other, "run", 100), E_CONFLICT);
	while (store_sweeping(other)) {
		assert_ok(store_sweep(other, 1000, &test_err));
		assert_ok(store_commit(other, &test_err));
	}
	assert_int_equal(import_pieces(other, "run", 100), E_CONFLICT);
	assert_non_null(strstr(test_err.msg, "uid 'a'"));
	store_close(other);
}

/* The process ends in the middle: nothing is there, and nothing is left. */
static void half_an_import(void **state)
{
	(void)state;
	struct run_record run = put_ended_run(1, "a", 20);
	struct import *import;
	struct run_view *found;

	commit();
	export_one(&run.id, "run");
	for (size_t rows = 1; rows < 55; rows += 6) {
		struct store *other = open_other();

		assert_ok(
		    import_open(other, in_folder("run"), &import, &test_err));
		assert_int_equal(import_step(import, rows, &test_err), 1);
		assert_ok(store_commit(other, &test_err));
		import_close(import);
		store_close(other);
		other = open_other();
		struct view *of = view_of_store(other);

		assert_true(store_sweeping(other));
		assert_int_equal(view_run(of, &run.id, &found, &test_err),
				 E_NOT_FOUND);
		while (store_sweeping(other)) {
			assert_ok(store_sweep(other, 1000, &test_err));
			assert_ok(store_commit(other, &test_err));
		}
		assert_int_equal(check_runs(of), 0);
		struct store_stat stat;

		assert_ok(view_stat(of, &stat, &test_err));
		assert_int_equal(entries(&stat, "tree"), 0);
		view_close(of);
		store_close(other);
	}
}

/* ---- compact ---- */

static void is_compacted(void **state)
{
	(void)state;
	struct compaction done;
	struct run_record run = put_ended_run(1, "a", 200);
	struct definition *unused = test_definition(7);

	(void)put_ended_run(2, "b", 5);
	store_put_definition(store, unused);
	definition_unref(unused);
	commit();
	assert_ok(store_delete_run(store, &run.id, &test_err));
	commit();
	assert_int_equal(store_compact(folder, &done, &test_err), E_BUSY);
	view_close(view);
	store_close(store);
	view = NULL;
	store = NULL;
	assert_ok(store_compact(folder, &done, &test_err));
	assert_int_equal(done.definitions, 1);
	assert_true(done.after_bytes < done.before_bytes);
	assert_ok(store_open(folder, &store, &test_err));
	assert_false(store_sweeping(store));
	assert_int_equal(store_next_sequence(store), 2 * TRANSITIONS + 1);
	view = view_of_store(store);
	assert_int_equal(check_runs(view), 1);
	/* It goes on as a store. */
	(void)put_ended_run(3, "c", 3);
	commit();
	assert_int_equal(check_runs(view), 2);
	assert_int_equal(store_compact(in_folder("nothing"), &done, &test_err),
			 E_NOT_FOUND);
	assert_int_not_equal(access(in_folder("nothing"), F_OK), 0);
}

static void somebody_looks(void **state)
{
	(void)state;
	struct compaction done;

	(void)put_ended_run(1, "a", 5);
	commit();
	view_close(view);
	store_close(store);
	store = NULL;
	view = NULL;
	/* In another process: locks of one's own are none. */
	int ready[2];

	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();

	if (child == 0) {
		struct view *of;

		if (view_open(folder, &of, NULL) == 0) {
			(void)!write(ready[1], "x", 1);
		}
		(void)pause();
		_exit(0);
	}
	char byte;

	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(store_compact(folder, &done, &test_err), E_BUSY);
	assert_non_null(strstr(test_err.msg, "looking"));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_ok(store_compact(folder, &done, &test_err));
	close(ready[0]);
	close(ready[1]);
}

static void compact_and_die(unsigned spins)
{
	pid_t child = fork();

	if (child == 0) {
		struct compaction done;

		_exit(store_compact(folder, &done, NULL) ? 1 : 0);
	}
	for (volatile unsigned i = 0; i < spins; i++) {
	}
	(void)kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

/* The old file or the new one, whenever it is killed. */
static void killed(void **state)
{
	(void)state;
	unsigned seed = 4711;

	for (unsigned i = 0; i < 20; i++) {
		char uid[16];

		(void)snprintf(uid, sizeof(uid), "uid%u", i);
		(void)put_ended_run(i + 1, uid, 40);
	}
	commit();
	view_close(view);
	for (unsigned i = 0; i < KILLS; i++) {
		seed = seed * 1103515245u + 12345u;
		store_close(store);
		store = NULL;
		compact_and_die((seed >> 8) % 8000000);
		assert_ok(store_open(folder, &store, &test_err));
		view = view_of_store(store);
		assert_int_equal(check_runs(view), 20);
		store_put_pause(store, SLICE(""), SLICE("x"), i);
		assert_ok(store_commit(store, &test_err));
		view_close(view);
	}
	view = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(numbers),        TEST(backups),
		TEST(there_and_back), TEST(read_only_file),
		TEST(files_are_kept), TEST(refusals),
		TEST(half_an_import), TEST(is_compacted),
		TEST(somebody_looks), TEST(killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
