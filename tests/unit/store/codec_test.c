/*
 * Every record through its codec: all fields come back, every truncation and
 * every impossible number is refused, and the bytes of known records stay what
 * they are, because stores out there hold them.
 */
#include "codecs.h"

#include "store/history_row.h"

static int decode_run(struct slice bytes)
{
	struct id id = test_id(1);
	struct run_record run;

	return run_decode(bytes, &id, &run);
}

static struct run_record full_run(void)
{
	struct run_record run = {
		.id = test_id(1),
		.tenant = SLICE("acme"),
		.uid = SLICE("order 7"),
		.workflow = SLICE("ship"),
		.state = GROUP_CANCELLING,
		.reason = REASON_DEADLINE,
		.message = SLICE("took too long"),
		.cancel_requested = true,
		.paused = true,
		.resumes = 6,
		.task_count = 0x01020304,
		.activity_count = 5,
		.created_us = 1,
		.started_us = 2,
		.ended_us = -3,
		.deadline_us = 4,
	};

	for (int i = 0; i < DEFINITION_HASH_SIZE; i++) {
		run.version[i] = (unsigned char)i;
	}
	return run;
}

static void run_comes_back(void **state)
{
	(void)state;
	struct run_record run = full_run();
	struct run_record back;
	struct buf buf = { 0 };

	run_encode(&buf, &run);
	assert_int_equal(run_decode(buf_slice(&buf), &run.id, &back), 0);
	assert_true(id_equal(&back.id, &run.id));
	assert_slice(back.tenant, "acme");
	assert_slice(back.uid, "order 7");
	assert_slice(back.workflow, "ship");
	assert_slice(back.message, "took too long");
	assert_memory_equal(back.version, run.version, sizeof(run.version));
	assert_int_equal(back.state, GROUP_CANCELLING);
	assert_int_equal(back.reason, REASON_DEADLINE);
	assert_true(back.cancel_requested);
	assert_true(back.paused);
	assert_int_equal(back.resumes, 6);
	assert_int_equal(back.deadline_us, 4);
	assert_int_equal(back.task_count, 0x01020304);
	assert_int_equal(back.activity_count, 5);
	assert_int_equal(back.created_us, 1);
	assert_int_equal(back.started_us, 2);
	assert_int_equal(back.ended_us, -3);
	check_damage(&buf, decode_run);
	check_garbage(&buf, decode_run);
	buf_fini(&buf);
}

static void run_bytes_stay(void **state)
{
	(void)state;
	struct run_record run = full_run();
	struct buf buf = { 0 };

	run_encode(&buf, &run);
	check_hex(&buf, "02030b0101000000060102030400000005"
			"00000000000000010000000000000002fffffffffffffffd"
			"0000000000000004"
			"000102030405060708090a0b0c0d0e0f"
			"101112131415161718191a1b1c1d1e1f"
			"000461636d6500076f72646572203700047368697000"
			"0d746f6f6b20746f6f206c6f6e67");
	buf_fini(&buf);
}

static void run_with_unknown_state(void **state)
{
	(void)state;
	struct run_record run = full_run();
	struct buf buf = { 0 };

	run_encode(&buf, &run);
	buf.data[1] = GROUP_STATES;
	assert_int_equal(decode_run(buf_slice(&buf)), E_CORRUPT);
	buf.data[1] = 0;
	buf.data[2] = REASONS;
	assert_int_equal(decode_run(buf_slice(&buf)), E_CORRUPT);
	buf.data[2] = REASONS - 1;
	assert_int_equal(decode_run(buf_slice(&buf)), 0);
	buf.data[3] = 2; /* cancel asked for twice */
	assert_int_equal(decode_run(buf_slice(&buf)), 0);
	buf.data[3] = 3;
	assert_int_equal(decode_run(buf_slice(&buf)), E_CORRUPT);
	buf_fini(&buf);
}

static int decode_activity(struct slice bytes)
{
	struct activity_record activity;

	return activity_decode(bytes, 3, &activity);
}

static struct phase_record full_phase(unsigned n)
{
	return (struct phase_record){
		.state = (enum group_state)(GROUP_RUNNING + n),
		.reason = (enum reason)(REASON_DRAINING + n),
		.opened = true,
		.mandatory_done = n == 1,
		.first = 60 + n,
		.expected = 10 + n,
		.finished = 20 + n,
		.filtered = 30 + n,
		.started_us = 40 + n,
		.ended_us = 50 + n,
	};
}

