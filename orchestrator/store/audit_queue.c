#include "store/audit_queue.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "document/json.h"
#include "model/queue.h"
#include "store/codec.h"
#include "store/read.h"
#include "store/rows.h"

/* ---- queues ---- */

static int read_policy(struct slice json)
{
	struct queue_policy policy;
	struct value document;
	int rc = json_read(json, NULL, &document, NULL);

	if (rc) {
		return rc;
	}
	rc = queue_policy_from_value(&document, &policy, NULL);
	value_clear(&document);
	if (rc == 0) {
		queue_policy_fini(&policy);
	}
	return rc;
}

void audit_queue(struct audit *audit, struct slice key, struct slice value)
{
	struct queue_record queue;

	if (!name_valid(key)) {
		audit_say(audit, NULL, "queues: a key is no name");
	} else if (queue_decode(value, key, &queue)) {
		audit_say(audit, NULL, "queues: %.*s cannot be read",
			  SLICE_ARG(key));
	} else if (!name_valid(queue.plugin)) {
		audit_say(audit, NULL, "queues: the plugin of %.*s is none",
			  SLICE_ARG(key));
	} else if (read_policy(queue.policy)) {
		audit_say(audit, NULL,
			  "queues: the policy of %.*s cannot be read",
			  SLICE_ARG(key));
	}
}

/* ---- messages of a run ---- */

struct mail {
	struct audit *audit;
	struct env *env;
	MDB_txn *txn;
	const struct run_view *run;
	bool *there;       /* by task: it has a message */
	struct buf hashes; /* of the documents that messages name */
};

typedef void (*mail_row)(struct mail *mail, struct slice key,
			 struct slice value);

