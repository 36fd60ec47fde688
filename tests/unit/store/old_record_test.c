/*
 * Records as earlier versions have written them, byte by byte, are still read:
 * stores out there hold them. What they do not know reads as nothing.
 */
#include "store/codec.h"
#include "support.h"

static struct buf bytes;

static int tear_down(void **state)
{
	(void)state;
	buf_fini(&bytes);
	return 0;
}

static struct slice from_hex(const char *hex)
{
	buf_clear(&bytes);
	for (; *hex; hex += 2) {
		char digits[3] = { hex[0], hex[1] };

		buf_put_byte(&bytes, (uint8_t)strtoul(digits, NULL, 16));
	}
	return buf_slice(&bytes);
}

static void first_run(void **state)
{
	(void)state;
	struct id id = test_id(1);
	struct run_record run;

	assert_int_equal(
	    run_decode(from_hex("01030b010102030400000005"
				"00000000000000010000000000000002"
				"fffffffffffffffd"
				"000102030405060708090a0b0c0d0e0f"
				"101112131415161718191a1b1c1d1e1f"
				"000461636d6500076f72646572203700047368697000"
				"0d746f6f6b20746f6f206c6f6e67"),
		       &id, &run),
	    0);
	assert_int_equal(run.state, GROUP_CANCELLING);
	assert_int_equal(run.reason, REASON_DEADLINE);
	assert_true(run.cancel_requested);
	assert_false(run.cancel_forced);
	assert_int_equal(run.task_count, 0x01020304);
	assert_int_equal(run.activity_count, 5);
	assert_int_equal(run.created_us, 1);
	assert_int_equal(run.started_us, 2);
	assert_int_equal(run.ended_us, -3);
	assert_int_equal(run.version[31], 31);
	assert_slice(run.tenant, "acme");
	assert_slice(run.uid, "order 7");
	assert_slice(run.workflow, "ship");
	assert_slice(run.message, "took too long");
	assert_false(run.paused);
	assert_int_equal(run.resumes, 0);
	assert_int_equal(run.deadline_us, 0);
}

static void check_first_phase(const struct phase_record *phase, unsigned n)
{
	assert_int_equal(phase->state, GROUP_RUNNING + n);
	assert_int_equal(phase->reason, REASON_DRAINING + n);
	assert_true(phase->opened);
	assert_false(phase->curtailed);
	assert_int_equal(phase->mandatory_done, n == 1);
	assert_int_equal(phase->expected, 10 + n);
	assert_int_equal(phase->finished, 20 + n);
	assert_int_equal(phase->filtered, 30 + n);
	assert_int_equal(phase->started_us, 40 + n);
	assert_int_equal(phase->ended_us, 50 + n);
	assert_int_equal(phase->first, UNKNOWN_FIRST);
}

static void first_activity(void **state)
{
	(void)state;
	struct activity_record activity;

	assert_int_equal(
	    activity_decode(
		from_hex("01081100000002000000000000006400000000000000c801"
			 "0801000000000a000000140000001e000000000000002800"
			 "00000000000032020901010000000b000000150000001f00"
			 "000000000000290000000000000033030a01000000000c00"
			 "00001600000020000000000000002a0000000000000034"),
		3, &activity),
	    0);
	assert_int_equal(activity.index, 3);
	assert_int_equal(activity.state, GROUP_SKIPPED);
	assert_int_equal(activity.reason, REASON_OPERATOR);
	assert_int_equal(activity.visit, 2);
	assert_int_equal(activity.started_us, 100);
	assert_int_equal(activity.ended_us, 200);
	assert_false(activity.expired);
	assert_int_equal(activity.deadline_us, 0);
	for (unsigned i = 0; i < PHASE_KINDS; i++) {
		check_first_phase(&activity.phases[i], i);
	}
}