static void check_phase(const struct phase_record *phase, unsigned n)
{
	struct phase_record want = full_phase(n);

	assert_int_equal(phase->state, want.state);
	assert_int_equal(phase->reason, want.reason);
	assert_int_equal(phase->opened, want.opened);
	assert_int_equal(phase->mandatory_done, want.mandatory_done);
	assert_int_equal(phase->first, want.first);
	assert_int_equal(phase->expected, want.expected);
	assert_int_equal(phase->finished, want.finished);
	assert_int_equal(phase->filtered, want.filtered);
	assert_int_equal(phase->started_us, want.started_us);
	assert_int_equal(phase->ended_us, want.ended_us);
}

static struct activity_record full_activity(void)
{
	return (struct activity_record){
		.index = 3,
		.state = GROUP_SKIPPED,
		.reason = REASON_OPERATOR,
		.visit = 2,
		.expired = true,
		.started_us = 100,
		.ended_us = 200,
		.deadline_us = 300,
		.window_us = 400,
		.phases = { full_phase(0), full_phase(1), full_phase(2) },
	};
}

static void activity_comes_back(void **state)
{
	(void)state;
	struct activity_record activity = full_activity();
	struct activity_record back;
	struct buf buf = { 0 };

	activity_encode(&buf, &activity);
	assert_int_equal(activity_decode(buf_slice(&buf), 3, &back), 0);
	assert_int_equal(back.index, 3);
	assert_int_equal(back.state, GROUP_SKIPPED);
	assert_int_equal(back.reason, REASON_OPERATOR);
	assert_int_equal(back.visit, 2);
	assert_int_equal(back.started_us, 100);
	assert_int_equal(back.ended_us, 200);
	assert_int_equal(back.deadline_us, 300);
	assert_int_equal(back.window_us, 400);
	assert_true(back.expired);
	for (unsigned i = 0; i < PHASE_KINDS; i++) {
		check_phase(&back.phases[i], i);
	}
	check_damage(&buf, decode_activity);
	check_garbage(&buf, decode_activity);
	buf_fini(&buf);
}

static void activity_bytes_stay(void **state)
{
	(void)state;
	struct activity_record activity = full_activity();
	struct buf buf = { 0 };

	activity_encode(&buf, &activity);
	check_hex(&buf, "0308111f02c801c8019003d8040108193d0a141e77630209"
			"1d3e0b151f7561030a193f0c1620735f0000000000000000"
			"00000000000000000000000000000000");
	buf_fini(&buf);
}

static int decode_task(struct slice bytes)
{
	struct task_record task;

	return task_decode(bytes, 9, &task);
}

static struct task_record full_task(void)
{
	return (struct task_record){
		.number = 9,
		.activity = 4,
		.phase = PHASE_POST,
		.state = TASK_RETRYING,
		.reason = REASON_REDELIVERED,
		.mandatory = true,
		.cancel_requested = true,
		.attempt = 3,
		.deaths = 4,
		.failures = 5,
		.superseded = true,
		.wakes = 2,
		.binding = NO_BINDING,
		.name = SLICE("thumb"),
		.plugin = SLICE("imaging"),
		.queue = SLICE("ocr"),
		.instance = SLICE("imaging#2"),
		.message = SLICE("exit 3"),
		.note = SLICE("page 4"),
		.progress = 0.375,
		.timeout_ms = 1500,
		.created_us = 11,
		.started_us = 12,
		.ended_us = 13,
		.wake_us = 14,
		.deadline_us = 15,
		.expires_us = 16,
		.output = SLICE("\x81\x05"),
	};
}

static void check_task(const struct task_record *task)
{
	assert_int_equal(task->number, 9);
	assert_int_equal(task->activity, 4);
	assert_int_equal(task->phase, PHASE_POST);
	assert_int_equal(task->state, TASK_RETRYING);
	assert_int_equal(task->reason, REASON_REDELIVERED);
	assert_true(task->mandatory);
	assert_true(task->cancel_requested);
	assert_int_equal(task->attempt, 3);
	assert_int_equal(task->deaths, 4);
	assert_int_equal(task->failures, 5);
	assert_true(task->superseded);
	assert_int_equal(task->wakes, 2);
	assert_int_equal(task->binding, NO_BINDING);
	assert_slice(task->name, "thumb");
	assert_slice(task->plugin, "imaging");
	assert_slice(task->queue, "ocr");
	assert_slice(task->instance, "imaging#2");
	assert_slice(task->message, "exit 3");
	assert_slice(task->note, "page 4");
	assert_true(task->progress > 0.3749 && task->progress < 0.3751);
	assert_int_equal(task->timeout_ms, 1500);
	assert_int_equal(task->created_us, 11);
	assert_int_equal(task->started_us, 12);
	assert_int_equal(task->ended_us, 13);
	assert_int_equal(task->wake_us, 14);
	assert_int_equal(task->deadline_us, 15);
	assert_int_equal(task->expires_us, 16);
	assert_slice(task->output, "\x81\x05");
}

