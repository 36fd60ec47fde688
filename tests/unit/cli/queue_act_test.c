/* Verbs that change queues, on a store with a daemon that is a stub: what it is
 * asked, and what is told of its answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bus/control.h"
#include "document/json.h"
#include "program.h"
#include "store_fixture.h"

#define DEAD_RUNS 3

static struct store_fixture fixture;
static char address[64];
static struct control_server *server;
static struct program program;

/* What the next requests are answered with; the last one again and again. */
struct answer {
	int code;
	const char *text; /* JSON, or the sentence of the error */
};

static struct answer answers[4];
static size_t answer_count;
static struct buf asked;
static size_t count;

static void answer(void *arg, struct control_request *request)
{
	size_t at = count++;
	const struct answer *next =
	    &answers[at < answer_count ? at : answer_count - 1];
	struct value result;
	struct err error = { 0 };

	(void)arg;
	buf_printf(&asked, "%s ", request->verb);
	json_write(&asked, &request->args, JSON_COMPACT);
	buf_put_byte(&asked, '\n');
	if (next->code) {
		(void)err_set(&error, next->code, "%s", next->text);
		control_refuse(server, request->session, request->id, &error);
	} else if (json_read(slice_of(next->text), NULL, &result, NULL) == 0) {
		control_answer(server, request->session, request->id, &result);
		value_clear(&result);
	}
	control_request_fini(request);
	free(request);
}

static void will_answer(const struct answer *list, size_t len)
{
	buf_clear(&asked);
	count = 0;
	memcpy(answers, list, len * sizeof(*list));
	answer_count = len;
}

#define WILL_ANSWER(...)                                             \
	will_answer((const struct answer[]){ __VA_ARGS__ },          \
		    sizeof((const struct answer[]){ __VA_ARGS__ }) / \
			sizeof(struct answer))

static void check_asked(const char *expected)
{
	buf_put_byte(&asked, '\0');
	assert_string_equal(asked.data, expected);
}

/* Runs 1 to 3 have dead letters, the first two of them, the last one was given
 * up first; run 4 waits. */
static void put_messages(void)
{
	for (unsigned i = 1; i <= DEAD_RUNS + 1; i++) {
		struct message_record it = {
			.run = store_fixture_id(i),
			.queue = SLICE("ocr"),
			.plugin = SLICE("ocr"),
			.state =
			    i <= DEAD_RUNS ? MESSAGE_DEAD : MESSAGE_WAITING,
			.place = i,
			.entered_us = STORE_FIXTURE_US,
			.dead_us = STORE_FIXTURE_US + (i == 3 ? 1 : 10 + i),
		};

		store_put_message(fixture.store, &it);
		if (i == 1) {
			it.task = 7;
			it.place = 70;
			store_put_message(fixture.store, &it);
		}
	}
}

static int set_up(void **state)
{
	struct queue_record queue = {
		.name = SLICE("ocr"),
		.plugin = SLICE("ocr"),
		.policy = SLICE("{}"),
	};
	struct err error = { 0 };

	(void)state;
	store_fixture_open(&fixture);
	for (unsigned i = 1; i <= DEAD_RUNS + 1; i++) {
		store_fixture_run(&fixture, i, i == 2 ? "Other" : "Demo",
				  i == 1 ? "one" : "more", GROUP_FAILED);
	}
	store_put_queue(fixture.store, &queue);
	put_messages();
	store_fixture_commit(&fixture);
	store_fixture_release(&fixture);
	(void)unsetenv("TUTTI_CONFIG");
	if (setenv("TUTTI_STORE", fixture.folder, 1)) {
		return -1;
	}
	(void)snprintf(address, sizeof(address), "%s/c.sock", fixture.folder);
	return control_server_create(address, answer, NULL, &server, &error);
}

static int tear_down(void **state)
{
	(void)state;
	control_server_stop(server);
	store_fixture_remove(&fixture);
	program_fini(&program);
	buf_fini(&asked);
	return 0;
}

#define QUEUE(...) \
	program_run(&program, "queue", __VA_ARGS__, "--to", address, NULL)

