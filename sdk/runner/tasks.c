/*
 * Between the messages of the bus and the tasks of the host.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "runner/inside.h"

/* So long what comes to its end waits for the rest of what came with it. */
#define LINGER_NS INT64_C(300000)

/* So long a turn may call plugins that promise to be quick: other tasks, and
 * what the orchestrator says, wait meanwhile. */
#define QUICK_NS INT64_C(5000000)

/* After that was in vain: for so many tasks it is not tried. */
#define CALM_TASKS 32

static struct wire_key wire_key_of(const struct host_key *key)
{
	return (struct wire_key){
		.run = key->run,
		.task = key->number,
		.attempt = key->attempt,
		.wakes = key->wakes,
	};
}

/* ---- from the host ---- */

/* [any thread] */
static void completed(void *arg, const struct host_completion *completion)
{
	struct runner *runner = arg;
	struct host_completion owned = *completion;
	const struct wire_item item = {
		.kind = owned.never_called ? WIRE_RETURN : WIRE_DONE,
		.key = wire_key_of(&owned.key),
		.outcome = owned.outcome,
		.message = slice_of(owned.message),
		.output = blob_slice(owned.output),
		.patch = blob_slice(owned.patch),
		.until_us = owned.until_us,
		.late = owned.late,
		.fault = owned.plugin_at_fault,
	};

	link_client_put(runner->client, &item);
	host_completion_fini(&owned);
}

/* [any thread] */
static void progressed(void *arg, const struct host_key *key, double fraction,
		       struct slice note)
{
	struct runner *runner = arg;
	const struct wire_item item = {
		.kind = WIRE_PROGRESS,
		.key = wire_key_of(key),
		.fraction = fraction,
		.note = note,
	};

	link_client_put(runner->client, &item);
}

/* [any thread] */
static void logged(void *arg, const struct host_key *key, struct slice plugin,
		   struct slice task, enum log_level level, struct slice text)
{
	struct runner *runner = arg;
	const struct wire_item item = {
		.kind = WIRE_LOG,
		.key = wire_key_of(key),
		.plugin = plugin,
		.task = task,
		.level = (int)level,
		.text = text,
	};

	link_client_put(runner->client, &item);
}

struct host_callbacks runner_task_callbacks(struct runner *runner)
{
	return (struct host_callbacks){
		.arg = runner,
		.completed = completed,
		.progressed = progressed,
		.logged = logged,
	};
}

/* ---- tasks that cannot be had yet ---- */

static struct slice *texts_of(struct host_task *task, size_t index)
{
	struct slice *const texts[] = {
		&task->uid,      &task->tenant, &task->workflow,
		&task->activity, &task->plugin, &task->name,
	};

	return index < sizeof(texts) / sizeof(texts[0]) ? texts[index] : NULL;
}

static void task_unref(struct host_task *task)
{
	blob_unref(task->attributes);
	blob_unref(task->input);
	blob_unref(task->stash);
	blob_unref(task->outputs);
	blob_unref(task->with);
}

static void forget(struct runner *runner, struct runner_waiting *waiting)
{
	struct slice *text;

	DL_DELETE(runner->waiting, waiting);
	for (size_t i = 0; (text = texts_of(&waiting->task, i)) != NULL; i++) {
		slice_disown(text);
	}
	task_unref(&waiting->task);
	free(waiting);
}

/* Takes over the references of `task` to its documents. */
static void wait_for_hands(struct runner *runner, const struct host_task *task)
{
	struct runner_waiting *waiting = alloc_zeroed(1, sizeof(*waiting));
	struct slice *text;

	waiting->task = *task;
	for (size_t i = 0; (text = texts_of(&waiting->task, i)) != NULL; i++) {
		struct slice borrowed = *text;

		*text = (struct slice){ 0 };
		slice_own(text, borrowed);
	}
	DL_APPEND(runner->waiting, waiting);
}

static void give_back(struct runner *runner, const struct host_key *key)
{
	const struct wire_item item = {
		.kind = WIRE_RETURN,
		.key = wire_key_of(key),
	};

	link_client_put(runner->client, &item);
}

static void fail(struct runner *runner, const struct host_key *key,
		 const char *message)
{
	const struct wire_item item = {
		.kind = WIRE_DONE,
		.key = wire_key_of(key),
		.outcome = TUTTI_FAILED,
		.message = slice_of(message),
	};

	link_client_put(runner->client, &item);
}

void runner_task_return_waiting(struct runner *runner)
{
	while (runner->waiting) {
		give_back(runner, &runner->waiting->task.key);
		forget(runner, runner->waiting);
	}
}

void runner_task_forget_waiting(struct runner *runner)
{
	while (runner->waiting) {
		forget(runner, runner->waiting);
	}
}

/* ---- to the host ---- */

