/* The conformance plugins in C; README.md says what each must do. */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <tutti/plugin.h>
#include <unistd.h>

#define BIG 1048576
#define CUT 1000 /* characters of two bytes: twice what a message may have */

static void pause_ms(long ms)
{
	const struct timespec pause = { .tv_nsec = ms * 1000000 };

	(void)nanosleep(&pause, NULL);
}

/* Until the file named by the attribute `gate` is there. */
static void wait_for_gate(const struct tutti_task *task)
{
	struct tutti_value gate;

	if (tutti_get(task, "attributes.gate", &gate) != TUTTI_OK) {
		return;
	}
	while (access(gate.as.text.ptr, F_OK) != 0) {
		pause_ms(5);
	}
}

/* Document at a path as JSON text; null when there is none. */
static const char *json_of(const struct tutti_task *task, const char *path)
{
	struct tutti_slice text;

	return tutti_json(task, path, &text) == TUTTI_OK ? text.ptr : "null";
}

/* ---- order ---- */

static int32_t append_name(void *self, const struct tutti_task *task)
{
	struct tutti_result result = { .size = sizeof(result) };
	const char *list = json_of(task, "stash.list");
	bool first = strcmp(list, "null") == 0;
	char patch[256];

	(void)self;
	/* The list without its closing bracket. */
	(void)snprintf(patch, sizeof(patch), "{\"list\": %.*s%s\"%s\"]}",
		       first ? 0 : (int)strlen(list) - 1, list,
		       first ? "[" : ", ", task->name.ptr);
	result.patch = tutti_text(patch);
	return tutti_finish(task, &result);
}

static const struct tutti_subscription order_a_wants[] = {
	{ .activity = "Ordered", .phase = TUTTI_PRE, .order = 20 },
};
static const struct tutti_subscription order_b_wants[] = {
	{ .activity = "Ordered", .phase = TUTTI_PRE, .order = 10 },
};

/* ---- what it is handed ---- */

static int32_t echoes_init(const struct tutti_host *host, void **ret_self)
{
	*ret_self = (void *)(uintptr_t)host;
	return TUTTI_OK;
}

static int32_t echo(void *self, const struct tutti_task *task)
{
	static const char *const phases[] = { "pre", "parallel", "post" };
	struct tutti_value greeting;
	char *output = NULL;
	int32_t rc;

	rc = tutti_get_param(self, "greeting", &greeting);
	if (rc != TUTTI_OK) {
		return rc;
	}
	if (asprintf(&output,
		     "{\"attributes\": %s, \"input\": %s, \"with\": %s, "
		     "\"uid\": %s, \"workflow\": %s, \"activity\": \"%s\", "
		     "\"phase\": \"%s\", \"name\": \"%s\", \"attempt\": %u, "
		     "\"wakes\": %u, \"greeting\": \"%s\"}",
		     json_of(task, "attributes"), json_of(task, "input"),
		     json_of(task, "with"), json_of(task, "run.uid"),
		     json_of(task, "run.workflow"), task->activity.ptr,
		     phases[task->phase], task->name.ptr, task->attempt,
		     task->wakes, greeting.as.text.ptr) < 0) {
		return TUTTI_ENOMEM;
	}
	rc = tutti_succeed(task, output);
	free(output);
	return rc;
}

static const struct tutti_param echo_params[] = {
	{
	    .name = "greeting",
	    .help = "What to say.",
	    .fallback = "hello",
	    .type = TUTTI_STRING,
	},
};

/* ---- who takes part, and failures ---- */

static int32_t say_name(void *self, const struct tutti_task *task)
{
	char output[64];

	(void)self;
	(void)snprintf(output, sizeof(output), "\"%s\"", task->name.ptr);
	return tutti_succeed(task, output);
}

static const struct tutti_subscription filtered_wants[] = {
	{
	    .activity = "Filtered",
	    .phase = TUTTI_PARALLEL,
	    .filter = "{\"kind\": [\"a\"]}",
	},
};

static int32_t fail_today(void *self, const struct tutti_task *task)
{
	(void)self;
	return tutti_fail(task, TUTTI_FAILED, "not today");
}

