/*
 * The runner as a process of its own, with an orchestrator made by hand.
 */
#include "../bus/link_client_fake.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "runner/runner.h"

/* ---- the plugin ---- */

static const struct tutti_task *held;
static const struct tutti_host *own_host;

static int32_t init(const struct tutti_host *host, void **ret_self)
{
	struct tutti_value value;

	(void)ret_self;
	own_host = host;
	if (tutti_get_param(host, "fail", &value) == TUTTI_OK &&
	    value.as.boolean) {
		(void)tutti_say(host, TUTTI_ERROR, "the device is off");
		return TUTTI_EFAILED;
	}
	(void)tutti_say(host, TUTTI_INFO, "started");
	return TUTTI_OK;
}

/* With {"hold": true} until it is cancelled; else at once. */
static int32_t handle(void *self, const struct tutti_task *task)
{
	struct tutti_value value;

	(void)self;
	if (tutti_get(task, "with.hold", &value) == TUTTI_OK) {
		held = task;
		return TUTTI_PENDING;
	}
	return tutti_succeed(task, "{\"ok\": true}");
}

static void cancel(void *self, struct tutti_task_id id, int32_t cause)
{
	(void)self;
	(void)id;
	(void)tutti_fail(held, TUTTI_FAILED,
			 cause == TUTTI_TIMED_OUT ? "too late" : "as you wish");
}

static void stop(void *self)
{
	(void)self;
	(void)tutti_say(own_host, TUTTI_INFO, "stopping");
}

static const struct tutti_param params[] = {
	{ .name = "fail", .fallback = "false", .type = TUTTI_BOOL },
	{ .name = "n", .fallback = "0", .type = TUTTI_INT },
};

static const struct tutti_plugin ocr = {
	.size = sizeof(struct tutti_plugin),
	.name = "ocr",
	.params = params,
	.param_count = 2,
	.max_tasks = 1,
	.init = init,
	.handle = handle,
	.cancel = cancel,
	.stop = stop,
};

/* Says whether it is called on the process's main thread; with {"nap": true}
 * after more than a turn has for such. */
static int32_t handle_swiftly(void *self, const struct tutti_task *task)
{
	const struct timespec nap = { .tv_nsec = 7000000 };
	struct tutti_value value;

	(void)self;
	if (tutti_get(task, "with.nap", &value) == TUTTI_OK) {
		(void)nanosleep(&nap, NULL);
	}
	return tutti_succeed(task, gettid() == getpid() ? "{\"main\": true}"
							: "{\"main\": false}");
}

static const struct tutti_plugin swift = {
	.size = sizeof(struct tutti_plugin),
	.name = "swift",
	.params = params,
	.param_count = 2,
	.max_tasks = 4,
	.flags = TUTTI_QUICK,
	.handle = handle_swiftly,
};

static const struct tutti_plugin *const plugins[] = { &ocr, &swift };

static const struct tutti_module *entry(void)
{
	static const struct tutti_module module = {
		.magic = TUTTI_MAGIC,
		.size = sizeof(module),
		.abi_major = TUTTI_ABI_MAJOR,
		.plugin_count = 2,
		.plugins = plugins,
	};

	return &module;
}

/* ---- the process ---- */

struct process {
	pid_t pid;
	int lifeline;
};

static struct process start(const struct fake *fake)
{
	struct process process;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	process.pid = fork();
	assert_true(process.pid >= 0);
	if (process.pid == 0) {
		char *argv[] = { (char[]){ "ocr" }, NULL };

		(void)dup2(fds[0], STDIN_FILENO);
		(void)close(fds[0]);
		(void)close(fds[1]);
		(void)close(fake->work.listener);
		(void)close(fake->requests.listener);
		(void)setenv("TUTTI_BUS", fake->file, 1);
		(void)setenv("TUTTI_INSTANCE", INSTANCE, 1);
		_exit(runner_main(1, argv, entry));
	}
	(void)close(fds[0]);
	process.lifeline = fds[1];
	return process;
}