/* Its end may come before host_deliver() returns. */
static void expect(struct runner *runner)
{
	if (runner->calm) {
		runner->calm--;
		return;
	}
	if (!runner->linger_ns) {
		runner->linger_ns = clock_mono_ns() + LINGER_NS;
	}
	link_client_expect(runner->client, 1);
}

/* E_BUSY: not now; else the task is dealt with. */
static int hand_over(struct runner *runner, const struct host_task *task)
{
	struct err err = { 0 };

	expect(runner);
	int rc = host_deliver(runner->host, task, &err);

	if (rc == E_BUSY && runner->stopping) {
		give_back(runner, &task->key);
		return 0;
	}
	/* E_CONFLICT: in hand already, its completion will come. */
	if (rc < 0 && rc != E_BUSY && rc != E_CONFLICT) {
		fail(runner, &task->key, err.msg);
	}
	return rc == E_BUSY ? E_BUSY : 0;
}

/* Tasks of one phase mostly share their documents: one copy is enough. */
static struct blob *document_of(struct runner *runner,
				enum runner_document which, struct slice bytes)
{
	struct blob **last = &runner->documents[which];

	if (!bytes.len) {
		return NULL;
	}
	if (!*last || !slice_equal(blob_slice(*last), bytes)) {
		blob_unref(*last);
		*last = blob_make(bytes);
	}
	return blob_ref(*last);
}

void runner_task_forget_documents(struct runner *runner)
{
	for (int i = 0; i < RUNNER_DOCUMENTS; i++) {
		blob_unref(runner->documents[i]);
		runner->documents[i] = NULL;
	}
}

void runner_task_deliver(struct runner *runner, const struct wire_work *work,
			 const struct wire_member *member)
{
	struct host_task task = {
		.key = { .run = work->run,
			 .number = member->task,
			 .attempt = member->attempt,
			 .wakes = member->wakes },
		.wakes = member->wakes,
		.phase = work->phase,
		.uid = work->uid,
		.tenant = work->tenant,
		.workflow = work->workflow,
		.activity = work->activity,
		.plugin = member->plugin,
		.name = member->name,
		.attributes =
		    document_of(runner, RUNNER_ATTRIBUTES, work->attributes),
		.input = document_of(runner, RUNNER_INPUT, work->input),
		.stash = document_of(runner, RUNNER_STASH, work->stash),
		.outputs = document_of(runner, RUNNER_OUTPUTS, work->outputs),
		.with = member->with.len ? blob_make(member->with) : NULL,
		.deadline_us = member->deadline_us,
		.at_once = clock_mono_ns() < runner->turn_ns + QUICK_NS,
	};

	if (hand_over(runner, &task) == E_BUSY) {
		wait_for_hands(runner, &task);
	} else {
		task_unref(&task);
	}
}

int64_t runner_linger_due_ns(struct runner *runner)
{
	if (runner->linger_ns && !link_client_expects(runner->client)) {
		runner->linger_ns = 0;
	}
	return runner->linger_ns;
}

void runner_linger_turn(struct runner *runner, int64_t now_ns)
{
	if (!runner->linger_ns || now_ns < runner->linger_ns) {
		return;
	}
	if (link_client_expects(runner->client)) {
		link_client_expect_none(runner->client);
		runner->calm = CALM_TASKS;
	}
	runner->linger_ns = 0;
}

void runner_task_retry(struct runner *runner)
{
	struct runner_waiting *waiting;
	struct runner_waiting *after;

	DL_FOREACH_SAFE(runner->waiting, waiting, after)
	{
		if (hand_over(runner, &waiting->task) == 0) {
			forget(runner, waiting);
		}
	}
}

static bool cancel_waiting(struct runner *runner, const struct host_key *key,
			   bool timed_out)
{
	struct runner_waiting *waiting;
	char message[LIMIT_NAME + 64];

	DL_FOREACH(runner->waiting, waiting)
	{
		const struct host_key *own = &waiting->task.key;

		if (own->number == key->number &&
		    own->attempt == key->attempt &&
		    id_equal(&own->run, &key->run)) {
			(void)snprintf(message, sizeof(message),
				       "%s before plugin '%.*s' was called",
				       timed_out ? "timed out" : "cancelled",
				       SLICE_ARG(waiting->task.plugin));
			fail(runner, key, message);
			forget(runner, waiting);
			return true;
		}
	}
	return false;
}

void runner_task_cancel(struct runner *runner, const struct wire_key *wire,
			bool timed_out)
{
	const struct host_key key = {
		.run = wire->run,
		.number = wire->task,
		.attempt = wire->attempt,
		.wakes = wire->wakes,
	};

	if (!cancel_waiting(runner, &key, timed_out)) {
		host_cancel(runner->host, &key,
			    timed_out ? TUTTI_TIMED_OUT : TUTTI_CANCELLED);
	}
}
