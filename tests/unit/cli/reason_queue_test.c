/* Sentences about tasks in queues: there is one for whatever is in the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/queue_wait.h"
#include "document/json.h"
#include "run_fixture.h"

static const char *const names[] = { "Step1" };

static struct fixture fixture;
static struct task_record *task;
static struct queue_book book;
static struct registry registry;

static struct id another_run(void)
{
	static const unsigned char random[10] = { 9 };

	return id_make(FIXTURE_NOW, random);
}

static void queue(const char *policy, const char *paused_by)
{
	queue_book_fini(&book);
	book.now_us = FIXTURE_NOW;
	queue_book_add_queue(&book,
			     &(struct queue_record){
				 .name = SLICE("ocr"),
				 .plugin = SLICE("reader"),
				 .policy = slice_of(policy),
				 .paused_by = slice_of(paused_by),
				 .paused_us = FIXTURE_NOW - 300000 * FIXTURE_MS,
			     });
	queue_book_find(&book, SLICE("ocr"))->keeps = QUEUE_KEEPS_OPEN;
}

static struct message_record *own(void)
{
	static struct message_record message;

	message = (struct message_record){
		.run = fixture.view.run.id,
		.queue = SLICE("ocr"),
		.plugin = SLICE("reader"),
		.place = 10,
		.entered_us = FIXTURE_NOW - 1000 * FIXTURE_MS,
	};
	return &message;
}

/* Of another run. */
static struct message_record *other(uint32_t number, uint64_t place)
{
	static struct message_record message;

	message = *own();
	message.run = another_run();
	message.task = number;
	message.place = place;
	return &message;
}

static void plugin(const char *json)
{
	struct value rows;

	registry_fini(&registry);
	assert_int_equal(json_read(slice_of(json), NULL, &rows, NULL), 0);
	registry = (struct registry){
		.plugins = rows,
		.processes = value_array(),
		.live = true,
	};
}

#define READY                                                            \
	"[{\"name\":\"reader\",\"registered\":true,\"state\":\"ready\"," \
	"\"ready\":2,\"in_flight\":1,\"capacity\":2,\"quarantined\":false}]"
#define BUSY                                                             \
	"[{\"name\":\"reader\",\"registered\":true,\"state\":\"ready\"," \
	"\"ready\":2,\"in_flight\":2,\"capacity\":2,\"quarantined\":false}]"
#define ONE_BUSY                                                         \
	"[{\"name\":\"reader\",\"registered\":true,\"state\":\"ready\"," \
	"\"ready\":1,\"in_flight\":2,\"capacity\":2,\"quarantined\":false}]"
#define GONE                                                        \
	"[{\"name\":\"reader\",\"registered\":true,\"state\":\"no " \
	"instance\",\"ready\":0,\"in_flight\":0,\"capacity\":0,"    \
	"\"message\":\"killed by signal 9\",\"quarantined\":false}]"
#define QUARANTINED                                  \
	"[{\"name\":\"reader\",\"registered\":true," \
	"\"state\":\"quarantined\",\"ready\":0,\"quarantined\":true}]"

static int setup(void **state)
{
	(void)state;
	fixture_init(&fixture, names, 1);
	fixture_activity(&fixture, 0, GROUP_RUNNING, 100);
	fixture_phase(&fixture, 0, PHASE_PARALLEL, GROUP_RUNNING, 100);
	task = fixture_task(&fixture, 0, PHASE_PARALLEL, "scan", TASK_QUEUED);
	task->queue = SLICE("ocr");
	task->plugin = SLICE("reader");
	task->attempt = 0;
	task->reason = REASON_IN_QUEUE;
	(void)fixture_context(&fixture);
	queue("{}", NULL);
	plugin(READY);
	fixture.context.queues = &book;
	fixture.context.registry = &registry;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	queue_book_fini(&book);
	registry_fini(&registry);
	fixture_fini(&fixture);
	return 0;
}

