/*
 * The functions of struct tutti_host as the fake host offers them. [any thread]
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "check/fake_inside.h"
#include "document/json.h"
#include "document/pack.h"
#include "host/scope.h"
#include "host/text.h"

/* What a newer host has behind the members that the plugin knows. */
#define LATER_MEMBERS 128

static struct fake_plugin *plugin_of(const struct tutti_host *table)
{
	return table->ctx;
}

static struct tutti_fake_host *enter(const struct tutti_host *table)
{
	struct tutti_fake_host *host = plugin_of(table)->host;

	(void)pthread_mutex_lock(&host->lock);
	return host;
}

static void leave(struct tutti_fake_host *host)
{
	(void)pthread_mutex_unlock(&host->lock);
}

/* TUTTI_OK, or the code that the validator wants this call to fail with. */
static int32_t injected(struct tutti_fake_host *host)
{
	host->calls++;
	return host->fail_code && host->calls > host->fail_after
		   ? host->fail_code
		   : TUTTI_OK;
}

static bool same_id(struct tutti_task_id a, struct tutti_task_id b)
{
	return a.run_high == b.run_high && a.run_low == b.run_low &&
	       a.number == b.number;
}

static bool is_open(const struct tutti_fake_task *task)
{
	return task->state == FAKE_TASK_RUNNING && !task->finished &&
	       !task->abandoned;
}

/* The oldest attempt that is not finished, else the newest that is. */
static struct tutti_fake_task *find(struct tutti_fake_host *host,
				    const struct fake_plugin *plugin,
				    struct tutti_task_id id)
{
	struct tutti_fake_task *found = NULL;

	for (struct tutti_fake_task *task = host->tasks; task;
	     task = task->next) {
		if (task->plugin == plugin && task->state != FAKE_TASK_NEW &&
		    same_id(task->inside.task.id, id) &&
		    (!found || is_open(task))) {
			found = task;
		}
	}
	return found;
}

static bool is_text(struct tutti_slice slice)
{
	return slice.ptr ? utf8_valid(host_slice(slice)) : slice.len == 0;
}

static char *packed_to_json(struct blob *blob)
{
	struct value value = value_null();
	struct buf text = { 0 };

	if (!blob) {
		return NULL;
	}
	if (pack_read(blob_slice(blob), NULL, &value, NULL) == 0) {
		json_write(&text, &value, JSON_COMPACT);
	}
	value_clear(&value);
	return buf_take(&text);
}

static int read_document(struct tutti_slice bytes, int32_t encoding,
			 size_t limit, enum host_document_kind kind,
			 char **ret_json, struct err *reterr)
{
	struct blob *blob = NULL;
	int rc = 0;

	if (bytes.len) {
		rc = bytes.ptr ? host_document_read(host_slice(bytes), encoding,
						    limit, kind, &blob, reterr)
			       : err_set(reterr, E_INVALID,
					 "it has a length but no address");
	}
	if (rc == 0) {
		*ret_json = packed_to_json(blob);
		blob_unref(blob);
	}
	return rc;
}

struct reading {
	struct tutti_result result;
	char *output;
	char *patch;
};

static int read_head(const struct tutti_result *given,
		     struct tutti_result *ret_result, struct err *reterr)
{
	memset(ret_result, 0, sizeof(*ret_result));
	if (!given || given->size < offsetof(struct tutti_result, encoding)) {
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
	if (ret_result->outcome == TUTTI_PARKED && ret_result->until_us <= 0) {
		return err_set(reterr, E_INVALID,
			       "a parked task needs 'until_us'");
	}
	return 0;
}

static int read_result(const struct tutti_result *given,
		       struct reading *reading, struct err *reterr)
{
	int rc = read_head(given, &reading->result, reterr);