static void test_pausing(void **state)
{
	(void)state;
	WILL_ANSWER({ 0, "{\"queue\":\"ocr\",\"paused\":true}" });
	assert_int_equal(QUEUE("pause", "ocr"), 0);
	check_asked("queue_pause {\"queue\":\"ocr\",\"dry_run\":false}\n");
	assert_string_equal(program.out, "queue ocr: is paused\n");
	WILL_ANSWER({ 0, "{\"queue\":\"ocr\",\"paused\":false}" });
	assert_int_equal(QUEUE("resume", "ocr", "--dry-run"), 0);
	check_asked("queue_resume {\"queue\":\"ocr\",\"dry_run\":true}\n");
	assert_string_equal(program.out, "queue ocr: would go on\n");
	WILL_ANSWER({ E_UNCHANGED, "queue 'ocr' is not paused" });
	assert_int_equal(QUEUE("resume", "ocr"), 6);
	program_expect(program.err, "queue 'ocr' is not paused");
	assert_int_equal(QUEUE("pause", "orc"), 3);
	program_expect(program.err, "did you mean 'ocr'?");
}

static void run_ids(char texts[DEAD_RUNS + 1][ID_TEXT_SIZE])
{
	for (unsigned i = 0; i <= DEAD_RUNS; i++) {
		struct id id = store_fixture_id(i);

		id_format(&id, texts[i]);
	}
}

static void check_redrive(const char *ids, const char *dry)
{
	struct buf expected = { 0 };

	buf_printf(&expected,
		   "queue_redrive {\"runs\":[%s],\"queue\":\"ocr\","
		   "\"dry_run\":%s}\n",
		   ids, dry);
	buf_put_byte(&expected, '\0');
	check_asked(expected.data);
	buf_fini(&expected);
}

/* Each run once, the one that was given up first at first. */
static void test_redriving_which(void **state)
{
	char id[DEAD_RUNS + 1][ID_TEXT_SIZE];
	char list[128];

	(void)state;
	run_ids(id);
	WILL_ANSWER({ 0, "{\"runs\":[]}" });
	(void)QUEUE("redrive", "ocr", "--dry-run");
	(void)snprintf(list, sizeof(list), "\"%s\",\"%s\",\"%s\"", id[3], id[1],
		       id[2]);
	check_redrive(list, "true");
	WILL_ANSWER({ 0, "{\"runs\":[]}" });
	(void)QUEUE("redrive", "ocr", "--limit", "2");
	(void)snprintf(list, sizeof(list), "\"%s\",\"%s\"", id[3], id[1]);
	check_redrive(list, "false");
	WILL_ANSWER({ 0, "{\"runs\":[]}" });
	(void)QUEUE("redrive", "ocr", "--run", "one");
	(void)snprintf(list, sizeof(list), "\"%s\"", id[1]);
	check_redrive(list, "false");
	WILL_ANSWER({ 0, "{\"runs\":[]}" });
	(void)QUEUE("redrive", "ocr", "--workflow", "Other");
	(void)snprintf(list, sizeof(list), "\"%s\"", id[2]);
	check_redrive(list, "false");
	WILL_ANSWER({ 0, "{\"runs\":[]}" });
	assert_int_equal(QUEUE("redrive", "ocr", "--workflow", "Nobody"), 6);
	check_asked("");
	program_expect(program.err, "nothing changed: no dead letter fits");
	assert_int_equal(QUEUE("redrive", "ocr", "--run", "nobody"), 3);
	assert_int_equal(QUEUE("redrive", "ocr", "--limit", "few"), 2);
}

