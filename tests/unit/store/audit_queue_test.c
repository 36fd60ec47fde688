/*
 * What `store check` finds of queues and messages.
 */
#include "queued.h"
#include "store/codec.h"

static void sound_queues(void **state)
{
	(void)state;
	(void)put_queued_run(1);
	put_queue("of nobody");
	commit();
	assert_sound(view, 1);
}

static void final_task_with_a_message(void **state)
{
	(void)state;
	struct run_record run = put_queued_run(1);

	put_message(&run.id, QUEUED_DEAD, MESSAGE_WAITING);
	commit();
	assert_found("run: the message of task 2 is waiting, though the task "
		     "is failed\n");
	put_message(&run.id, QUEUED_DEAD, MESSAGE_LEASED);
	commit();
	assert_found("run: the message of task 2 is leased, though the task "
		     "is failed\n");
}

static void task_of_another_queue(void **state)
{
	(void)state;
	struct run_record run = put_queued_run(1);
	struct message_record message =
	    queued_message(&run.id, QUEUED_WAITING, MESSAGE_WAITING);

	message.queue = SLICE("mail");
	put_queue("mail");
	store_put_message(store, &message);
	commit();
	assert_found("run: the message of task 0 is in queue 'mail', the task "
		     "in 'ocr'\n");
}

/* Dead letters may outlive theirs. */
static void queue_that_is_not_there(void **state)
{
	(void)state;
	(void)put_queued_run(1);
	store_delete_queue(store, SLICE("ocr"));
	commit();
	assert_found("run: the message of task 0 is in queue 'ocr', which is "
		     "not there\n"
		     "run: the message of task 1 is in queue 'ocr', which is "
		     "not there\n");
}

static void tasks_without_message(void **state)
{
	(void)state;
	static const enum task_state lost[] = {
		TASK_QUEUED,
		TASK_RUNNING,
		TASK_WAITING,
		TASK_RETRYING,
	};
	struct run_record run = put_queued_run(1);

	store_delete_message(store, &run.id, QUEUED_WAITING);
	for (size_t i = 0; i < sizeof(lost) / sizeof(*lost); i++) {
		char want[128];

		put_queued_task(&run.id, QUEUED_WAITING, lost[i]);
		commit();
		(void)snprintf(want, sizeof(want),
			       "run: task 0 is %s in queue 'ocr' and has no "
			       "message\n",
			       task_state_name(lost[i]));
		assert_found(want);
	}
	/* It has not entered yet, or does so again. */
	put_queued_task(&run.id, QUEUED_WAITING, TASK_PENDING);
	commit();
	assert_sound(view, 1);
}

static void dead_letter_of_a_living_task(void **state)
{
	(void)state;
	struct run_record run = put_queued_run(1);

	put_message(&run.id, QUEUED_LEASED, MESSAGE_DEAD);
	commit();
	assert_found("run: the message of task 1 is dead, though the task is "
		     "running\n");
}

static void check_part(const char *what)
{
	unsigned char hash[DEFINITION_HASH_SIZE];
	char version[DEFINITION_VERSION_SIZE];
	char want[256];

	definition_hash(QUEUED_WITH, hash);
	definition_version(hash, version);
	(void)snprintf(want, sizeof(want), "run: parts: %s %s\n", version,
		       what);
	assert_found(want);
}

static struct key with_key(const struct id *run)
{
	unsigned char hash[DEFINITION_HASH_SIZE];

	definition_hash(QUEUED_WITH, hash);
	return key_part(run, hash);
}

static void missing_part(void **state)
{
	(void)state;
	struct run_record run = put_dead_run(1);

	drop(TABLE_PARTS, with_key(&run.id));
	check_part("is not there, which the message of task 0 needs");
}

static void part_of_no_message(void **state)
{
	(void)state;
	struct run_record run = put_queued_run(1);
	struct message_record message;

	for (uint32_t i = 0; i < QUEUED_TASKS; i++) {
		message = queued_message(&run.id, i, (enum message_state)i);
		memset(message.parts[MESSAGE_WITH], 0, DEFINITION_HASH_SIZE);
		store_put_message(store, &message);
	}
	commit();
	check_part("is in no message");
}