static void check(const char *expected)
{
	struct buf sentence = { 0 };

	queue_book_arrange(&book);
	reason_put_task(&sentence, &fixture.context, task);
	buf_put_byte(&sentence, '\0');
	assert_string_equal(sentence.data, expected);
	buf_fini(&sentence);
}

static void test_first(void **state)
{
	(void)state;
	queue_book_add_message(&book, own());
	check("in queue 'ocr', number 1 of 1: about to be handed out");
	assert_int_equal(reason_of_task(&fixture.context, task),
			 REASON_IN_QUEUE);
	/* Without the queue there is still something true to say. */
	fixture.context.queues = NULL;
	check("in queue 'ocr', not taken yet");
}

static void test_later(void **state)
{
	(void)state;
	queue_book_add_message(&book, own());
	queue_book_add_message(&book, other(0, 1));
	queue_book_add_message(&book, other(1, 11));
	check("in queue 'ocr', number 2 of 3: those before it come first");
}

static void test_paused(void **state)
{
	(void)state;
	queue("{\"concurrency\":1}", "operator uid 7");
	queue_book_add_message(&book, own());
	check("in queue 'ocr', number 1 of 1: paused by operator uid 7, 5m "
	      "ago; 'tutti queue resume ocr' lets it go on");
}

static void test_run_paused(void **state)
{
	(void)state;
	queue_book_add_message(&book, own());
	fixture.context.paused = (struct paused){
		.scope = "run",
		.actor = SLICE("operator uid 7"),
		.since_us = FIXTURE_NOW - 60000 * FIXTURE_MS,
	};
	check("in queue 'ocr', number 1 of 1, held back: the run is paused by "
	      "operator uid 7, 1m ago");
}

static void test_consumers(void **state)
{
	(void)state;
	queue_book_add_message(&book, own());
	plugin(BUSY);
	check("in queue 'ocr', number 1 of 1: all 2 consumers are busy");
	plugin(ONE_BUSY);
	check("in queue 'ocr', number 1 of 1: its only consumer is busy");
	plugin(GONE);
	check("in queue 'ocr', number 1 of 1: no consumer: plugin 'reader' "
	      "has no live instance: killed by signal 9");
	plugin(QUARANTINED);
	check("in queue 'ocr', number 1 of 1: plugin 'reader' is quarantined; "
	      "'tutti plugins release reader' lets it be used again");
	plugin("[]");
	check("in queue 'ocr', number 1 of 1: no consumer: plugin 'reader' "
	      "is not registered");
	plugin(READY);
	fixture.context.daemon_alive = false;
	check("in queue 'ocr', number 1 of 1: no daemon runs");
}

static void test_limits(void **state)
{
	struct message_record leased = *other(4, 4);

	(void)state;
	leased.state = MESSAGE_LEASED;
	queue("{\"concurrency\":1,\"rate\":10,\"rate_per_ms\":1000}", NULL);
	queue_book_add_message(&book, own());
	check("in queue 'ocr', number 1 of 1: rate limit 10/s");
	queue("{\"concurrency\":1,\"rate\":10,\"rate_per_ms\":30000}", NULL);
	queue_book_add_message(&book, own());
	queue_book_add_message(&book, &leased);
	check("in queue 'ocr', number 1 of 1: concurrency limit 1 reached");
}

static void test_delayed(void **state)
{
	struct message_record message = *own();

	(void)state;
	message.visible_us = FIXTURE_NOW + 5000 * FIXTURE_MS;
	queue_book_add_message(&book, &message);
	check("in queue 'ocr', number 1 of 1: delayed until "
	      "2026-03-01T10:20:35.123456Z (in 5s)");
}

static void check_words(const char *word, const char *sentence)
{
	struct queue_scene scene = {
		.sheet = queue_book_find(&book, SLICE("ocr")),
		.registry = &registry,
		.daemon_alive = true,
		.now_us = FIXTURE_NOW,
	};
	enum queue_wait wait = queue_wait_of(&scene);
	struct buf text = { 0 };

	queue_wait_put(&text, &scene, wait);
	buf_put_byte(&text, '\0');
	assert_string_equal(queue_wait_name(wait), word);
	assert_string_equal(text.data, sentence);
	buf_fini(&text);
}