/* Its exit code; it must have ended by itself. */
static int end_of(struct fake *fake, struct process *process)
{
	int status = 0;
	pid_t ended = 0;

	for (int i = 0; i < FAKE_STEPS && ended == 0; i++) {
		fake_step(fake);
		ended = waitpid(process->pid, &status, WNOHANG);
	}
	if (ended == 0) {
		(void)kill(process->pid, SIGKILL);
		(void)waitpid(process->pid, &status, 0);
		fail_msg("the process does not end");
	}
	(void)close(process->lifeline);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* ---- messages ---- */

/* The next item of its kind; what else comes is acknowledged. */
static struct wire_item expect_item(struct fake *fake, enum wire_item_kind kind)
{
	for (;;) {
		const struct wire_request *request = &fake->request;

		for (int i = 0; i < FAKE_STEPS && !fake_take(fake); i++) {
			fake_step(fake);
		}
		if (request->kind != WIRE_UP) {
			continue;
		}
		struct wire_item found = { 0 };
		bool is_there = false;

		for (size_t i = 0; i < request->item_count; i++) {
			if (request->items[i].kind == kind) {
				found = request->items[i];
				is_there = true;
			}
		}
		fake_ack(fake, request->n);
		if (is_there) {
			return found;
		}
	}
}

static void give(struct fake *fake, uint32_t number, const char *with,
		 size_t len)
{
	struct fake_task task;

	fake_task_init(&task, number, INSTANCE);
	task.member.with = (struct slice){ with, len };
	const struct wire_publication publication = {
		.kind = WIRE_FANOUT,
		.topic = SLICE("work/Step1/"),
		.work = &task.work,
		.work_count = 1,
	};

	fake_publish(fake, &publication);
}

/* Both in one publication. */
static void give_swift_ones(struct fake *fake, const char *first_with,
			    size_t len)
{
	struct fake_task task;

	fake_task_init(&task, 1, INSTANCE);
	struct wire_member members[] = { task.member, task.member };

	members[0].plugin = SLICE("swift");
	members[0].with = (struct slice){ first_with, len };
	members[1].plugin = SLICE("swift");
	members[1].task = 2;
	task.work.members = members;
	task.work.member_count = 2;
	fake_publish(fake, &(struct wire_publication){
			       .kind = WIRE_FANOUT,
			       .topic = SLICE("work/Step1/"),
			       .work = &task.work,
			       .work_count = 1,
			   });
}

static void give_to_hold(struct fake *fake, uint32_t number)
{
	give(fake, number, "\x81\xa4hold\xc3", 7);
}

static void send_mail(struct fake *fake, uint32_t id, struct wire_mail mail)
{
	const struct wire_reply reply = {
		.kind = WIRE_MAIL,
		.mail = &mail,
		.mail_count = 1,
	};

	fake_reply_to(fake, id, &reply);
}

/* To bye, which is answered. */
static void expect_bye(struct fake *fake)
{
	for (int i = 0; i < FAKE_STEPS; i++) {
		if (!fake_take(fake)) {
			fake_step(fake);
		} else if (fake->request.kind == WIRE_UP) {
			fake_ack(fake, fake->request.n);
		} else if (fake->request.kind == WIRE_BYE) {
			fake_reply_kind(fake, WIRE_OK);
			return;
		}
	}
	fail_msg("it does not say bye");
}

/* From hello to the first poll, whose id is returned; the line of the log that
 * init() wrote comes along. */
static uint32_t go_live(struct fake *fake)
{
	fake_get_ready(fake, SESSION_A);
	for (int i = 0; i < FAKE_STEPS; i++) {
		if (!fake_take(fake)) {
			fake_step(fake);
		} else if (fake->request.kind == WIRE_UP) {
			fake_ack(fake, fake->request.n);
		} else {
			assert_int_equal(fake->request.kind, WIRE_POLL);
			return fake->id;
		}
	}
	fail_msg("it does not poll");
	return 0;
}

/* ---- tests ---- */

static void test_a_task(void **state)
{
	struct fake *fake = *state;
	struct process process = start(fake);
	const struct wire_request *request = fake_expect(fake, WIRE_HELLO);

	assert_true(slice_is(request->hello.name, INSTANCE));
	assert_int_equal(request->hello.pid, process.pid);
	assert_int_equal(request->hello.plugins[0].hash.len, 64);
	assert_int_equal(request->hello.plugins[0].param_count, 2);
	fake_hang_up(&fake->requests);
	(void)go_live(fake);
	give(fake, 3, NULL, 0);
	struct wire_item item = expect_item(fake, WIRE_DONE);

	assert_int_equal(item.key.task, 3);
	assert_int_equal(item.outcome, TUTTI_SUCCEEDED);
	assert_true(slice_is(item.output, "\x81\xa2ok\xc3"));
	assert_int_equal(kill(process.pid, SIGTERM), 0);
	expect_bye(fake);
	assert_int_equal(end_of(fake, &process), 0);
}

#define ON_MAIN   "\x81\xa4main\xc3"
#define ON_WORKER "\x81\xa4main\xc2"

/* Called where they came, and reported together. */
static void test_quick_tasks(void **state)
{
	struct fake *fake = *state;
	struct process process = start(fake);
	const struct wire_request *request = &fake->request;

	(void)go_live(fake);
	give_swift_ones(fake, NULL, 0);
	assert_int_equal(expect_item(fake, WIRE_DONE).key.task, 2);
	assert_int_equal(request->item_count, 2);
	assert_true(slice_is(request->items[0].output, ON_MAIN));
	assert_true(slice_is(request->items[1].output, ON_MAIN));
	assert_int_equal(kill(process.pid, SIGTERM), 0);
	expect_bye(fake);
	assert_int_equal(end_of(fake, &process), 0);
}

/* The orchestrator is not kept waiting by many of them. */
static void test_many_quick_tasks(void **state)
{
	struct fake *fake = *state;
	struct process process = start(fake);

	(void)go_live(fake);
	give_swift_ones(fake, "\x81\xa3nap\xc3", 6);
	struct wire_item item = expect_item(fake, WIRE_DONE);

	/* The first one's end may have come before. */
	if (item.key.task == 1) {
		assert_true(slice_is(item.output, ON_MAIN));
		item = expect_item(fake, WIRE_DONE);
	}
	assert_int_equal(item.key.task, 2);
	assert_true(slice_is(item.output, ON_WORKER));
	assert_int_equal(kill(process.pid, SIGTERM), 0);
	expect_bye(fake);
	assert_int_equal(end_of(fake, &process), 0);
}

static void test_init_fails(void **state)
{
	struct fake *fake = *state;
	struct process process = start(fake);
	struct wire_reply reply = {
		.kind = WIRE_WELCOME,
		.welcome = { .instance = SLICE(INSTANCE),
			     .session = SLICE(SESSION_A),
			     .lease_ms = LEASE_MS,
			     .poll_ms = POLL_MS,
			     .config = value_map() },
	};

	(void)fake_expect(fake, WIRE_HELLO);
	value_set(&reply.welcome.config, "fail", value_bool(true));
	fake_reply(fake, &reply);
	value_clear(&reply.welcome.config);
	const struct wire_request *request = fake_expect(fake, WIRE_READY);
	char *error = slice_dup(request->error);

	if (!strstr(error, "the device is off")) {
		fail_msg("%s", error);
	}
	free(error);
	fake_reply_kind(fake, WIRE_OK);
	assert_int_equal(end_of(fake, &process), 78);
}

static void test_refused(void **state)
{
	struct fake *fake = *state;
	struct process process = start(fake);

	(void)fake_expect(fake, WIRE_HELLO);
	fake_refuse(fake, E_CONFLICT, "there is one already");
	assert_int_equal(end_of(fake, &process), 78);
}

static void test_cancelled_tasks(void **state)
{
	struct fake *fake = *state;
	struct process process = start(fake);
	uint32_t poll = go_live(fake);

	give_to_hold(fake, 1);
	assert_int_equal(expect_item(fake, WIRE_ACCEPT).key.task, 1);
	send_mail(fake, poll,
		  (struct wire_mail){ .seq = 1,
				      .kind = WIRE_CANCEL,
				      .key = fake_key(1),
				      .timed_out = true });
	struct wire_item item = expect_item(fake, WIRE_DONE);

	assert_int_equal(item.outcome, TUTTI_FAILED);
	assert_true(slice_is(item.message, "too late"));
	assert_int_equal(kill(process.pid, SIGTERM), 0);
	expect_bye(fake);
	assert_int_equal(end_of(fake, &process), 0);
}

/* One in its hands, one beyond max_tasks: that is given back. */
static void test_stop(void **state)
{
	struct fake *fake = *state;
	struct process process = start(fake);
	uint32_t poll = go_live(fake);

	give_to_hold(fake, 1);
	give_to_hold(fake, 2);
	(void)expect_item(fake, WIRE_ACCEPT);
	send_mail(fake, poll,
		  (struct wire_mail){ .seq = 1, .kind = WIRE_STOP });
	assert_int_equal(expect_item(fake, WIRE_RETURN).key.task, 2);
	do {
		for (int i = 0; i < FAKE_STEPS && !fake_take(fake); i++) {
			fake_step(fake);
		}
	} while (fake->request.kind != WIRE_POLL);
	send_mail(fake, fake->id,
		  (struct wire_mail){
		      .seq = 2, .kind = WIRE_CANCEL, .key = fake_key(1) });
	assert_true(
	    slice_is(expect_item(fake, WIRE_DONE).message, "as you wish"));
	expect_bye(fake);
	assert_int_equal(end_of(fake, &process), 0);
}

static void test_the_second_signal(void **state)
{
	struct fake *fake = *state;
	struct process process = start(fake);

	(void)go_live(fake);
	give_to_hold(fake, 1);
	(void)expect_item(fake, WIRE_ACCEPT);
	assert_int_equal(kill(process.pid, SIGTERM), 0);
	/* Signals that wait are one signal: the first must have been taken. */
	while (!slice_is(expect_item(fake, WIRE_LOG).text, "stopping")) {
	}
	assert_int_equal(kill(process.pid, SIGTERM), 0);
	assert_int_equal(end_of(fake, &process), 1);
}

static void test_the_end_of_the_lifeline(void **state)
{
	struct fake *fake = *state;
	struct process process = start(fake);

	(void)go_live(fake);
	give_to_hold(fake, 1);
	(void)expect_item(fake, WIRE_ACCEPT);
	(void)close(process.lifeline);
	process.lifeline = -1;
	/* Although a task is in hand. */
	assert_int_equal(end_of(fake, &process), 0);
}

/* What is in its hands belongs to others by then. */
static void test_lost_while_stopping(void **state)
{
	struct fake *fake = *state;
	struct process process = start(fake);
	uint32_t poll = go_live(fake);
	const struct wire_reply unknown = { .kind = WIRE_UNKNOWN };

	give_to_hold(fake, 1);
	(void)expect_item(fake, WIRE_ACCEPT);
	assert_int_equal(kill(process.pid, SIGTERM), 0);
	while (!slice_is(expect_item(fake, WIRE_LOG).text, "stopping")) {
	}
	fake_reply_to(fake, poll, &unknown);
	assert_int_equal(end_of(fake, &process), 0);
}

/* The old session's task ends first: it is the plugin's only hand. */
static void test_a_new_session(void **state)
{
	struct fake *fake = *state;
	struct process process = start(fake);
	uint32_t poll = go_live(fake);
	const struct wire_reply unknown = { .kind = WIRE_UNKNOWN };

	give_to_hold(fake, 1);
	(void)expect_item(fake, WIRE_ACCEPT);
	fake_reply_to(fake, poll, &unknown);
	while (!fake_take(fake) || fake->request.kind != WIRE_HELLO) {
		fake_step(fake);
	}
	char nonce[WIRE_SECRET_SIZE] = { 0 };

	memcpy(nonce, fake->request.hello.nonce.ptr, WIRE_SECRET_SIZE - 1);
	fake_sync(fake, nonce);
	fake_greet(fake, SESSION_B);
	while (!fake_take(fake) || !fake->request.synced) {
		if (fake->request.kind == WIRE_READY) {
			fake_reply_kind(fake, WIRE_OK);
			fake->request.kind = WIRE_BYE;
		}
		fake_step(fake);
	}
	fake_reply_kind(fake, WIRE_OK);
	give(fake, 2, NULL, 0);
	struct wire_item item = expect_item(fake, WIRE_DONE);

	if (item.key.task == 1) {
		assert_true(slice_is(item.message, "as you wish"));
		item = expect_item(fake, WIRE_DONE);
	}
	assert_int_equal(item.key.task, 2);
	assert_int_equal(kill(process.pid, SIGTERM), 0);
	expect_bye(fake);
	assert_int_equal(end_of(fake, &process), 0);
}

#define process_test(function)                                        \
	cmocka_unit_test_setup_teardown((function), fake_setup_alone, \
					fake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		process_test(test_a_task),
		process_test(test_quick_tasks),
		process_test(test_many_quick_tasks),
		process_test(test_init_fails),
		process_test(test_refused),
		process_test(test_cancelled_tasks),
		process_test(test_stop),
		process_test(test_the_second_signal),
		process_test(test_the_end_of_the_lifeline),
		process_test(test_lost_while_stopping),
		process_test(test_a_new_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