static void damaged_parts(void **state)
{
	(void)state;
	struct run_record run = put_dead_run(1);

	put(TABLE_PARTS, with_key(&run.id), SLICE("\x01\xc0"));
	check_part("is not what its hash says");
	put(TABLE_PARTS, with_key(&run.id), SLICE("\x01\x81"));
	check_part("cannot be read");
	put(TABLE_PARTS, with_key(&run.id), SLICE("\x02\xc0"));
	check_part("cannot be read");
	put(TABLE_PARTS, with_key(&run.id), SLICE("\x01"));
	check_part("cannot be read");
}

static void keys_that_are_none(void **state)
{
	(void)state;
	struct run_record run = put_dead_run(1);

	put(TABLE_MESSAGES, key_run(&run.id), SLICE("x"));
	put(TABLE_PARTS, key_run(&run.id), SLICE("x"));
	put(TABLE_MESSAGES, key_message(&run.id, 5), SLICE("x"));
	assert_found("run: messages: a key is none\n"
		     "run: messages: there is no task 5\n"
		     "run: parts: a key is none\n");
}

static void unreadable_message(void **state)
{
	(void)state;
	struct run_record run = put_queued_run(1);

	put(TABLE_MESSAGES, key_message(&run.id, 1), SLICE("\x01junk"));
	assert_found("run: messages: that of task 1 cannot be read\n");
}

static void messages_of_nobody(void **state)
{
	(void)state;
	struct id low = test_id(0);
	struct id high = test_id(99);

	(void)put_queued_run(1);
	put(TABLE_MESSAGES, key_message(&low, 0), SLICE("x"));
	put(TABLE_MESSAGES, key_message(&low, 1), SLICE("x"));
	put(TABLE_PARTS, with_key(&high), SLICE("x"));
	assert_found("run: messages: rows of a run that is not there\n"
		     "run: parts: rows of a run that is not there\n");
	put(TABLE_DOOMED, key_run(&low), SLICE(""));
	put(TABLE_DOOMED, key_run(&high), SLICE(""));
	assert_sound(view, 1);
}

static void put_queue_row(const char *name, const char *plugin,
			  const char *policy)
{
	struct queue_record queue = {
		.plugin = slice_of(plugin),
		.policy = slice_of(policy),
	};
	struct buf bytes = { 0 };

	queue_encode(&bytes, &queue);
	put(TABLE_QUEUES, key_text(slice_of(name)), buf_slice(&bytes));
	buf_fini(&bytes);
}

static void queues_that_are_none(void **state)
{
	(void)state;
	put(TABLE_QUEUES, key_text(SLICE("a")), SLICE("\x01junk"));
	put_queue_row("b", "", "{}");
	put_queue_row("c", "p", "{");
	put_queue_row("d", "p", "{\"attempts\": 0}");
	put_queue_row("e", "p", "{\"what\": 1}");
	put_queue_row("f", "p", "{\"rate\": 10, \"rate_per_ms\": 1000}");
	put_queue_row("g/h", "p", "{}");
	assert_found("queues: a cannot be read\n"
		     "queues: the plugin of b is none\n"
		     "queues: the policy of c cannot be read\n"
		     "queues: the policy of d cannot be read\n"
		     "queues: the policy of e cannot be read\n"
		     "queues: a key is no name\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, down)
		TEST(sound_queues),          TEST(final_task_with_a_message),
		TEST(task_of_another_queue), TEST(queue_that_is_not_there),
		TEST(tasks_without_message), TEST(dead_letter_of_a_living_task),
		TEST(missing_part),          TEST(part_of_no_message),
		TEST(damaged_parts),         TEST(keys_that_are_none),
		TEST(unreadable_message),    TEST(messages_of_nobody),
		TEST(queues_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