/* Put aside when their turn came. */
static void test_runs_paused(void **state)
{
	struct message_record message = *own();

	(void)state;
	message.visible_us = QUEUE_ASIDE;
	queue_book_add_message(&book, &message);
	check("in queue 'ocr', number 1 of 1: put aside, its run was paused");
	check_words("runs_paused", "all that wait are of paused runs");
	message = *other(1, 1);
	message.visible_us = FIXTURE_NOW + FIXTURE_MS;
	queue_book_add_message(&book, &message);
	check_words("until_time",
		    "all that wait are delayed, or of paused runs");
	queue_book_add_message(&book, other(2, 2));
	check_words("ready", "about to be handed out");
	assert_int_equal(book.sheets[0].waiting, 3);
	assert_int_equal(book.sheets[0].delayed, 1);
	assert_int_equal(book.sheets[0].aside, 1);
}

static void test_group(void **state)
{
	struct message_record first = *other(0, 1);
	struct message_record message = *own();

	(void)state;
	message.group = first.group = SLICE("acme");
	first.state = MESSAGE_LEASED;
	queue_book_add_message(&book, &message);
	queue_book_add_message(&book, &first);
	check("in queue 'ocr', number 1 of 1: behind a task of run "
	      "01kjmekwhb1400000000000000 in its group 'acme', which is at "
	      "work");
	queue("{}", NULL);
	first.state = MESSAGE_WAITING;
	first.run = fixture.view.run.id;
	first.task = 1;
	queue_book_add_message(&book, &message);
	queue_book_add_message(&book, &first);
	queue_book_arrange(&book);
	struct queued *head = &book.sheets[0].messages[1];

	head->name = alloc_string("resize");
	check("in queue 'ocr', number 2 of 2: behind task 'resize' of this "
	      "run in its group 'acme'");
}

static void check_wait(enum queue_wait expected)
{
	struct queue_scene scene = {
		.sheet = book.sheets,
		.registry = &registry,
		.daemon_alive = true,
		.now_us = FIXTURE_NOW,
	};

	queue_book_arrange(&book);
	assert_string_equal(queue_wait_name(queue_wait_of(&scene)),
			    queue_wait_name(expected));
}

/* What stands behind others of its group is not about to be handed out. */
static void test_wait_of_groups(void **state)
{
	struct message_record first = *other(0, 1);
	struct message_record message = *own();

	(void)state;
	message.group = first.group = SLICE("acme");
	first.state = MESSAGE_LEASED;
	queue_book_add_message(&book, &first);
	queue_book_add_message(&book, &message);
	check_wait(QUEUE_WAIT_GROUP);
	queue("{}", NULL);
	first.state = MESSAGE_WAITING;
	first.visible_us = FIXTURE_NOW + 1;
	queue_book_add_message(&book, &first);
	queue_book_add_message(&book, &message);
	check_wait(QUEUE_WAIT_TIME);
	queue("{}", NULL);
	first.visible_us = QUEUE_ASIDE;
	queue_book_add_message(&book, &first);
	queue_book_add_message(&book, &message);
	check_wait(QUEUE_WAIT_RUNS);
	assert_int_equal(book.sheets->delayed, 0);
	queue("{}", NULL);
	first.visible_us = 0;
	queue_book_add_message(&book, &first);
	queue_book_add_message(&book, &message);
	check_wait(QUEUE_WAIT_NOTHING);
}

