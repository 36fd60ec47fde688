/*
 * The functions of struct tutti_host: the other side of the inline functions
 * in tutti/plugin.h, which are their reference. All are called by plugins, on
 * any thread, and believe nothing that they are given.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "host/inside.h"
#include "host/text.h"

/* 9999-12-31T23:59:59.999999Z: what a time of four digits' year can say. */
#define LAST_MOMENT_US INT64_C(253402300799999999)

static struct host_door *door_of(const struct tutti_host *table)
{
	return table->ctx;
}

static struct delivery *find(const struct tutti_host *table,
			     struct tutti_task_id id)
{
	struct host_door *door = door_of(table);

	return host_tasks_find(&door->plugin->host->tasks, door, id);
}

static bool is_readable(struct tutti_slice slice)
{
	return slice.ptr || slice.len == 0;
}

/* A line of the log; `delivery` may be NULL. */
static void log_for(const struct host_plugin *plugin,
		    const struct delivery *delivery,
		    const struct tutti_task_id *id, enum log_level level,
		    struct slice text)
{
	const struct host_callbacks *callbacks = &plugin->host->callbacks;
	struct host_key key = { .number = (uint32_t)id->number };

	if (!callbacks->logged) {
		return;
	}
	for (size_t i = 0; i < 8; i++) {
		unsigned shift = (unsigned)(56 - 8 * i);

		key.run.bytes[i] = (unsigned char)(id->run_high >> shift);
		key.run.bytes[i + 8] = (unsigned char)(id->run_low >> shift);
	}
	struct buf task = { 0 };

	if (delivery) {
		static const char *const phases[] = { "pre", "parallel",
						      "post" };

		buf_printf(&task, "%s/%s/%s", delivery->task.activity.ptr,
			   phases[delivery->task.phase],
			   delivery->task.name.ptr);
	}
	callbacks->logged(callbacks->arg, delivery ? &delivery->key : &key,
			  slice_of(plugin->about.name), buf_slice(&task), level,
			  text);
	buf_fini(&task);
}

/* E_* of a refused document as the plugin is told it. */
static int32_t sdk_code(int rc)
{
	switch (rc) {
	case 0:
		return TUTTI_OK;
	case E_TOO_BIG:
		return TUTTI_ETOOBIG;
	case E_NO_MEMORY:
		return TUTTI_ENOMEM;
	default:
		return TUTTI_EINVAL;
	}
}

/* As much of the result as both sides know. */
static int normalize(const struct tutti_result *given,
		     struct tutti_result *ret_result, struct err *reterr)
{
	const size_t least = offsetof(struct tutti_result, encoding);

	memset(ret_result, 0, sizeof(*ret_result));
	if (!given || given->size < least) {
		return err_set(reterr, E_INVALID,
			       "the result's 'size' is not set");
	}
	memcpy(ret_result, given,
	       given->size < sizeof(*ret_result) ? given->size
						 : sizeof(*ret_result));
	if (ret_result->outcome < TUTTI_SUCCEEDED ||
	    ret_result->outcome > TUTTI_PARKED) {
		return err_set(reterr, E_INVALID, "%d is no outcome",
			       (int)ret_result->outcome);
	}
	if (ret_result->outcome == TUTTI_PARKED &&
	    (ret_result->until_us <= 0 ||
	     ret_result->until_us > LAST_MOMENT_US)) {
		return err_set(reterr, E_INVALID,
			       "a parked task needs 'until_us', "
			       "before the year 10000");
	}
	if (!is_readable(ret_result->message) ||
	    !is_readable(ret_result->output) ||
	    !is_readable(ret_result->patch)) {
		return err_set(reterr, E_INVALID,
			       "a text has a length but no address");
	}
	return 0;
}

static int read_documents(const struct tutti_result *result,
			  struct host_completion *completion,
			  struct err *reterr)
{
	int rc = 0;