static void task_comes_back(void **state)
{
	(void)state;
	struct task_record task = full_task();
	struct task_record back;
	struct buf buf = { 0 };

	task_encode(&buf, &task);
	assert_int_equal(task_decode(buf_slice(&buf), 9, &back), 0);
	check_task(&back);
	check_damage(&buf, decode_task);
	check_garbage(&buf, decode_task);
	buf_fini(&buf);
}

static void task_bytes_stay(void **state)
{
	(void)state;
	struct task_record task = full_task();
	struct buf buf = { 0 };

	task_encode(&buf, &task);
	check_hex(&buf, "05020413ff040304050200bfb003b81716020406080a0574"
			"68756d6207696d6167696e6709696d6167696e6723320665"
			"786974203306706167652034036f63720281050000000000"
			"000000000000000000000000000000000000000000000000");
	buf_fini(&buf);
}

static int decode_one(struct slice bytes, struct transition_record *ret_one)
{
	struct transition_record end;
	struct history_row row;

	return history_row_read(bytes, 77, &row) ||
		       history_row_next(&row, ret_one) != 1 ||
		       history_row_next(&row, &end) != 0
		   ? E_CORRUPT
		   : 0;
}

static int decode_transition(struct slice bytes)
{
	struct transition_record transition;

	return decode_one(bytes, &transition);
}

static void transition_comes_back(void **state)
{
	(void)state;
	struct transition_record transition = {
		.sequence = 77,
		.time_us = 5,
		.kind = OBJECT_TASK,
		.activity = 6,
		.phase = PHASE_PARALLEL,
		.task = 7,
		.attempt = 8,
		.from = TASK_PENDING,
		.to = TASK_RUNNING,
		.reason = REASON_STARTED,
		.actor = SLICE("plugin scanner"),
		.message = SLICE("at once"),
	};
	struct transition_record back;
	struct buf buf = { 0 };

	assert_int_equal(history_row_put(&buf, &transition, 1), 1);
	assert_int_equal(decode_one(buf_slice(&buf), &back), 0);
	assert_int_equal(back.sequence, 77);
	assert_int_equal(back.time_us, 5);
	assert_int_equal(back.kind, OBJECT_TASK);
	assert_int_equal(back.activity, 6);
	assert_int_equal(back.phase, PHASE_PARALLEL);
	assert_int_equal(back.task, 7);
	assert_int_equal(back.attempt, 8);
	assert_int_equal(back.from, TASK_PENDING);
	assert_int_equal(back.to, TASK_RUNNING);
	assert_int_equal(back.reason, REASON_STARTED);
	assert_slice(back.actor, "plugin scanner");
	assert_slice(back.message, "at once");
	check_damage(&buf, decode_transition);
	check_garbage(&buf, decode_transition);
	buf_clear(&buf);
	transition.from = -1;
	assert_int_equal(history_row_put(&buf, &transition, 1), 1);
	assert_int_equal(decode_one(buf_slice(&buf), &back), 0);
	assert_int_equal(back.from, -1);
	buf_fini(&buf);
}

static int decode_plugin(struct slice bytes)
{
	struct plugin_record plugin;

	return plugin_decode(bytes, SLICE("scanner"), &plugin);
}

