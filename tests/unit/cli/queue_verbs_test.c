/* What the verbs about queues print of a store that no daemon owns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "document/json.h"
#include "program.h"
#include "schema_check.h"
#include "store_fixture.h"

#define SCHEMA TEST_DATA "/../../docs/schemas/queue.schema.json"

#define HOUR_US INT64_C(3600000000)

static struct store_fixture fixture;
static struct program program;

static struct message_record message(unsigned run, uint64_t place)
{
	return (struct message_record){
		.run = store_fixture_id(run),
		.queue = SLICE("ocr"),
		.plugin = SLICE("loader"),
		.place = place,
		.deliveries = 1,
		.entered_us = clock_wall_us() - HOUR_US,
	};
}

static void put_part(unsigned run, struct message_record *it,
		     enum message_part part, struct slice bytes)
{
	struct id id = store_fixture_id(run);

	definition_hash(bytes, it->parts[part]);
	store_put_part(fixture.store, &id, it->parts[part], bytes);
}

/* Runs 1 to 3 wait: the second first, by its priority, the third later, by its
 * time; 4 is in hands, 5 was given up; 6 is paused. */
static void put_messages(void)
{
	struct message_record it = message(1, 1);

	it.group = SLICE("acme");
	put_part(1, &it, MESSAGE_STASH, SLICE("\x81\xa1n\x05"));
	put_part(1, &it, MESSAGE_WITH, SLICE("\xa3sea"));
	store_put_message(fixture.store, &it);
	it = message(2, 2);
	it.priority = 5;
	store_put_message(fixture.store, &it);
	it = message(3, 3);
	it.visible_us = clock_wall_us() + 2 * HOUR_US;
	it.error = SLICE("no \x1b[31manswer");
	store_put_message(fixture.store, &it);
	it = message(4, 4);
	it.state = MESSAGE_LEASED;
	it.leased_us = clock_wall_us();
	store_put_message(fixture.store, &it);
	it = message(5, 5);
	it.state = MESSAGE_DEAD;
	it.dead_us = clock_wall_us();
	it.error = SLICE("exit 3");
	store_put_message(fixture.store, &it);
	it = message(6, 6);
	it.queue = SLICE("side");
	it.deliveries = 0;
	it.visible_us = QUEUE_ASIDE;
	store_put_message(fixture.store, &it);
}

static void put_queues(void)
{
	struct queue_record queue = {
		.name = SLICE("ocr"),
		.plugin = SLICE("loader"),
		.policy = SLICE("{\"attempts\":3,\"concurrency\":4,\"rate\":10,"
				"\"rate_per_ms\":1000}"),
	};

	store_put_queue(fixture.store, &queue);
	queue = (struct queue_record){
		.name = SLICE("mail"),
		.plugin = SLICE("mail"),
		.policy = SLICE("{}"),
		.paused_by = SLICE("operator uid 7"),
		.paused_us = clock_wall_us() - HOUR_US,
	};
	store_put_queue(fixture.store, &queue);
	queue = (struct queue_record){
		.name = SLICE("side"),
		.plugin = SLICE("loader"),
		.policy = SLICE("{}"),
	};
	store_put_queue(fixture.store, &queue);
}

/* The task of the run is in the queue. */
static void put_queued(unsigned number)
{
	struct id id = store_fixture_id(number);
	struct task_record task = {
		.state = TASK_QUEUED,
		.reason = REASON_IN_QUEUE,
		.mandatory = true,
		.name = SLICE("load"),
		.plugin = SLICE("loader"),
		.queue = SLICE("ocr"),
		.progress = -1,
		.binding = NO_BINDING,
		.created_us = STORE_FIXTURE_US,
	};

	store_put_task(fixture.store, &id, &task);
}

static int set_up(void **state)
{
	(void)state;
	store_fixture_open(&fixture);
	for (unsigned i = 1; i <= 6; i++) {
		char uid[8];

		(void)snprintf(uid, sizeof(uid), "u%u", i);
		store_fixture_run(&fixture, i, "Demo", uid,
				  i == 5 ? GROUP_FAILED : GROUP_RUNNING);
	}
	for (unsigned i = 1; i <= 3; i++) {
		put_queued(i);
	}
	store_fixture_plugin(&fixture);
	put_queues();
	put_messages();
	store_fixture_commit(&fixture);
	store_fixture_release(&fixture);
	(void)unsetenv("TUTTI_CONFIG");
	return setenv("TUTTI_STORE", fixture.folder, 1);
}

static int tear_down(void **state)
{
	(void)state;
	store_fixture_remove(&fixture);
	program_fini(&program);
	return 0;
}