	if (result->output.len) {
		rc = host_document_read(
		    host_slice(result->output), result->encoding, LIMIT_OUTPUT,
		    HOST_DOCUMENT_ANY, &completion->output, reterr);
		if (rc < 0) {
			return err_wrap(reterr, "its output");
		}
	}
	if (result->patch.len) {
		rc = host_document_read(
		    host_slice(result->patch), result->encoding, LIMIT_STASH,
		    HOST_DOCUMENT_MAP, &completion->patch, reterr);
	}
	return rc < 0 ? err_wrap(reterr, "its patch of the stash") : 0;
}

static int read_result(const struct tutti_result *given,
		       struct host_completion *completion, struct err *reterr)
{
	struct tutti_result result;
	int rc = normalize(given, &result, reterr);

	if (rc == 0) {
		completion->outcome = result.outcome;
		completion->until_us = result.until_us;
		rc = read_documents(&result, completion, reterr);
	}
	if (rc == 0 && result.message.len) {
		completion->message =
		    host_text_clean(host_slice(result.message), LIMIT_MESSAGE);
	}
	return rc;
}

/* Kept for the sentence of the failure to come, and told to the log. */
static int32_t refuse(struct delivery *delivery, const struct err *err)
{
	char text[sizeof(err->msg) + 32];

	(void)pthread_mutex_lock(&delivery->lock);
	delivery->refusal = *err;
	(void)pthread_mutex_unlock(&delivery->lock);
	(void)snprintf(text, sizeof(text), "its result was refused: %s",
		       err->msg);
	log_for(delivery->plugin, delivery, &delivery->task.id, LOG_ERROR,
		slice_of(text));
	return sdk_code(err->code);
}

static int32_t finish(struct delivery *delivery,
		      const struct tutti_result *result)
{
	struct host_completion completion = { 0 };
	struct err err = { 0 };

	if (read_result(result, &completion, &err) < 0) {
		host_completion_fini(&completion);
		return refuse(delivery, &err);
	}
	return host_delivery_complete(delivery, &completion);
}

static int32_t call_finish(const struct tutti_host *table,
			   struct tutti_task_id id,
			   const struct tutti_result *result)
{
	struct host_plugin *plugin = door_of(table)->plugin;
	struct delivery *delivery = find(table, id);
	int32_t rc = TUTTI_ESTALE;

	if (delivery) {
		rc = finish(delivery, result);
		if (rc == TUTTI_ESTALE) {
			atomic_fetch_add(&plugin->misbehaved, 1);
		}
		host_delivery_unref(delivery);
		return rc;
	}
	atomic_fetch_add(&plugin->misbehaved, 1);
	return rc;
}

static int32_t call_progress(const struct tutti_host *table,
			     struct tutti_task_id id, double fraction,
			     struct tutti_slice note)
{
	struct delivery *delivery;

	if (isnan(fraction) || !is_readable(note)) {
		return TUTTI_EINVAL;
	}
	delivery = find(table, id);
	if (!delivery) {
		return TUTTI_ESTALE;
	}
	const struct host_callbacks *callbacks =
	    &delivery->plugin->host->callbacks;

	if (callbacks->progressed) {
		char *text = host_text_clean(host_slice(note), LIMIT_NOTE);
		double shown = fraction > 1 ? 1 : fraction;

		callbacks->progressed(callbacks->arg, &delivery->key,
				      shown < 0 ? -1 : shown, slice_of(text));
		free(text);
	}
	host_delivery_unref(delivery);
	return TUTTI_OK;
}

/* While init() runs, its last complaint becomes the reason of its failure. */
static void note_complaint(const struct host_plugin *plugin, int32_t level,
			   const char *text)
{
	const struct host *host = plugin->host;

	if (level == TUTTI_ERROR && pthread_equal(pthread_self(), host->loop) &&
	    plugin->complaint) {
		(void)err_set(plugin->complaint, E_INVALID, "%s", text);
	}
}