static int each_row(struct mail *mail, enum table table, mail_row row)
{
	struct key run = key_run(&mail->run->run.id);
	struct slice prefix = key_slice(&run);
	MDB_val key = val_of(prefix);
	MDB_val value;
	MDB_cursor *cursor;

	if (mail->env->tables[table] == NO_TABLE) {
		return 0;
	}
	int rc = mdb_cursor_open(mail->txn, mail->env->tables[table], &cursor);

	if (rc) {
		return rc;
	}
	rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
	while (rc == 0 && slice_starts_with(slice_of_val(&key), prefix)) {
		row(mail, slice_of_val(&key), slice_of_val(&value));
		rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
	}
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static bool has_row(const struct mail *mail, enum table table, struct slice key)
{
	MDB_val at = val_of(key);
	MDB_val value;

	return mdb_get(mail->txn, mail->env->tables[table], &at, &value) == 0;
}

static const struct id *run_id(const struct mail *mail)
{
	return &mail->run->run.id;
}

/* One that somebody is to get. */
static void check_live(const struct mail *mail,
		       const struct message_record *message)
{
	const struct task_record *task = &mail->run->tasks[message->task];

	if (task_state_final(task->state)) {
		audit_say(mail->audit, run_id(mail),
			  "the message of task %" PRIu32
			  " is %s, though the task is %s",
			  message->task, message_state_name(message->state),
			  task_state_name(task->state));
	}
	if (!slice_equal(task->queue, message->queue)) {
		audit_say(mail->audit, run_id(mail),
			  "the message of task %" PRIu32
			  " is in queue '%.*s', the task in '%.*s'",
			  message->task, SLICE_ARG(message->queue),
			  SLICE_ARG(task->queue));
	}
	if (!has_row(mail, TABLE_QUEUES, message->queue)) {
		audit_say(mail->audit, run_id(mail),
			  "the message of task %" PRIu32
			  " is in queue '%.*s', which is not there",
			  message->task, SLICE_ARG(message->queue));
	}
}

static void check_dead(const struct mail *mail,
		       const struct message_record *message)
{
	const struct task_record *task = &mail->run->tasks[message->task];

	if (task->state != TASK_FAILED) {
		audit_say(mail->audit, run_id(mail),
			  "the message of task %" PRIu32
			  " is dead, though the task is %s",
			  message->task, task_state_name(task->state));
	}
}

static void check_needs(struct mail *mail, const struct message_record *message)
{
	static const unsigned char none[DEFINITION_HASH_SIZE];
	char version[DEFINITION_VERSION_SIZE];

	for (int i = 0; i < MESSAGE_PARTS; i++) {
		struct key key = key_part(run_id(mail), message->parts[i]);

		if (!memcmp(message->parts[i], none, sizeof(none))) {
			continue;
		}
		buf_put(&mail->hashes, message->parts[i], sizeof(none));
		if (!has_row(mail, TABLE_PARTS, key_slice(&key))) {
			definition_version(message->parts[i], version);
			audit_say(mail->audit, run_id(mail),
				  "parts: %s is not there, which the message "
				  "of task %" PRIu32 " needs",
				  version, message->task);
		}
	}
}

static void check_message(struct mail *mail, struct slice key,
			  struct slice value)
{
	struct message_record message;
	uint32_t task;

	if (key.len != ID_SIZE + 4) {
		audit_say(mail->audit, run_id(mail), "messages: a key is none");
		return;
	}
	task = read_u32(key.ptr + ID_SIZE);
	if (task >= mail->run->task_count) {
		audit_say(mail->audit, run_id(mail),
			  "messages: there is no task %" PRIu32, task);
		return;
	}
	mail->there[task] = true;
	if (message_decode(value, run_id(mail), task, &message)) {
		audit_say(mail->audit, run_id(mail),
			  "messages: that of task %" PRIu32 " cannot be read",
			  task);
		return;
	}
	if (message.state == MESSAGE_DEAD) {
		check_dead(mail, &message);
	} else {
		check_live(mail, &message);
	}
	check_needs(mail, &message);
}

/* A task that has entered a queue, and not come to its end. */
static void check_tasks(const struct mail *mail)
{
	for (size_t i = 0; i < mail->run->task_count; i++) {
		const struct task_record *task = &mail->run->tasks[i];

		if (task->queue.len && !task->superseded && !mail->there[i] &&
		    task->state != TASK_PENDING &&
		    !task_state_final(task->state)) {
			audit_say(mail->audit, run_id(mail),
				  "task %zu is %s in queue '%.*s' and has no "
				  "message",
				  i, task_state_name(task->state),
				  SLICE_ARG(task->queue));
		}
	}
}

/* ---- their documents ---- */

static int compare_hashes(const void *a, const void *b)
{
	return memcmp(a, b, DEFINITION_HASH_SIZE);
}

static bool is_needed(const struct mail *mail, const unsigned char *hash)
{
	return mail->hashes.len &&
	       bsearch(hash, mail->hashes.data,
		       mail->hashes.len / DEFINITION_HASH_SIZE,
		       DEFINITION_HASH_SIZE, compare_hashes);
}

static bool is_readable(struct slice record)
{
	struct value document;

	if (record.len < 2 || read_document(record, &document, NULL)) {
		return false;
	}
	value_clear(&document);
	return true;
}

static void check_part(struct mail *mail, struct slice key, struct slice value)
{
	unsigned char hash[DEFINITION_HASH_SIZE];
	unsigned char own[DEFINITION_HASH_SIZE];
	char version[DEFINITION_VERSION_SIZE];
	const char *wrong = NULL;

	if (key.len != ID_SIZE + DEFINITION_HASH_SIZE) {
		audit_say(mail->audit, run_id(mail), "parts: a key is none");
		return;
	}
	memcpy(hash, key.ptr + ID_SIZE, sizeof(hash));
	if (!is_readable(value)) {
		wrong = "cannot be read";
	} else if (!is_needed(mail, hash)) {
		wrong = "is in no message";
	} else {
		definition_hash((struct slice){ value.ptr + 1, value.len - 1 },
				own);
		wrong = memcmp(own, hash, sizeof(own))
			    ? "is not what its hash says"
			    : NULL;
	}
	if (wrong) {
		definition_version(hash, version);
		audit_say(mail->audit, run_id(mail), "parts: %s %s", version,
			  wrong);
	}
}

int audit_messages(struct audit *audit, struct env *env, MDB_txn *txn,
		   const struct run_view *run)
{
	struct mail mail = {
		.audit = audit,
		.env = env,
		.txn = txn,
		.run = run,
		.there = alloc_zeroed(run->task_count, sizeof(*mail.there)),
	};
	int rc = each_row(&mail, TABLE_MESSAGES, check_message);

	check_tasks(&mail);
	if (mail.hashes.len) {
		qsort(mail.hashes.data, mail.hashes.len / DEFINITION_HASH_SIZE,
		      DEFINITION_HASH_SIZE, compare_hashes);
	}
	if (rc == 0) {
		rc = each_row(&mail, TABLE_PARTS, check_part);
	}
	buf_fini(&mail.hashes);
	free(mail.there);
	return rc;
}