static void second_activity(void **state)
{
	(void)state;
	struct activity_record activity;

	assert_int_equal(
	    activity_decode(
		from_hex("0208110000000200000000000000640100000000000000c8"
			 "000000000000012c0000000000000190010801000000003c"
			 "0000000a000000140000001e000000000000002800000000"
			 "00000032020901010000003d0000000b000000150000001f"
			 "00000000000000290000000000000033030a01000000003e"
			 "0000000c0000001600000020000000000000002a00000000"
			 "00000034"),
		3, &activity),
	    0);
	assert_true(activity.expired);
	assert_int_equal(activity.deadline_us, 300);
	assert_int_equal(activity.window_us, 400);
	assert_int_equal(activity.phases[1].first, 61);
	assert_int_equal(activity.phases[2].first, 62);
	assert_int_equal(activity.phases[2].filtered, 32);
	assert_int_equal(activity.phases[2].ended_us, 52);
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
	assert_int_equal(task->wakes, 2);
	assert_int_equal(task->binding, NO_BINDING);
	assert_slice(task->name, "thumb");
	assert_slice(task->note, "page 4");
	assert_int_equal(task->timeout_ms, 1500);
	assert_int_equal(task->deadline_us, 15);
	assert_int_equal(task->failures, 0);
	assert_false(task->superseded);
	assert_slice(task->queue, "");
	assert_int_equal(task->expires_us, 0);
}

/* From `wakes` on the first two formats are the same. */
#define OLD_TASK                                             \
	"00000002ffffffff"                                   \
	"3fd800000000000000000000000005dc"                   \
	"000000000000000b000000000000000c000000000000000d"   \
	"000000000000000e000000000000000f"                   \
	"00057468756d620007696d6167696e670009696d6167696e67" \
	"2332000665786974203300067061676520"                 \
	"34"

static void first_task(void **state)
{
	(void)state;
	struct task_record task;

	assert_int_equal(
	    task_decode(from_hex("0100000004020413010100000003" OLD_TASK), 9,
			&task),
	    0);
	check_task(&task);
	assert_int_equal(task.deaths, 0);
}

static void second_task(void **state)
{
	(void)state;
	struct task_record task;

	assert_int_equal(
	    task_decode(
		from_hex("020000000402041301010000000300000004" OLD_TASK), 9,
		&task),
	    0);
	check_task(&task);
	assert_int_equal(task.deaths, 4);
}

/* From `activity` to `note` the next two are the same. */
#define LATER_TASK                                 \
	"0000000402041301010000000300000004"       \
	"000000050100000002ffffffff"               \
	"3fd800000000000000000000000005dc"         \
	"000000000000000b000000000000000c"         \
	"000000000000000d000000000000000e"         \
	"000000000000000f0000000000000010"         \
	"00057468756d620007696d6167696e67"         \
	"0009696d6167696e672332000665786974203300" \
	"06706167652034"

static void check_later_task(const struct task_record *task)
{
	assert_int_equal(task->failures, 5);
	assert_true(task->superseded);
	assert_int_equal(task->binding, NO_BINDING);
	assert_int_equal(task->created_us, 11);
	assert_int_equal(task->expires_us, 16);
	assert_slice(task->plugin, "imaging");
	assert_slice(task->note, "page 4");
	assert_slice(task->output, "");
}

static void third_task(void **state)
{
	(void)state;
	struct task_record task;

	assert_int_equal(task_decode(from_hex("03" LATER_TASK), 9, &task), 0);
	check_later_task(&task);
	assert_slice(task.queue, "");
}

static void fourth_task(void **state)
{
	(void)state;
	struct task_record task;

	assert_int_equal(
	    task_decode(from_hex("04" LATER_TASK "00036f6372"), 9, &task), 0);
	check_later_task(&task);
	assert_slice(task.queue, "ocr");
}

static void first_plugin(void **state)
{
	(void)state;
	struct plugin_record plugin;

	assert_int_equal(
	    plugin_decode(from_hex("0100000004"
				   "0003312e320004612e736f000430306666"
				   "000a696e2d70726f636573730004646f776e"
				   "0000000548656c7073000000035b315d"),
			  SLICE("old"), &plugin),
	    0);
	assert_int_equal(plugin.max_tasks, 4);
	assert_slice(plugin.version, "1.2");
	assert_slice(plugin.module, "a.so");
	assert_slice(plugin.hash, "00ff");
	assert_slice(plugin.form, "in-process");
	assert_slice(plugin.state, "down");
	assert_slice(plugin.help, "Helps");
	assert_slice(plugin.subscriptions, "[1]");
	assert_slice(plugin.params, "[]");
	assert_slice(plugin.message, "");
	assert_slice(plugin.entry, "");
	assert_int_equal(plugin.crashes, 0);
	assert_false(plugin.quarantined);
	assert_false(plugin.ephemeral);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
		TEST(first_run),   TEST(first_activity), TEST(second_activity),
		TEST(fourth_task), TEST(first_task),     TEST(second_task),
		TEST(third_task),  TEST(first_plugin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
