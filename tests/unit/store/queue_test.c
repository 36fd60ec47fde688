/*
 * Queues, messages and their documents: put, looked at, deleted, damaged.
 */
#include <lmdb.h>

#include "looking.h"
#include "store/handle.h"
#include "store/rows.h"

/* What the calls of view_each_*() have seen, as one line. */
struct seen {
	char text[512];
	int stop; /* what to return once `after` were seen */
	int after;
};

static int note(struct seen *seen, struct slice name, unsigned number)
{
	size_t len = strlen(seen->text);

	(void)snprintf(seen->text + len, sizeof(seen->text) - len, "%.*s:%u ",
		       SLICE_ARG(name), number);
	return --seen->after == 0 ? seen->stop : 0;
}

static int note_queue(void *arg, const struct queue_record *queue)
{
	return note(arg, queue->name, (unsigned)queue->paused_us);
}

static int note_message(void *arg, const struct message_record *message)
{
	return note(arg, message->queue, message->task);
}

static void check_queues(const char *want)
{
	struct seen seen = { .text = "" };

	assert_ok(view_each_queue(view, note_queue, &seen, &test_err));
	assert_string_equal(seen.text, want);
}

static void check_messages(const struct id *run, const char *want)
{
	struct seen seen = { .text = "" };

	assert_ok(view_each_message(view, run, note_message, &seen, &test_err));
	assert_string_equal(seen.text, want);
}

static void put_queue(const char *name, int64_t paused_us)
{
	struct queue_record queue = {
		.name = slice_of(name),
		.plugin = SLICE("scanner"),
		.policy = SLICE("{}"),
		.paused_us = paused_us,
	};

	store_put_queue(store, &queue);
}

static void put_message(unsigned run, uint32_t task, const char *queue)
{
	struct message_record message = {
		.run = test_id(run),
		.task = task,
		.queue = slice_of(queue),
		.plugin = SLICE("scanner"),
	};

	store_put_message(store, &message);
}

static void queues_come_and_go(void **state)
{
	(void)state;
	commit();
	put_queue("ocr", 0);
	put_queue("mail", 5);
	check_queues("");
	commit();
	check_queues("mail:5 ocr:0 ");
	put_queue("ocr", 7);
	store_delete_queue(store, SLICE("mail"));
	store_delete_queue(store, SLICE("there never was"));
	check_queues("mail:5 ocr:0 ");
	commit();
	check_queues("ocr:7 ");
}

static void messages_come_and_go(void **state)
{
	(void)state;
	struct id first = test_id(1);
	struct id second = test_id(2);

	commit();
	put_message(2, 0, "ocr");
	put_message(1, 300, "ocr");
	put_message(1, 2, "mail");
	check_messages(NULL, "");
	commit();
	check_messages(NULL, "mail:2 ocr:300 ocr:0 ");
	check_messages(&first, "mail:2 ocr:300 ");
	check_messages(&second, "ocr:0 ");
	put_message(1, 2, "ocr");
	store_delete_message(store, &first, 300);
	store_delete_message(store, &first, 301);
	commit();
	check_messages(NULL, "ocr:2 ocr:0 ");
}

static void who_looks_can_stop(void **state)
{
	(void)state;
	struct seen seen = { .stop = 42, .after = 2 };

	put_message(1, 0, "ocr");
	put_message(1, 1, "ocr");
	put_message(1, 2, "ocr");
	put_queue("a", 0);
	put_queue("b", 0);
	commit();
	assert_int_equal(
	    view_each_message(view, NULL, note_message, &seen, &test_err), 42);
	assert_string_equal(seen.text, "ocr:0 ocr:1 ");
	seen = (struct seen){ .stop = -7, .after = 1 };
	assert_int_equal(view_each_queue(view, note_queue, &seen, &test_err),
			 -7);
	assert_string_equal(seen.text, "a:0 ");
}

static void check_no_part(const struct id *run, const unsigned char *hash)
{
	struct blob *part = NULL;

	assert_int_equal(view_part(view, run, hash, &part, &test_err),
			 E_NOT_FOUND);
	assert_null(part);
}