static void plugin_comes_back(void **state)
{
	(void)state;
	struct buf subscriptions = { 0 };

	for (int i = 0; i < 70000; i++) {
		buf_put_byte(&subscriptions, (uint8_t)('a' + i % 26));
	}
	struct plugin_record plugin = {
		.name = SLICE("scanner"),
		.version = SLICE("1.2"),
		.help = SLICE("Looks for things."),
		.module = SLICE("./scanner.so"),
		.hash = SLICE("sha256:00"),
		.form = SLICE("in-process"),
		.state = SLICE("ready"),
		.message = SLICE("as it should be"),
		.entry = SLICE("scan"),
		.max_tasks = 4,
		.crashes = 2,
		.quarantined = true,
		.ephemeral = true,
		.always_run = true,
		.subscriptions = buf_slice(&subscriptions),
		.params = SLICE("[{}]"),
		.queue = SLICE("{\"attempts\":5}"),
		.declared = SLICE("{\"attempts\":6}"),
	};
	struct plugin_record back;
	struct buf buf = { 0 };

	plugin_encode(&buf, &plugin);
	assert_int_equal(
	    plugin_decode(buf_slice(&buf), SLICE("scanner"), &back), 0);
	assert_slice(back.name, "scanner");
	assert_slice(back.version, "1.2");
	assert_slice(back.help, "Looks for things.");
	assert_slice(back.module, "./scanner.so");
	assert_slice(back.hash, "sha256:00");
	assert_slice(back.form, "in-process");
	assert_slice(back.state, "ready");
	assert_slice(back.message, "as it should be");
	assert_slice(back.entry, "scan");
	assert_slice(back.params, "[{}]");
	assert_slice(back.queue, "{\"attempts\":5}");
	assert_slice(back.declared, "{\"attempts\":6}");
	assert_int_equal(back.max_tasks, 4);
	assert_int_equal(back.crashes, 2);
	assert_true(back.quarantined);
	assert_true(back.ephemeral);
	assert_true(back.always_run);
	assert_true(slice_equal(back.subscriptions, plugin.subscriptions));
	check_garbage(&buf, decode_plugin);
	buf_clear(&buf);
	plugin.subscriptions = SLICE("[]");
	plugin_encode(&buf, &plugin);
	check_damage(&buf, decode_plugin);
	buf_fini(&buf);
	buf_fini(&subscriptions);
}

static void plugin_bytes_stay(void **state)
{
	(void)state;
	struct plugin_record plugin = {
		.version = SLICE("1.2"),
		.module = SLICE("a.so"),
		.hash = SLICE("00ff"),
		.form = SLICE("process"),
		.state = SLICE("down"),
		.message = SLICE("gone"),
		.entry = SLICE("ent"),
		.help = SLICE("Helps"),
		.max_tasks = 4,
		.crashes = 2,
		.ephemeral = true,
		.subscriptions = SLICE("[1]"),
		.params = SLICE("[2]"),
		.queue = SLICE("{3}"),
		.declared = SLICE("{4}"),
	};
	struct buf buf = { 0 };
	struct plugin_record back;

	plugin_encode(&buf, &plugin);
	check_hex(&buf, "0400000004000000020001"
			"0003312e320004612e736f000430306666"
			"000770726f636573730004646f776e0004676f6e65"
			"0003656e74"
			"0000000548656c7073000000035b315d000000035b325d00"
			"000000037b337d000000037b347d");
	/* Of format 3, which knew no queues. */
	buf.data[0] = 3;
	buf.len -= 14;
	assert_int_equal(plugin_decode(buf_slice(&buf), SLICE("p"), &back), 0);
	assert_slice(back.params, "[2]");
	assert_int_equal(back.queue.len, 0);
	assert_int_equal(back.declared.len, 0);
	/* Of format 2, which did not know whether it always runs. */
	buf.data[0] = 2;
	buf.len--;
	assert_int_equal(plugin_decode(buf_slice(&buf), SLICE("p"), &back), 0);
	assert_slice(back.params, "[2]");
	assert_false(back.always_run);
	buf_fini(&buf);
}

static int decode_pause(struct slice bytes)
{
	struct pause_record pause;

	return pause_decode(bytes, SLICE("flow"), &pause);
}

static void pause_comes_back(void **state)
{
	(void)state;
	struct pause_record pause = {
		.workflow = SLICE("flow"),
		.actor = SLICE("operator uid 7"),
		.since_us = 99,
	};
	struct pause_record back;
	struct buf buf = { 0 };

	pause_encode(&buf, &pause);
	assert_int_equal(pause_decode(buf_slice(&buf), SLICE("flow"), &back),
			 0);
	assert_slice(back.workflow, "flow");
	assert_slice(back.actor, "operator uid 7");
	assert_int_equal(back.since_us, 99);
	check_damage(&buf, decode_pause);
	check_garbage(&buf, decode_pause);
	check_hex(&buf, "010000000000000063000e6f70657261746f72207569642037");
	buf_fini(&buf);
}

static int decode_uid(struct slice bytes)
{
	struct id id;

	return uid_decode(bytes, &id);
}

static void uid_comes_back(void **state)
{
	(void)state;
	struct id id = test_id(5);
	struct id back;
	struct buf buf = { 0 };

	uid_encode(&buf, &id);
	assert_int_equal(uid_decode(buf_slice(&buf), &back), 0);
	assert_true(id_equal(&id, &back));
	check_damage(&buf, decode_uid);
	buf_fini(&buf);
}