static void read_schema(struct value *ret_schema)
{
	static char text[65536];
	FILE *file = fopen(SCHEMA, "re");
	struct err err = { 0 };

	assert_non_null(file);
	size_t len = fread(text, 1, sizeof(text), file);

	(void)fclose(file);
	if (json_read((struct slice){ text, len }, NULL, ret_schema, &err)) {
		fail_msg("%s", err.msg);
	}
}

/* What was printed fits the schema, or the part of it that `def` names; of an
 * array, each of it. */
static void check_schema(const char *def)
{
	struct value schema;
	struct value given;

	read_schema(&schema);
	struct schema_check check = { .root = &schema };
	const struct value *rules =
	    def ? value_get(value_get(&schema, "$defs"), def) : &schema;

	assert_int_equal(json_read(slice_of(program.out), NULL, &given, NULL),
			 0);
	if (given.type != VALUE_ARRAY) {
		(void)schema_accepts(&check, rules, &given, "it");
	}
	for (size_t i = 0; i < value_len(&given); i++) {
		if (given.type == VALUE_ARRAY) {
			(void)schema_accepts(&check, rules, value_at(&given, i),
					     "it");
		}
	}
	assert_string_equal(check.where, "");
	value_clear(&given);
	value_clear(&schema);
}

static void test_ls(void **state)
{
	(void)state;
	assert_int_equal(program_run(&program, "queue", "ls", NULL), 0);
	program_expect(program.out, "NAME  PLUGIN  STATE");
	program_expect(program.out, "mail  mail    paused by operator uid 7");
	program_expect(program.out, "3 (1 delayed)");
	program_expect(program.out, "1 (1 of paused runs)");
	program_expect(program.out, "1h ago");
	program_expect(program.out, "ready");
	program_expect(program.err, "daemon: down, last write");
	assert_int_equal(
	    program_run(&program, "queue", "ls", "-o", "name", NULL), 0);
	assert_string_equal(program.out, "mail\nocr\nside\n");
	assert_int_equal(
	    program_run(&program, "queue", "ls", "-o", "wide", NULL), 0);
	program_expect(program.out, "10/s");
	program_expect(program.out, "no_daemon");
	assert_int_equal(
	    program_run(&program, "queue", "ls", "-o", "csv", NULL), 0);
	program_expect(program.out, "name,plugin,state,waiting,delayed,");
	program_expect(program.out, "\nocr,loader,running,3,1,1,1,");
	assert_int_equal(
	    program_run(&program, "queue", "ls", "-o", "json", NULL), 0);
	check_schema(NULL);
}

static void test_show(void **state)
{
	(void)state;
	assert_int_equal(program_run(&program, "queue", "show", "ocr", NULL),
			 0);
	program_expect(program.out, "queue ocr, running\n");
	program_expect(program.out, "policy: 3 attempts with waits from 1s to "
				    "1m, 4 at a time, 10/s\n");
	program_expect(program.out, "waiting: 3, 1 of them delayed, the oldest "
				    "entered 1h ago");
	program_expect(program.out, "in flight: 1\n");
	program_expect(program.out, "waits for: no daemon runs\n");
	program_expect(program.out, "To be handed out:\n");
	program_expect(program.out, "Step1/pre/load");
	program_expect(program.out, "Dead letters:\n");
	program_expect(program.out, "exit 3");
	/* Without a daemon nothing can be redriven. */
	program_expect_not(program.out, "tutti queue redrive");
	program_expect(program.out, "tutti queue peek --dead -o json ocr");
	program_expect_not(program.out, "\x1b");
	assert_int_equal(program_run(&program, "queue", "show", "mail", NULL),
			 0);
	program_expect(program.out, "queue mail, paused\n");
	program_expect(program.out, "paused by operator uid 7, 1h ago; 'tutti "
				    "queue resume mail' lets it go on");
	assert_int_equal(program_run(&program, "queue", "show", "side", NULL),
			 0);
	program_expect(program.out,
		       "waiting: 1, 1 of paused runs, the oldest entered");
	assert_int_equal(
	    program_run(&program, "queue", "show", "side", "-o", "json", NULL),
	    0);
	check_schema(NULL);
	program_expect(program.out, "\"delayed\": 0");
	program_expect(program.out, "\"of_paused_runs\": 1");
	program_expect(program.out, "\"visible_at\": null");
	assert_int_equal(
	    program_run(&program, "queue", "show", "ocr", "-o", "json", NULL),
	    0);
	check_schema(NULL);
}

static void id_text(unsigned number, char text[ID_TEXT_SIZE])
{
	struct id id = store_fixture_id(number);

	id_format(&id, text);
}