static void test_attempts(void **state)
{
	(void)state;
	queue("{\"attempts\":7}", NULL);
	queue_book_add_message(&book, own());
	task->failures = 1;
	task->message = SLICE("no answer");
	check("in queue 'ocr' for attempt 2 of 7, number 1 of 1: about to be "
	      "handed out; the last one: no answer");
	task->state = TASK_RETRYING;
	task->wake_us = FIXTURE_NOW + 5000 * FIXTURE_MS;
	check("1 of 7 attempts has failed; delayed in queue 'ocr' until "
	      "2026-03-01T10:20:35.123456Z (in 5s); the last one: no answer");
	plugin("[]");
	check("1 of 7 attempts has failed; delayed in queue 'ocr' until "
	      "2026-03-01T10:20:35.123456Z (in 5s); the queue: no consumer: "
	      "plugin 'reader' is not registered; the last one: no answer");
}

static void test_parked(void **state)
{
	(void)state;
	queue_book_add_message(&book, own());
	task->state = TASK_WAITING;
	task->wake_us = FIXTURE_NOW + 5000 * FIXTURE_MS;
	check("parked by plugin 'reader' until 2026-03-01T10:20:35.123456Z (in "
	      "5s), then to go on from queue 'ocr'");
}

static void test_given_up(void **state)
{
	(void)state;
	task->state = TASK_FAILED;
	task->reason = REASON_DEAD_LETTER;
	task->message = SLICE("queue 'ocr': attempt 5 of 5 failed: no answer");
	check("dead letter of queue 'ocr': attempt 5 of 5 failed: no answer; "
	      "'tutti queue redrive ocr', or 'tutti retry' of the run, has it "
	      "tried again");
	task->message = SLICE("");
	check("dead letter of queue 'ocr'; 'tutti queue redrive ocr', or "
	      "'tutti retry' of the run, has it "
	      "tried again");
	task->queue = SLICE("M\xc3\xb6"
			    "bel & 'Sofas'");
	check("dead letter of queue 'M\xc3\xb6"
	      "bel & 'Sofas''; 'tutti queue "
	      "redrive \"M\xc3\xb6"
	      "bel & 'Sofas'\"', or 'tutti retry' of "
	      "the run, has it tried again");
	task->queue = SLICE("ocr");
	uint32_t numbers[] = { task->number, task->number + 7 };
	struct dead_letters letters = { .tasks = numbers, .len = 2 };

	fixture.context.letters = &letters;
	check("dead letter of queue 'ocr'; 'tutti queue redrive ocr', or "
	      "'tutti retry' of the run, has it "
	      "tried again");
	letters.len = 0;
	check("dead letter of queue 'ocr'; it is not in the queue any more, "
	      "but 'tutti retry' of the run has it tried again");
	letters = (struct dead_letters){ .tasks = numbers + 1, .len = 1 };
	check("dead letter of queue 'ocr'; it is not in the queue any more, "
	      "but 'tutti retry' of the run has it tried again");
	task->reason = REASON_PURGED;
	check("thrown out of queue 'ocr' by an operator");
}

static void test_running(void **state)
{
	(void)state;
	task->state = TASK_RUNNING;
	task->reason = REASON_LEASE_EXPIRED;
	task->cancel_requested = true;
	task->attempt = 2;
	check("in plugin 'reader' for 500ms (attempt 2); asked to stop, "
	      "nothing was heard of it for too long");
	fixture.context.daemon_alive = false;
	task->cancel_requested = false;
	check("was in plugin 'reader' (attempt 2) when the daemon went down, "
	      "and will be in its queue again");
}

/* A word for whatever a queue may wait for, and none twice. */
static void test_words(void **state)
{
	(void)state;
	for (int i = 0; i <= QUEUE_WAIT_NOTHING; i++) {
		const char *word = queue_wait_name((enum queue_wait)i);

		assert_true(*word);
		for (int j = 0; j < i; j++) {
			assert_string_not_equal(
			    word, queue_wait_name((enum queue_wait)j));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_first, setup, teardown),
		cmocka_unit_test_setup_teardown(test_later, setup, teardown),
		cmocka_unit_test_setup_teardown(test_paused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_run_paused, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_consumers, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_delayed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_runs_paused, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_group, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wait_of_groups, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_attempts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parked, setup, teardown),
		cmocka_unit_test_setup_teardown(test_given_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_running, setup, teardown),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