/* A text that the length cannot say is cut, and cut between characters. */
static void long_text_is_cut(void **state)
{
	(void)state;
	struct run_record run = full_run();
	struct run_record back;
	struct buf message = { 0 };
	struct buf buf = { 0 };

	buf_put_text(&message, "x");
	for (int i = 0; i < 40000; i++) {
		buf_put_text(&message, "\xc3\xa9");
	}
	run.message = buf_slice(&message);
	run_encode(&buf, &run);
	assert_int_equal(run_decode(buf_slice(&buf), &run.id, &back), 0);
	assert_int_equal(back.message.len, 65535);
	run.message.ptr++;
	run.message.len--;
	buf_clear(&buf);
	run_encode(&buf, &run);
	assert_int_equal(run_decode(buf_slice(&buf), &run.id, &back), 0);
	assert_int_equal(back.message.len, 65534);
	buf_fini(&buf);
	buf_fini(&message);
}

static void no_number_is_refused(void **state)
{
	(void)state;
	struct task_record task = full_task();
	struct buf buf = { 0 };

	task_encode(&buf, &task);
	memset(buf.data + 31, 0xff, 8); /* progress: not a number */
	assert_int_equal(decode_task(buf_slice(&buf)), E_CORRUPT);
	buf_fini(&buf);
}

/* What is in stores as a number must keep it. */
static void numbers_stay(void **state)
{
	(void)state;
	static const char *const reasons[] = {
		"",
		"earlier_phase",
		"earlier_activity",
		"earlier_task",
		"no_free_slot",
		"plugin_not_registered",
		"in_plugin",
		"tasks_running",
		"draining",
		"until_time",
		"cancel_requested",
		"deadline",
		"abandoned",
		"plugin_failed",
		"mandatory_failed",
		"optional_failed",
		"empty_phase",
		"operator",
		"sibling_failed",
		"redelivered",
		"template",
		"completed",
		"started",
		"parked",
		"woken",
		"no_instance",
		"instance_lost",
		"returned",
		"plugin_crashed",
		"plugin_removed",
		"quarantined",
		"register_window",
		"backoff",
		"retry",
		"attempts_used_up",
		"paused",
		"resumed",
		"retried",
		"run_again",
		"always_run",
		"superseded",
		"late_completion",
		"in_queue",
		"lease_expired",
		"dead_letter",
		"purged",
	};
	static const char *const tasks[] = {
		"pending",   "queued", "running", "waiting",   "retrying",
		"succeeded", "failed", "skipped", "cancelled",
	};
	static const char *const groups[] = {
		"pending",  "running", "waiting",   "cancelling", "succeeded",
		"degraded", "failed",  "cancelled", "skipped",
	};

	assert_int_equal(sizeof(reasons) / sizeof(*reasons), REASONS);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		assert_string_equal(reason_name((enum reason)i), reasons[i]);
	}
	for (size_t i = 0; i < sizeof(tasks) / sizeof(*tasks); i++) {
		assert_string_equal(task_state_name((enum task_state)i),
				    tasks[i]);
	}
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++) {
		assert_string_equal(group_state_name((enum group_state)i),
				    groups[i]);
	}
	assert_int_equal(DOCUMENT_ATTRIBUTES, 0);
	assert_int_equal(DOCUMENT_INPUT, 1);
	assert_int_equal(DOCUMENT_STASH, 2);
	assert_int_equal(DOCUMENT_SKIPS, 3);
	assert_int_equal(OBJECT_RUN, 0);
	assert_int_equal(OBJECT_TASK, 3);
	assert_int_equal(PHASE_PRE, 0);
	assert_int_equal(PHASE_POST, 2);
	assert_int_equal(MESSAGE_WAITING, 0);
	assert_int_equal(MESSAGE_LEASED, 1);
	assert_int_equal(MESSAGE_DEAD, 2);
	assert_int_equal(MESSAGE_STASH, 0);
	assert_int_equal(MESSAGE_OUTPUTS, 1);
	assert_int_equal(MESSAGE_WITH, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_comes_back),
		cmocka_unit_test(run_bytes_stay),
		cmocka_unit_test(run_with_unknown_state),
		cmocka_unit_test(activity_comes_back),
		cmocka_unit_test(activity_bytes_stay),
		cmocka_unit_test(task_comes_back),
		cmocka_unit_test(task_bytes_stay),
		cmocka_unit_test(transition_comes_back),
		cmocka_unit_test(plugin_comes_back),
		cmocka_unit_test(plugin_bytes_stay),
		cmocka_unit_test(pause_comes_back),
		cmocka_unit_test(uid_comes_back),
		cmocka_unit_test(long_text_is_cut),
		cmocka_unit_test(no_number_is_refused),
		cmocka_unit_test(numbers_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