static const struct tutti_subscription optional_wants[] = {
	{
	    .activity = "Optional",
	    .phase = TUTTI_PARALLEL,
	    .mandatory = TUTTI_OPTIONAL,
	},
};

static int32_t fail(void *self, const struct tutti_task *task)
{
	(void)self;
	return tutti_fail(task, TUTTI_FAILED, "no such house");
}

static int32_t fail_for_now(void *self, const struct tutti_task *task)
{
	(void)self;
	return tutti_fail(task, TUTTI_RETRYABLE, "busy");
}

/* ---- meanwhile ---- */

static int32_t progress(void *self, const struct tutti_task *task)
{
	(void)self;
	(void)tutti_progress(task, 0.25, "quarter");
	(void)tutti_progress(task, 0.5, "half");
	wait_for_gate(task);
	return tutti_succeed(task, NULL);
}

static int32_t work_until_cancelled(void *self, const struct tutti_task *task)
{
	(void)self;
	while (!tutti_cancelled(task)) {
		pause_ms(5);
	}
	return tutti_fail(task, TUTTI_FAILED, "stopped");
}

static int32_t be_stubborn(void *self, const struct tutti_task *task)
{
	(void)self;
	wait_for_gate(task);
	return tutti_fail(task, TUTTI_FAILED, "at last");
}

static int32_t work_until_late(void *self, const struct tutti_task *task)
{
	(void)self;
	while (tutti_cancelled(task) != TUTTI_TIMED_OUT) {
		pause_ms(5);
	}
	return tutti_fail(task, TUTTI_FAILED, "out of time");
}

static int32_t park(void *self, const struct tutti_task *task)
{
	char output[32];

	(void)self;
	if (task->wakes == 0) {
		return tutti_park(task, tutti_wall_us(task->host) + 200000,
				  "resting");
	}
	(void)snprintf(output, sizeof(output), "{\"wakes\": %u}", task->wakes);
	return tutti_succeed(task, output);
}

static int32_t logs_init(const struct tutti_host *host, void **ret_self)
{
	*ret_self = (void *)(uintptr_t)host;
	return TUTTI_OK;
}

static int32_t write_lines(void *self, const struct tutti_task *task)
{
	(void)tutti_log(task, TUTTI_INFO, "a line of the task");
	(void)tutti_say(self, TUTTI_WARN, "a line of the plugin");
	return tutti_succeed(task, NULL);
}

static int32_t crash(void *self, const struct tutti_task *task)
{
	(void)self;
	if (task->attempt == 1) {
		/* No sanitizer is to have it. */
		(void)signal(SIGSEGV, SIG_DFL);
		(void)raise(SIGSEGV);
	}
	return tutti_succeed(task, NULL);
}

/* ---- completions ---- */

struct late {
	const struct tutti_host *host;
	struct tutti_task_id id;
	pthread_t thread;
	bool started;
};

static int32_t late_init(const struct tutti_host *host, void **ret_self)
{
	struct late *late = calloc(1, sizeof(*late));

	if (!late) {
		return TUTTI_ENOMEM;
	}
	late->host = host;
	*ret_self = late;
	return TUTTI_OK;
}

static void *finish_late(void *arg)
{
	const struct late *late = arg;
	struct tutti_result result = {
		.size = sizeof(result),
		.output = tutti_text("{\"late\": true}"),
	};

	pause_ms(20);
	(void)tutti_finish_id(late->host, late->id, &result);
	return NULL;
}

static void late_join(struct late *late)
{
	if (late->started) {
		(void)pthread_join(late->thread, NULL);
		late->started = false;
	}
}

static int32_t start_late(void *self, const struct tutti_task *task)
{
	struct late *late = self;

	late_join(late);
	late->id = task->id;
	if (pthread_create(&late->thread, NULL, finish_late, late) != 0) {
		return TUTTI_EFAILED;
	}
	late->started = true;
	return TUTTI_PENDING;
}

static void late_fini(void *self)
{
	late_join(self);
	free(self);
}