static void check_runs(const unsigned *numbers, size_t len)
{
	struct buf expected = { 0 };

	for (size_t i = 0; i < len; i++) {
		char text[ID_TEXT_SIZE];

		id_text(numbers[i], text);
		buf_printf(&expected, "%s\n", text);
	}
	buf_put_byte(&expected, '\0');
	assert_string_equal(program.out, expected.data);
	buf_fini(&expected);
}

static void test_peek(void **state)
{
	(void)state;
	assert_int_equal(
	    program_run(&program, "queue", "peek", "ocr", "-o", "name", NULL),
	    0);
	check_runs((const unsigned[]){ 2, 1, 3 }, 3);
	assert_int_equal(program_run(&program, "queue", "peek", "ocr",
				     "--limit", "2", "-o", "name", NULL),
			 0);
	check_runs((const unsigned[]){ 2, 1 }, 2);
	program_expect(program.err, "2 of 3; --limit 0 shows all");
	assert_int_equal(program_run(&program, "queue", "peek", "ocr", "--dead",
				     "-o", "name", NULL),
			 0);
	check_runs((const unsigned[]){ 5 }, 1);
	assert_int_equal(program_run(&program, "queue", "peek", "ocr",
				     "--leased", "-o", "name", NULL),
			 0);
	check_runs((const unsigned[]){ 4 }, 1);
	assert_int_equal(program_run(&program, "queue", "peek", "ocr", NULL),
			 0);
	program_expect(program.out, "acme");
	program_expect(program.out, "delayed, in 1h");
	program_expect(program.out, "no \\x1b[31manswer");
	assert_int_equal(program_run(&program, "queue", "peek", "mail", NULL),
			 0);
	assert_string_equal(program.out, "");
	program_expect(program.err, "queue 'mail' has no waiting messages");
}

static void test_peek_documents(void **state)
{
	struct value rows;

	(void)state;
	assert_int_equal(
	    program_run(&program, "queue", "peek", "ocr", "-o", "json", NULL),
	    0);
	check_schema("message");
	assert_int_equal(json_read(slice_of(program.out), NULL, &rows, NULL),
			 0);
	const struct value *row = value_at(&rows, 1);

	assert_int_equal(value_get_int(value_get(row, "attributes"), "n", 0),
			 1);
	assert_int_equal(value_get_int(value_get(row, "stash"), "n", 0), 5);
	assert_true(slice_is(value_get_text(row, "with"), "sea"));
	assert_int_equal(value_get(row, "outputs")->type, VALUE_NULL);
	assert_int_equal(value_get(value_at(&rows, 0), "stash")->type,
			 VALUE_NULL);
	value_clear(&rows);
	assert_int_equal(program_run(&program, "queue", "peek", "ocr", "--dead",
				     "-o", "json", NULL),
			 0);
	check_schema("message");
}

static void test_mistakes(void **state)
{
	(void)state;
	assert_int_equal(program_run(&program, "queue", "show", "ocrr", NULL),
			 3);
	program_expect(program.err, "there is no queue 'ocrr'; did you mean "
				    "'ocr'?");
	assert_int_equal(program_run(&program, "queue", "peek", "x", NULL), 3);
	assert_int_equal(program_run(&program, "queue", "peek", "ocr",
				     "--limit", "few", NULL),
			 2);
	assert_int_equal(program_run(&program, "queue", "peek", "ocr", "--dead",
				     "--leased", NULL),
			 2);
	assert_int_equal(program_run(&program, "queue", NULL), 2);
	program_expect(program.err, "  queue redrive  ");
	assert_int_equal(program_run(&program, "queue", "list", NULL), 2);
}

static void test_acting_needs_a_daemon(void **state)
{
	static const char *const actions[] = { "pause", "resume", "purge",
					       "redrive" };

	(void)state;
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
		assert_int_equal(
		    program_run(&program, "queue", actions[i], "ocr", NULL), 5);
		assert_int_equal(
		    program_run(&program, "queue", actions[i], NULL), 2);
	}
}

static void test_why(void **state)
{
	(void)state;
	assert_int_equal(program_run(&program, "why", "u1", "load", NULL), 0);
	program_expect(program.out, "task load is queued: in queue 'ocr', "
				    "number 2 of 3: no daemon runs");
	assert_int_equal(program_run(&program, "show", "u1", NULL), 0);
	program_expect(program.out, "queue ocr");
	program_expect(program.out, "tutti queue show ocr ");
	assert_int_equal(
	    program_run(&program, "show", "u1", "-o", "json", NULL), 0);
	program_expect(program.out, "\"queue\": \"ocr\"");
	program_expect(program.out, "\"attempts_allowed\": 3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ls),
		cmocka_unit_test(test_show),
		cmocka_unit_test(test_peek),
		cmocka_unit_test(test_peek_documents),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_acting_needs_a_daemon),
		cmocka_unit_test(test_why),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
