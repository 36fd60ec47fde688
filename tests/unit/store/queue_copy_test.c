/*
 * Messages in copies of a store: what leaves with a run, and what comes in.
 */
#include "dump.h"
#include "queued.h"
#include "store/upkeep.h"

static char path_buffer[256];

static const char *in_folder(const char *name)
{
	(void)snprintf(path_buffer, sizeof(path_buffer), "%s/%s", folder, name);
	return path_buffer;
}

static void export_run(const struct id *run, const char *name)
{
	assert_ok(
	    view_export(view, run, in_folder(name), FILE_KEEP, &test_err));
}

static struct view *open_file(const char *name)
{
	struct view *of;

	assert_ok(view_open(in_folder(name), &of, &test_err));
	return of;
}

struct seen {
	struct message_record last; /* its texts are gone */
	char line[256];
};

static int note_message(void *arg, const struct message_record *message)
{
	struct seen *seen = arg;
	size_t len = strlen(seen->line);

	seen->last = *message;
	(void)snprintf(
	    seen->line + len, sizeof(seen->line) - len, "%.*s %u %s '%.*s'\n",
	    SLICE_ARG(message->queue), (unsigned)message->task,
	    message_state_name(message->state), SLICE_ARG(message->error));
	return 0;
}

static struct seen messages_of(struct view *of)
{
	struct seen seen = { .line = "" };

	assert_ok(view_each_message(of, NULL, note_message, &seen, &test_err));
	return seen;
}

static int note_queue(void *arg, const struct queue_record *queue)
{
	struct buf *names = arg;

	buf_put_byte(names, ' ');
	buf_put_slice(names, queue->name);
	return 0;
}

static void check_queues(struct view *of, const char *want)
{
	struct buf names = { 0 };

	assert_ok(view_each_queue(of, note_queue, &names, &test_err));
	assert_slice(buf_slice(&names), want);
	buf_fini(&names);
}

static void check_part(struct view *of, const struct id *run,
		       struct slice bytes)
{
	unsigned char hash[DEFINITION_HASH_SIZE];
	struct blob *part;

	definition_hash(bytes, hash);
	assert_ok(view_part(of, run, hash, &part, &test_err));
	assert_true(slice_equal(blob_slice(part), bytes));
	blob_unref(part);
}

static void messages_leave_with_their_run(void **state)
{
	(void)state;
	struct run_record run = put_queued_run(1);

	(void)put_dead_run(2);
	put_queue("another");
	commit();
	export_run(&run.id, "run");
	struct view *of = open_file("run");

	assert_sound(of, 1);
	assert_string_equal(messages_of(of).line, "ocr 0 waiting ''\n"
						  "ocr 1 leased ''\n"
						  "ocr 2 dead 'exit 3'\n");
	check_queues(of, " ocr");
	check_part(of, &run.id, QUEUED_STASH);
	check_part(of, &run.id, QUEUED_WITH);
	view_close(of);
}

static struct store *open_other(void)
{
	struct store *other;

	assert_ok(store_open(in_folder("other"), &other, &test_err));
	return other;
}

static int import_file(struct store *into, const char *name, size_t rows)
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

static uint64_t entries(struct view *of, enum table table)
{
	struct store_stat stat;

	assert_ok(view_stat(of, &stat, &test_err));
	for (size_t i = 0; i < stat.table_count; i++) {
		if (!strcmp(stat.tables[i].name, table_name(table))) {
			return stat.tables[i].entries;
		}
	}
	fail_msg("no table %s", table_name(table));
	return 0;
}

/* The run comes in, as one that can be retried; its dead letter does not. */
static void messages_stay_in_the_file(void **state)
{
	(void)state;
	struct run_record run = put_dead_run(1);
	struct store *other = open_other();
	struct view *of = view_of_store(other);
	struct run_view *found;

	export_run(&run.id, "run");
	assert_ok(import_file(other, "run", 3));
	assert_ok(view_run(of, &run.id, &found, &test_err));
	assert_slice(found->tasks[0].queue, "ocr");
	run_view_destroy(found);
	assert_int_equal(entries(of, TABLE_MESSAGES), 0);
	assert_int_equal(entries(of, TABLE_PARTS), 0);
	assert_int_equal(entries(of, TABLE_QUEUES), 0);
	assert_sound(of, 1);
	view_close(of);
	store_close(other);
}

/* A store that is too old to have messages is only read. */
static void runs_leave_an_old_store(void **state)
{
	(void)state;
	struct view_query query = { 0 };
	struct run_list list;
	char *old = test_folder();
	struct view *of;

	dump_load("schema3.dump", old);
	assert_ok(view_open(old, &of, &test_err));
	assert_ok(view_list(of, &query, &list, &test_err));
	assert_true(list.len > 0);
	for (size_t i = 0; i < list.len; i++) {
		struct view *file;

		assert_ok(view_export(of, &list.runs[i].id, in_folder("run"),
				      FILE_REPLACE, &test_err));
		file = open_file("run");
		assert_sound(file, 1);
		assert_int_equal(entries(file, TABLE_MESSAGES), 0);
		view_close(file);
	}
	run_list_fini(&list);
	view_close(of);
	test_remove(old);
}

static void numbers(void **state)
{
	(void)state;
	(void)put_queued_run(1);
	assert_int_equal(entries(view, TABLE_QUEUES), 1);
	assert_int_equal(entries(view, TABLE_MESSAGES), QUEUED_TASKS);
	assert_int_equal(entries(view, TABLE_PARTS), 2);
}

static void other_copies(void **state)
{
	(void)state;
	struct compaction done;

	(void)put_queued_run(1);
	struct seen seen = messages_of(view);

	assert_ok(
	    view_backup(view, in_folder("copy"), BACKUP_AS_IS, &test_err));
	struct view *of = open_file("copy");

	assert_sound(of, 1);
	assert_string_equal(messages_of(of).line, seen.line);
	view_close(of);
	view_close(view);
	store_close(store);
	view = NULL;
	store = NULL;
	assert_ok(store_compact(folder, &done, &test_err));
	assert_ok(store_open(folder, &store, &test_err));
	view = view_of_store(store);
	assert_sound(view, 1);
	assert_string_equal(messages_of(view).line, seen.line);
	check_queues(view, " ocr");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, down)
		TEST(messages_leave_with_their_run),
		TEST(messages_stay_in_the_file),
		TEST(runs_leave_an_old_store),
		TEST(numbers),
		TEST(other_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