	if (rc < 0) {
		return rc;
	}
	rc = read_document(reading->result.output, reading->result.encoding,
			   LIMIT_OUTPUT, HOST_DOCUMENT_ANY, &reading->output,
			   reterr);
	if (rc < 0) {
		return err_wrap(reterr, "its output");
	}
	rc = read_document(reading->result.patch, reading->result.encoding,
			   LIMIT_STASH, HOST_DOCUMENT_MAP, &reading->patch,
			   reterr);
	return rc < 0 ? err_wrap(reterr, "its patch of the stash") : 0;
}

static int32_t sdk_code(int rc)
{
	return rc == E_TOO_BIG     ? TUTTI_ETOOBIG
	       : rc == E_NO_MEMORY ? TUTTI_ENOMEM
				   : TUTTI_EINVAL;
}

static int32_t take(struct tutti_fake_task *task,
		    const struct tutti_result *given)
{
	struct tutti_fake_host *host = task->host;
	struct reading reading = { .output = NULL };
	struct err err = { 0 };
	int rc = read_result(given, &reading, &err);

	if (rc < 0) {
		fake_mistake(host, "tasks.result",
			     "the result was refused: %s; give one well-formed "
			     "document, and look at what tutti_finish() "
			     "returns",
			     err.msg);
		free(reading.output);
		return sdk_code(rc);
	}
	if (!is_text(reading.result.message)) {
		fake_mistake(host, "tasks.text",
			     "the message of the result is not UTF-8: make it "
			     "so before tutti_finish()");
	}
	task->output = reading.output;
	task->patch = reading.patch;
	task->until_us = reading.result.until_us;
	char *message =
	    host_text_clean(host_slice(reading.result.message), LIMIT_MESSAGE);

	fake_task_end(task, reading.result.outcome, message);
	free(message);
	return TUTTI_OK;
}

static int32_t refuse_finish(struct tutti_fake_host *host,
			     struct tutti_fake_task *task)
{
	if (!task) {
		fake_mistake(host, "completion.unknown",
			     "it finished a task that it was never given: "
			     "finish with the id of the struct tutti_task, or "
			     "keep a copy of that id");
		return TUTTI_ESTALE;
	}
	task->stale++;
	if (!task->abandoned) {
		fake_mistake(host, "completion.once",
			     "it finished task %llu a second time: finish each "
			     "task exactly once, on every path",
			     (unsigned long long)task->inside.task.id.number);
	} else if (!task->finished) {
		fake_task_end(task, TUTTI_FAILED, "abandoned");
	}
	return TUTTI_ESTALE;
}

static int32_t call_finish(const struct tutti_host *table,
			   struct tutti_task_id id,
			   const struct tutti_result *result)
{
	struct tutti_fake_host *host = enter(table);
	struct tutti_fake_task *task = find(host, plugin_of(table), id);
	int32_t rc = injected(host);

	if (rc == TUTTI_OK) {
		if (task) {
			task->times_finished++;
		}
		rc = task && is_open(task) ? take(task, result)
					   : refuse_finish(host, task);
	}
	leave(host);
	return rc;
}

static void add_progress(struct tutti_fake_task *task, double fraction,
			 struct tutti_slice note)
{
	alloc_grow(task->progress, task->progress_len, task->progress_cap);
	task->progress[task->progress_len++] = (struct fake_progress){
		.fraction = fraction < 0   ? -1
			    : fraction > 1 ? 1
					   : fraction,
		.note = host_text_clean(host_slice(note), LIMIT_NOTE),
	};
}

static int32_t call_progress(const struct tutti_host *table,
			     struct tutti_task_id id, double fraction,
			     struct tutti_slice note)
{
	struct tutti_fake_host *host = enter(table);
	struct tutti_fake_task *task = find(host, plugin_of(table), id);
	int32_t rc = injected(host);

	if (isnan(fraction) || !is_text(note)) {
		fake_mistake(host, "tasks.text",
			     "it reported progress that is no number, or with "
			     "a note that is not UTF-8");
		rc = TUTTI_EINVAL;
	}
	if (rc == TUTTI_OK && !(task && is_open(task))) {
		rc = TUTTI_ESTALE;
	}
	if (rc == TUTTI_OK) {
		add_progress(task, fraction, note);
	}
	leave(host);
	return rc;
}

static int32_t call_log(const struct tutti_host *table, struct tutti_task_id id,
			int32_t level, struct tutti_slice text)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };
	struct tutti_fake_host *host = enter(table);
	int32_t rc = injected(host);

	(void)id;
	if (level < TUTTI_ERROR || level > TUTTI_DEBUG || !is_text(text)) {
		fake_mistake(host, "tasks.text",
			     "it logged a line with an unknown level, or one "
			     "that is not UTF-8");
		rc = TUTTI_EINVAL;
	}
	if (rc == TUTTI_OK) {
		struct buf line = { 0 };

		buf_printf(&line, "%s: %.*s", names[level],
			   SLICE_ARG(host_slice(text)));
		alloc_grow(host->log, host->log_len, host->log_cap);
		host->log[host->log_len++] = buf_take(&line);
	}
	leave(host);
	return rc;
}

static int32_t cause_of(const struct tutti_fake_task *task)
{
	int64_t deadline = task->inside.task.deadline_ns;

	if (!is_open(task)) {
		return TUTTI_ESTALE;
	}
	if (task->cause == TUTTI_NOT_CANCELLED && deadline &&
	    task->host->now_ns >= deadline) {
		return TUTTI_TIMED_OUT;
	}
	return task->cause;
}