static int32_t call_log(const struct tutti_host *table, struct tutti_task_id id,
			int32_t level, struct tutti_slice text)
{
	static const enum log_level levels[] = {
		[TUTTI_ERROR] = LOG_ERROR,
		[TUTTI_WARN] = LOG_WARN,
		[TUTTI_INFO] = LOG_INFO,
		[TUTTI_DEBUG] = LOG_DEBUG,
	};
	struct host_plugin *plugin = door_of(table)->plugin;

	if (level < TUTTI_ERROR || level > TUTTI_DEBUG || !is_readable(text)) {
		return TUTTI_EINVAL;
	}
	struct delivery *delivery = find(table, id);
	char *clean = host_text_clean(host_slice(text), LIMIT_MESSAGE);

	note_complaint(plugin, level, clean);
	log_for(plugin, delivery, &id, levels[level], slice_of(clean));
	free(clean);
	if (delivery) {
		host_delivery_unref(delivery);
	}
	return TUTTI_OK;
}

static int32_t call_cancelled(const struct tutti_host *table,
			      struct tutti_task_id id)
{
	struct delivery *delivery = find(table, id);

	if (!delivery) {
		return TUTTI_ESTALE;
	}
	int32_t cause = host_delivery_cause(delivery);

	host_delivery_unref(delivery);
	return cause;
}

static int32_t call_get(const struct tutti_host *table, struct tutti_task_id id,
			struct tutti_slice path, struct tutti_value *ret_value)
{
	if (!is_readable(path) || !ret_value) {
		return TUTTI_EINVAL;
	}
	struct delivery *delivery = find(table, id);

	if (!delivery) {
		return TUTTI_ESTALE;
	}
	(void)pthread_mutex_lock(&delivery->lock);
	int32_t rc = host_scope_get(delivery, host_slice(path), ret_value);

	(void)pthread_mutex_unlock(&delivery->lock);
	host_delivery_unref(delivery);
	return rc;
}

static int32_t call_json(const struct tutti_host *table,
			 struct tutti_task_id id, struct tutti_slice path,
			 struct tutti_slice *ret_text)
{
	if (!is_readable(path) || !ret_text) {
		return TUTTI_EINVAL;
	}
	struct delivery *delivery = find(table, id);

	if (!delivery) {
		return TUTTI_ESTALE;
	}
	(void)pthread_mutex_lock(&delivery->lock);
	int32_t rc = host_scope_json(delivery, host_slice(path), ret_text);

	(void)pthread_mutex_unlock(&delivery->lock);
	host_delivery_unref(delivery);
	return rc;
}

static int32_t call_entry(const struct tutti_host *table,
			  struct tutti_task_id id, struct tutti_slice path,
			  uint64_t index, struct tutti_slice *ret_key,
			  struct tutti_value *ret_value)
{
	if (!is_readable(path) || !ret_key || !ret_value) {
		return TUTTI_EINVAL;
	}
	struct delivery *delivery = find(table, id);

	if (!delivery) {
		return TUTTI_ESTALE;
	}
	(void)pthread_mutex_lock(&delivery->lock);
	int32_t rc = host_scope_entry(delivery, host_slice(path), index,
				      ret_key, ret_value);

	(void)pthread_mutex_unlock(&delivery->lock);
	host_delivery_unref(delivery);
	return rc;
}

static int32_t call_param(const struct tutti_host *table,
			  struct tutti_slice name,
			  struct tutti_value *ret_value)
{
	if (!is_readable(name) || !ret_value) {
		return TUTTI_EINVAL;
	}
	return host_params_get(&door_of(table)->plugin->params,
			       host_slice(name), ret_value);
}

static int64_t call_now_ns(const struct tutti_host *table)
{
	(void)table;
	return clock_mono_ns();
}

static int64_t call_wall_us(const struct tutti_host *table)
{
	(void)table;
	return clock_wall_us();
}

void host_door_init(struct host_door *door, struct host_plugin *plugin)
{
	door->plugin = plugin;
	door->table = (struct tutti_host){
		.size = sizeof(door->table),
		.abi_major = TUTTI_ABI_MAJOR,
		.abi_minor = TUTTI_ABI_MINOR,
		.ctx = door,
		.finish = call_finish,
		.progress = call_progress,
		.log = call_log,
		.cancelled = call_cancelled,
		.get = call_get,
		.json = call_json,
		.param = call_param,
		.now_ns = call_now_ns,
		.wall_us = call_wall_us,
		.entry = call_entry,
	};
}
