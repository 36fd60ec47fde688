#include "host/delivery.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "host/inside.h"
#include "host/text.h"

void host_completion_fini(struct host_completion *completion)
{
	free(completion->message);
	blob_unref(completion->output);
	blob_unref(completion->patch);
	completion->message = NULL;
	completion->output = NULL;
	completion->patch = NULL;
}

/* The wall clock may be set while the task runs; its deadline then stays. */
static int64_t deadline_mono(int64_t deadline_us)
{
	if (deadline_us == 0) {
		return 0;
	}
	int64_t left_us = deadline_us - clock_wall_us();
	int64_t now = clock_mono_ns();

	if (left_us > (INT64_MAX - now) / 1000) {
		return INT64_MAX;
	}
	int64_t deadline = left_us < -now / 1000 ? 1 : now + left_us * 1000;

	return deadline > 0 ? deadline : 1;
}

/* Appends one text, NUL-terminated, and notes where it will be. */
static void put_text(struct buf *texts, struct slice text,
		     struct tutti_slice *ret_slice)
{
	buf_put_slice(texts, text);
	buf_put_byte(texts, 0);
	ret_slice->len = text.len;
}

static void copy_texts(struct delivery *delivery, const struct host_task *from)
{
	struct tutti_task *task = &delivery->task;
	struct tutti_slice *const places[] = {
		&task->run,      &task->uid,    &task->tenant, &task->workflow,
		&task->activity, &task->plugin, &task->name,
	};
	char run[ID_TEXT_SIZE];
	struct buf texts = { 0 };

	id_format(&from->key.run, run);
	const struct slice given[] = {
		slice_of(run),  from->uid,    from->tenant, from->workflow,
		from->activity, from->plugin, from->name,
	};

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		put_text(&texts, given[i], places[i]);
	}
	delivery->texts = buf_take(&texts);
	const char *next = delivery->texts;

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		places[i]->ptr = next;
		next += places[i]->len + 1;
	}
}

static void share_documents(struct delivery *delivery,
			    const struct host_task *from)
{
	static const struct slice empty_map = { "\x80", 1 };
	static const struct slice null = { "\xc0", 1 };
	struct tutti_task *task = &delivery->task;
	struct tutti_slice *const places[HOST_DOCUMENTS] = {
		[DOCUMENT_ATTRIBUTES] = &task->attributes,
		[DOCUMENT_INPUT] = &task->input,
		[DOCUMENT_STASH] = &task->stash,
		[DOCUMENT_OUTPUTS] = &task->outputs,
		[DOCUMENT_WITH] = &task->with,
	};
	struct blob *const given[HOST_DOCUMENTS] = {
		[DOCUMENT_ATTRIBUTES] = from->attributes,
		[DOCUMENT_INPUT] = from->input,
		[DOCUMENT_STASH] = from->stash,
		[DOCUMENT_OUTPUTS] = from->outputs,
		[DOCUMENT_WITH] = from->with,
	};

	for (size_t i = 0; i < HOST_DOCUMENTS; i++) {
		struct slice absent = i == DOCUMENT_INPUT ? null : empty_map;

		delivery->documents[i] = blob_ref(given[i]);
		*places[i] =
		    host_sdk_slice(given[i] ? blob_slice(given[i]) : absent);
	}
}

struct delivery *host_delivery_create(struct host_plugin *plugin,
				      const struct host_task *task)
{
	struct delivery *delivery = alloc_zeroed(1, sizeof(*delivery));

	delivery->work.run = host_delivery_run;
	delivery->plugin = plugin;
	delivery->key = task->key;
	atomic_init(&delivery->references, 1);
	atomic_init(&delivery->cause, TUTTI_NOT_CANCELLED);
	(void)pthread_mutex_init(&delivery->lock, NULL);
	delivery->task.size = sizeof(delivery->task);
	delivery->task.attempt = task->key.attempt;
	delivery->task.wakes = task->wakes;
	delivery->task.phase = task->phase;
	delivery->task.id = host_task_id(&task->key);
	delivery->task.deadline_ns = deadline_mono(task->deadline_us);
	copy_texts(delivery, task);
	share_documents(delivery, task);
	return delivery;
}

void host_delivery_unref(struct delivery *delivery)
{
	struct host_tasks *tasks = &delivery->plugin->host->tasks;
	bool listed_once = delivery->door != NULL;

	if (atomic_fetch_sub(&delivery->references, 1) != 1) {
		return;
	}
	if (listed_once) {
		host_tasks_release(tasks, delivery);
	}
	host_scope_fini(&delivery->scope);
	for (size_t i = 0; i < HOST_DOCUMENTS; i++) {
		blob_unref(delivery->documents[i]);
	}
	(void)pthread_mutex_destroy(&delivery->lock);
	free(delivery->texts);
	free(delivery);
	if (listed_once) {
		/* Last: the host may go as soon as nothing is pinned. */
		atomic_fetch_sub(&tasks->pinned, 1);
	}
}

int32_t host_delivery_complete(struct delivery *delivery,
			       struct host_completion *completion)
{
	struct host *host = delivery->plugin->host;
	enum host_taken taken = host_tasks_take(&host->tasks, delivery);

	if (taken == HOST_NOT_MINE) {
		host_completion_fini(completion);
		return TUTTI_ESTALE;
	}
	if (completion->plugin_at_fault) {
		atomic_fetch_add(&delivery->plugin->misbehaved, 1);
	}
	completion->key = delivery->key;
	completion->late = delivery->task.deadline_ns &&
			   clock_mono_ns() >= delivery->task.deadline_ns;
	host->callbacks.completed(host->callbacks.arg, completion);
	host_delivery_unref(delivery);
	return taken == HOST_TAKEN_OVER ? TUTTI_ESTALE : TUTTI_OK;
}

int32_t host_delivery_end(struct delivery *delivery, int32_t outcome,
			  enum host_fault fault, const char *format, ...)
{
	struct host_completion completion = {
		.outcome = outcome,
		.plugin_at_fault = fault == HOST_PLUGINS_FAULT,
		.never_called = fault == HOST_NEVER_CALLED,
	};
	struct buf text = { 0 };
	va_list args;

	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	completion.message = host_text_clean(buf_slice(&text), LIMIT_MESSAGE);
	buf_fini(&text);
	return host_delivery_complete(delivery, &completion);
}

int32_t host_delivery_cause(const struct delivery *delivery)
{
	int32_t cause = atomic_load(&delivery->cause);
	int64_t deadline = delivery->task.deadline_ns;

	if (cause == TUTTI_NOT_CANCELLED && deadline &&
	    clock_mono_ns() >= deadline) {
		return TUTTI_TIMED_OUT;
	}
	return cause;
}