static void test_redriving(void **state)
{
	(void)state;
	WILL_ANSWER({ 0,
		      "{\"runs\":[{\"id\":\"a\",\"state\":\"running\","
		      "\"tasks\":1,\"active\":false,\"changed\":true,"
		      "\"message\":null},{\"id\":\"b\",\"state\":\"running\","
		      "\"tasks\":0,\"active\":true,\"changed\":false,"
		      "\"message\":\"has not ended\"},{\"id\":\"c\",\"state\":"
		      "\"failed\",\"tasks\":0,\"active\":false,\"changed\":"
		      "false,\"message\":\"damaged\"}]}" });
	assert_int_equal(QUEUE("redrive", "ocr"), 0);
	assert_string_equal(
	    program.out, "a: 1 task goes back into the queue; now running\n");
	program_expect(program.err, "its run has not ended: 1;");
	program_expect(program.err, "c: nothing changed: damaged");
	assert_int_equal(QUEUE("redrive", "ocr", "-o", "name"), 0);
	assert_string_equal(program.out, "a\nb\nc\n");
	WILL_ANSWER({ 0, "{\"runs\":[{\"id\":\"b\",\"state\":\"running\","
			 "\"tasks\":0,\"active\":true,\"changed\":false,"
			 "\"message\":\"has not ended\"}]}" });
	assert_int_equal(QUEUE("redrive", "ocr"), 6);
	WILL_ANSWER({ E_IO, "the disk is full" });
	assert_int_equal(QUEUE("redrive", "ocr"), 5);
	program_expect(program.err, "the disk is full");
}

/* As long as there is something. */
static void test_purging(void **state)
{
	(void)state;
	WILL_ANSWER({ 0, "{\"purged\":500}" }, { 0, "{\"purged\":12}" },
		    { E_UNCHANGED, "nothing waits" });
	assert_int_equal(QUEUE("purge", "ocr"), 0);
	check_asked("queue_purge {\"queue\":\"ocr\",\"dry_run\":false}\n"
		    "queue_purge {\"queue\":\"ocr\",\"dry_run\":false}\n"
		    "queue_purge {\"queue\":\"ocr\",\"dry_run\":false}\n");
	assert_string_equal(program.out,
			    "queue ocr: 512 messages thrown away\n");
	WILL_ANSWER({ E_UNCHANGED, "nothing waits" });
	assert_int_equal(QUEUE("purge", "ocr", "--tenant", "t"), 2);
	check_asked("");
	assert_int_equal(QUEUE("purge", "ocr"), 6);
	program_expect(program.err, "nothing changed: nothing waits in it");
	WILL_ANSWER({ 0, "{\"purged\":500}" }, { E_IO, "the disk is full" });
	assert_int_equal(QUEUE("purge", "ocr"), 5);
	program_expect(program.out, "500 messages thrown away");
	WILL_ANSWER({ E_IO, "not asked" });
	assert_int_equal(QUEUE("purge", "ocr", "--dry-run", "-o", "json"), 0);
	check_asked("");
	program_expect(program.out, "\"purged\": 1");
}

static void test_purging_dead(void **state)
{
	char id[DEAD_RUNS + 1][ID_TEXT_SIZE];
	char expected[512];

	(void)state;
	run_ids(id);
	WILL_ANSWER({ 0, "{\"dropped\":4}" });
	assert_int_equal(QUEUE("purge", "ocr", "--dead"), 0);
	(void)snprintf(expected, sizeof(expected),
		       "queue_drop {\"messages\":[{\"run\":\"%s\",\"task\":0},"
		       "{\"run\":\"%s\",\"task\":0},{\"run\":\"%s\",\"task\":7}"
		       ",{\"run\":\"%s\",\"task\":0}],\"queue\":\"ocr\","
		       "\"dry_run\":false}\n",
		       id[3], id[1], id[1], id[2]);
	check_asked(expected);
	assert_string_equal(program.out,
			    "queue ocr: 4 dead letters thrown away\n");
	WILL_ANSWER({ E_UNCHANGED, "none of them" });
	assert_int_equal(QUEUE("purge", "ocr", "--dead"), 6);
	assert_int_equal(QUEUE("purge", "ocr", "--dead", "--dry-run"), 0);
	assert_string_equal(program.out,
			    "queue ocr: 4 dead letters would be thrown away\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pausing),
		cmocka_unit_test(test_redriving_which),
		cmocka_unit_test(test_redriving),
		cmocka_unit_test(test_purging),
		cmocka_unit_test(test_purging_dead),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