static int32_t call_cancelled(const struct tutti_host *table,
			      struct tutti_task_id id)
{
	struct tutti_fake_host *host = enter(table);
	struct tutti_fake_task *task = find(host, plugin_of(table), id);
	int32_t rc = task ? cause_of(task) : TUTTI_ESTALE;

	leave(host);
	return rc;
}

/* The task that may still be looked at, or a code. */
static int32_t look(struct tutti_fake_host *host,
		    const struct tutti_host *table, struct tutti_task_id id,
		    struct tutti_slice path, struct tutti_fake_task **ret_task)
{
	struct tutti_fake_task *task = find(host, plugin_of(table), id);
	int32_t rc = injected(host);

	if (rc < 0) {
		return rc;
	}
	if (!task || !is_open(task)) {
		return TUTTI_ESTALE;
	}
	*ret_task = task;
	return path.ptr || path.len == 0 ? TUTTI_OK : TUTTI_EINVAL;
}

static int32_t call_get(const struct tutti_host *table, struct tutti_task_id id,
			struct tutti_slice path, struct tutti_value *ret_value)
{
	struct tutti_fake_host *host = enter(table);
	struct tutti_fake_task *task = NULL;
	int32_t rc = look(host, table, id, path, &task);

	if (rc == TUTTI_OK) {
		rc = ret_value ? host_scope_get(&task->inside, host_slice(path),
						ret_value)
			       : TUTTI_EINVAL;
	}
	leave(host);
	return rc;
}

static int32_t call_json(const struct tutti_host *table,
			 struct tutti_task_id id, struct tutti_slice path,
			 struct tutti_slice *ret_text)
{
	struct tutti_fake_host *host = enter(table);
	struct tutti_fake_task *task = NULL;
	int32_t rc = look(host, table, id, path, &task);

	if (rc == TUTTI_OK) {
		rc = ret_text ? host_scope_json(&task->inside, host_slice(path),
						ret_text)
			      : TUTTI_EINVAL;
	}
	leave(host);
	return rc;
}

static int32_t call_entry(const struct tutti_host *table,
			  struct tutti_task_id id, struct tutti_slice path,
			  uint64_t index, struct tutti_slice *ret_key,
			  struct tutti_value *ret_value)
{
	struct tutti_fake_host *host = enter(table);
	struct tutti_fake_task *task = NULL;
	int32_t rc = look(host, table, id, path, &task);

	if (rc == TUTTI_OK) {
		rc = ret_key && ret_value
			 ? host_scope_entry(&task->inside, host_slice(path),
					    index, ret_key, ret_value)
			 : TUTTI_EINVAL;
	}
	leave(host);
	return rc;
}

static int32_t call_param(const struct tutti_host *table,
			  struct tutti_slice name,
			  struct tutti_value *ret_value)
{
	struct tutti_fake_host *host = enter(table);
	int32_t rc = injected(host);

	if (rc == TUTTI_OK) {
		rc = (name.ptr || name.len == 0) && ret_value
			 ? host_params_get(&plugin_of(table)->params,
					   host_slice(name), ret_value)
			 : TUTTI_EINVAL;
	}
	leave(host);
	return rc;
}

static int64_t call_now_ns(const struct tutti_host *table)
{
	struct tutti_fake_host *host = enter(table);
	int64_t now_ns = host->now_ns;

	leave(host);
	return now_ns;
}

static int64_t call_wall_us(const struct tutti_host *table)
{
	struct tutti_fake_host *host = enter(table);
	int64_t wall_us = host->wall_us;

	leave(host);
	return wall_us;
}

void fake_table_init(struct fake_plugin *plugin)
{
	struct {
		struct tutti_host table;
		unsigned char later[LATER_MEMBERS];
	} whole;
	size_t size = sizeof(whole.table);

	memset(&whole, 0xa5, sizeof(whole));
	if (plugin->host->version == FAKE_NEWER) {
		size = sizeof(whole);
	}
	whole.table = (struct tutti_host){
		.size = (uint32_t)size,
		.abi_major = TUTTI_ABI_MAJOR,
		.abi_minor = plugin->host->version == FAKE_NEWER
				 ? TUTTI_ABI_MINOR + 7
				 : TUTTI_ABI_MINOR,
		.ctx = plugin,
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
	fake_region_fini(&plugin->table_region);
	fake_region_init(&plugin->table_region, 0, &whole, size);
	plugin->table = fake_region_tail(&plugin->table_region, size);
	fake_region_protect(&plugin->table_region);
}