static int32_t finish_twice(void *self, const struct tutti_task *task)
{
	int32_t first = tutti_succeed(task, "{\"finish\": 1}");
	int32_t second = tutti_succeed(task, "{\"finish\": 2}");

	(void)tutti_say(self, TUTTI_INFO,
			second == TUTTI_ESTALE ? "second finish: stale"
					       : "second finish: taken");
	return first;
}

static int32_t give_much(void *self, const struct tutti_task *task)
{
	static const char head[] = "{\"text\": \"";
	char *output = malloc(BIG + sizeof(head) + 2);
	int32_t rc;

	(void)self;
	if (!output) {
		return TUTTI_ENOMEM;
	}
	memcpy(output, head, sizeof(head));
	memset(output + sizeof(head) - 1, 'x', BIG);
	memcpy(output + sizeof(head) - 1 + BIG, "\"}", 3);
	rc = tutti_succeed(task, output);
	free(output);
	return rc;
}

static int32_t speak(void *self, const struct tutti_task *task)
{
	static const char text[] = "Grüße, 世界 🙂";
	struct tutti_result result = { .size = sizeof(result) };
	char document[64];
	char message[2 * CUT + 2] = "x";

	(void)self;
	for (size_t i = 0; i < CUT; i++) {
		memcpy(message + 1 + 2 * i, "ü", 3);
	}
	(void)snprintf(document, sizeof(document), "{\"text\": \"%s\"}", text);
	result.message = tutti_text(message);
	result.output = tutti_text(document);
	result.patch = tutti_text(document);
	return tutti_finish(task, &result);
}

/* ---- the plugins ---- */

#define PLUGIN(symbol, text, function, ...)             \
	static const struct tutti_plugin symbol = {     \
		.size = sizeof(struct tutti_plugin),    \
		.name = (text),                         \
		.version = "1.0",                       \
		.help = "A plugin to test forms with.", \
		.handle = (function),                   \
		__VA_ARGS__                             \
	}
#define SUBSCRIBES(list) .subscriptions = (list), .subscription_count = 1

PLUGIN(order_a, "order-a", append_name, .max_tasks = 1,
       SUBSCRIBES(order_a_wants));
PLUGIN(order_b, "order-b", append_name, .max_tasks = 1,
       SUBSCRIBES(order_b_wants));
PLUGIN(echoes, "echoes", echo, .max_tasks = 4, .params = echo_params,
       .param_count = 1, .init = echoes_init);
PLUGIN(filtered, "filtered", say_name, .max_tasks = 1,
       SUBSCRIBES(filtered_wants));
PLUGIN(optional_fails, "optional-fails", fail_today, .max_tasks = 1,
       SUBSCRIBES(optional_wants));
PLUGIN(fails, "fails", fail, .max_tasks = 1);
PLUGIN(retryable, "retryable", fail_for_now, .max_tasks = 1);
PLUGIN(progresses, "progresses", progress, .max_tasks = 4);
PLUGIN(cancellable, "cancellable", work_until_cancelled, .max_tasks = 4);
PLUGIN(stubborn, "stubborn", be_stubborn, .max_tasks = 4);
PLUGIN(parks, "parks", park, .max_tasks = 4);
PLUGIN(logs, "logs", write_lines, .max_tasks = 1, .init = logs_init);
PLUGIN(crashes, "crashes", crash, .max_tasks = 1);
PLUGIN(late_finish, "late-finish", start_late, .max_tasks = 1,
       .init = late_init, .fini = late_fini);
PLUGIN(twice, "twice", finish_twice, .max_tasks = 1, .init = logs_init);
PLUGIN(deadline, "deadline", work_until_late, .max_tasks = 4);
PLUGIN(big, "big", give_much, .max_tasks = 1);
PLUGIN(unicode, "unicode", speak, .max_tasks = 1);

TUTTI_MODULE(&order_a, &order_b, &echoes, &filtered, &optional_fails, &fails,
	     &retryable, &progresses, &cancellable, &stubborn, &parks, &logs,
	     &crashes, &late_finish, &twice, &deadline, &big, &unicode);