static void parts_come_and_go(void **state)
{
	(void)state;
	static const unsigned char hash[DEFINITION_HASH_SIZE] = { 1, 2, 3 };
	static const unsigned char other[DEFINITION_HASH_SIZE] = { 1, 2, 4 };
	struct id run = test_id(1);
	struct id next = test_id(2);
	struct blob *part;

	commit();
	store_put_part(store, &run, hash, SLICE("\x81\xa1n\x05"));
	check_no_part(&run, hash);
	commit();
	assert_ok(view_part(view, &run, hash, &part, &test_err));
	assert_slice(blob_slice(part), "\x81\xa1n\x05");
	blob_unref(part);
	check_no_part(&run, other);
	check_no_part(&next, hash);
	assert_non_null(strstr(test_err.msg, "parts/0"));
	store_delete_part(store, &run, hash);
	store_delete_part(store, &run, other);
	commit();
	check_no_part(&run, hash);
}

static void of_deleted_runs_not_seen(void **state)
{
	(void)state;
	struct run_record run = put_run(1);
	struct run_record ended = run;

	ended.state = GROUP_FAILED;
	store_put_run(store, &ended, (int)run.state);
	put_message(1, 0, "ocr");
	put_message(2, 1, "ocr");
	commit();
	check_messages(NULL, "ocr:0 ocr:1 ");
	assert_ok(store_delete_run(store, &run.id, &test_err));
	check_messages(NULL, "ocr:1 ");
	commit();
	check_messages(NULL, "ocr:1 ");
	check_messages(&run.id, "");
	view_close(view);
	store_close(store);
	store = NULL;
	assert_ok(view_open(folder, &view, &test_err));
	check_messages(NULL, "ocr:1 ");
}

/* ---- damage ---- */

struct damage {
	enum table table;
	struct slice key;
	struct slice value;
};

static int do_damage(struct env *env, MDB_txn *txn, void *arg)
{
	struct damage *damage = arg;
	MDB_val key = val_of(damage->key);
	MDB_val value = val_of(damage->value);

	return mdb_put(txn, env->tables[damage->table], &key, &value, 0);
}

static void damage_store(enum table table, struct key key, struct slice value)
{
	struct damage damage = {
		.table = table,
		.key = key_slice(&key),
		.value = value,
	};

	commit();
	assert_ok(env_write(&store->env, do_damage, &damage));
}

static void check_sentence(int rc, const char *sentence)
{
	assert_int_equal(rc, E_CORRUPT);
	if (!strstr(test_err.msg, sentence)) {
		fail_msg("'%s' is not in '%s'", sentence, test_err.msg);
	}
}

static void damaged_queue(void **state)
{
	(void)state;
	struct seen seen = { .text = "" };

	put_queue("a", 0);
	put_queue("z", 0);
	damage_store(TABLE_QUEUES, key_text(SLICE("ocr")), SLICE("\x01no"));
	check_sentence(view_each_queue(view, note_queue, &seen, &test_err),
		       "store: queues/ocr is damaged");
	assert_string_equal(seen.text, "a:0 ");
}

static void damaged_message(void **state)
{
	(void)state;
	struct seen seen = { .text = "" };
	struct id run = test_id(2);
	char want[ID_TEXT_SIZE + 64];
	char id[ID_TEXT_SIZE];

	put_message(1, 0, "ocr");
	damage_store(TABLE_MESSAGES, key_message(&run, 9), SLICE("\x01no"));
	id_format(&run, id);
	(void)snprintf(want, sizeof(want), "store: messages/%s/9 is damaged",
		       id);
	check_sentence(
	    view_each_message(view, NULL, note_message, &seen, &test_err),
	    want);
	assert_string_equal(seen.text, "ocr:0 ");
}

static void damaged_message_key(void **state)
{
	(void)state;
	struct seen seen = { .text = "" };
	struct id run = test_id(2);

	damage_store(TABLE_MESSAGES, key_run(&run), SLICE("\x01no"));
	check_sentence(
	    view_each_message(view, NULL, note_message, &seen, &test_err),
	    "store: messages/a key that is none");
}

static void damaged_part(void **state)
{
	(void)state;
	static const unsigned char hash[DEFINITION_HASH_SIZE] = { 0xab };
	struct id run = test_id(2);
	struct blob *part = NULL;

	damage_store(TABLE_PARTS, key_part(&run, hash), SLICE("\x02x"));
	check_sentence(view_part(view, &run, hash, &part, &test_err),
		       "/sha256:ab");
	damage_store(TABLE_PARTS, key_part(&run, hash), SLICE(""));
	check_sentence(view_part(view, &run, hash, &part, &test_err),
		       "is damaged");
	assert_null(part);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(queues_come_and_go),
		TEST(messages_come_and_go),
		TEST(who_looks_can_stop),
		TEST(parts_come_and_go),
		TEST(of_deleted_runs_not_seen),
		TEST(damaged_queue),
		TEST(damaged_message),
		TEST(damaged_message_key),
		TEST(damaged_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
