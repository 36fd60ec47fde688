/*
 * Tasks of the fake host: making them, their threads, their results.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "check/fake_inside.h"
#include "document/json.h"
#include "document/pack.h"

#define RUN_MS 10000

/* What a newer host has behind the members of struct tutti_task. */
#define LATER_MEMBERS 64

static const char *or_text(const char *given, const char *other)
{
	return given ? given : other;
}

static int read_json(struct tutti_fake_host *host, const char *what,
		     const char *json, bool map, struct blob **ret_blob)
{
	struct value value;

	if (!json) {
		*ret_blob = NULL;
		return 0;
	}
	int rc = json_read(slice_of(json), NULL, &value, &host->error);

	if (rc == 0 && map && value.type != VALUE_MAP) {
		value_clear(&value);
		rc = err_set(&host->error, E_INVALID, "it is no map");
	}
	if (rc < 0) {
		return err_wrap(&host->error, "%s", what);
	}
	*ret_blob = pack_blob(&value);
	value_clear(&value);
	return 0;
}

static int read_documents(struct tutti_fake_task *task,
			  const struct tutti_fake_work *work)
{
	struct tutti_fake_host *host = task->host;
	struct blob **documents = task->inside.documents;
	int rc = read_json(host, "attributes", work->attributes, true,
			   &documents[DOCUMENT_ATTRIBUTES]);

	rc = rc ? rc
		: read_json(host, "input", work->input, false,
			    &documents[DOCUMENT_INPUT]);
	rc = rc ? rc
		: read_json(host, "stash", work->stash, true,
			    &documents[DOCUMENT_STASH]);
	rc = rc ? rc
		: read_json(host, "outputs", work->outputs, true,
			    &documents[DOCUMENT_OUTPUTS]);
	return rc ? rc
		  : read_json(host, "with", work->with, true,
			      &documents[DOCUMENT_WITH]);
}

/* Where the next text of the region goes. */
struct pen {
	char *at;
};

static struct tutti_slice put(struct pen *pen, struct slice text)
{
	struct tutti_slice slice = { pen->at, text.len };

	memcpy(pen->at, text.ptr ? text.ptr : "", text.len);
	pen->at[text.len] = '\0';
	pen->at += text.len + 1;
	return slice;
}

static struct slice document(const struct tutti_fake_task *task,
			     enum host_document which)
{
	const struct blob *blob = task->inside.documents[which];

	if (blob) {
		return blob_slice(blob);
	}
	return which == DOCUMENT_INPUT ? SLICE("\xc0") : SLICE("\x80");
}

static const char *activity_of(const struct tutti_fake_task *task,
			       const struct tutti_fake_work *work)
{
	const struct tutti_plugin *about = &task->plugin->about;

	if (work->activity) {
		return work->activity;
	}
	return about->subscription_count ? about->subscriptions[0].activity
					 : "Activity";
}

struct texts {
	struct slice run, uid, tenant, workflow, activity, plugin, name;
};

static struct texts texts_of(const struct tutti_fake_task *task,
			     const struct tutti_fake_work *work)
{
	const char *plugin = task->plugin->about.name;

	return (struct texts){
		.run = SLICE("01kdvdna007fvvvvvvvvvvvvvv"),
		.uid = slice_of(or_text(work->uid, "test")),
		.tenant = slice_of(or_text(work->tenant, "default")),
		.workflow = slice_of(or_text(work->workflow, "Test")),
		.activity = slice_of(activity_of(task, work)),
		.plugin = slice_of(plugin),
		.name = slice_of(or_text(work->name, plugin)),
	};
}

static size_t room_for(const struct tutti_fake_task *task,
		       const struct texts *texts)
{
	size_t room = texts->run.len + texts->uid.len + texts->tenant.len +
		      texts->workflow.len + texts->activity.len +
		      texts->plugin.len + texts->name.len + 7;

	for (int i = 0; i < HOST_DOCUMENTS; i++) {
		room += document(task, (enum host_document)i).len + 1;
	}
	return room;
}

static int64_t deadline_of(const struct tutti_fake_host *host, int64_t ms)
{
	int64_t ns = host->now_ns + ms * 1000000;

	return ms ? (ns > 1 ? ns : 1) : 0;
}

static void fill(struct tutti_task *given, struct tutti_fake_task *task,
		 const struct tutti_fake_work *work, const struct texts *texts)
{
	struct pen pen = { task->region.base };

	given->attempt = task->attempt;
	given->wakes = work->wakes;
	given->phase = work->phase;
	given->id.run_high = UINT64_C(0x019b76da80000000);
	given->id.run_low = 1;
	given->id.number = work->number;
	given->host = task->plugin->table;
	given->run = put(&pen, texts->run);
	given->uid = put(&pen, texts->uid);
	given->tenant = put(&pen, texts->tenant);
	given->workflow = put(&pen, texts->workflow);
	given->activity = put(&pen, texts->activity);
	given->plugin = put(&pen, texts->plugin);
	given->name = put(&pen, texts->name);
	given->attributes = put(&pen, document(task, DOCUMENT_ATTRIBUTES));
	given->input = put(&pen, document(task, DOCUMENT_INPUT));
	given->stash = put(&pen, document(task, DOCUMENT_STASH));
	given->outputs = put(&pen, document(task, DOCUMENT_OUTPUTS));
	given->with = put(&pen, document(task, DOCUMENT_WITH));
	given->deadline_ns = deadline_of(task->host, work->deadline_ms);
}

static void lend(struct tutti_fake_task *task,
		 const struct tutti_fake_work *work)
{
	unsigned char whole[sizeof(struct tutti_task) + LATER_MEMBERS];
	size_t size = sizeof(struct tutti_task);
	struct texts texts = texts_of(task, work);

	if (task->host->version == FAKE_NEWER) {
		size = sizeof(whole);
	}
	memset(whole, 0xa5, sizeof(whole));
	fake_region_init(&task->region, room_for(task, &texts), whole, size);
	struct tutti_task *given = fake_region_tail(&task->region, size);

	given->size = (uint32_t)size;
	fill(given, task, work, &texts);
	task->inside.task = *given;
	task->given = given;
	fake_region_protect(&task->region);
}

static struct tutti_fake_task *task_create(struct tutti_fake_host *host,
					   struct fake_plugin *plugin,
					   const struct tutti_fake_work *work)
{
	struct tutti_fake_task *task = alloc_zeroed(1, sizeof(*task));
	struct tutti_fake_work numbered = *work;

	task->host = host;
	task->plugin = plugin;
	task->attempt = work->attempt ? work->attempt : 1;
	task->code = TUTTI_PENDING;
	task->outcome = -1;
	(void)pthread_mutex_init(&task->inside.lock, NULL);
	if (read_documents(task, work) < 0) {
		fake_task_destroy(task);
		return NULL;
	}
	if (!numbered.number) {
		numbered.number = ++host->next_number;
	}
	lend(task, &numbered);
	return task;
}

struct tutti_fake_task *tutti_fake_host_task(struct tutti_fake_host *host,
					     const struct tutti_fake_work *work)
{
	struct fake_plugin *plugin = fake_plugin_find(host, work->plugin);

	if (!plugin || work->phase < TUTTI_PRE || work->phase > TUTTI_POST) {
		(void)err_set(&host->error, E_INVALID, "%s",
			      plugin ? "there is no such phase"
				     : "there is no such plugin");
		return NULL;
	}
	(void)pthread_mutex_lock(&host->lock);
	struct tutti_fake_task *task = task_create(host, plugin, work);

	if (task) {
		task->next = host->tasks;
		host->tasks = task;
	}
	(void)pthread_mutex_unlock(&host->lock);
	return task;
}

bool fake_task_done(const struct tutti_fake_task *task)
{
	return task->state == FAKE_TASK_OVER;
}

/* Nothing of it is the plugin's any more. */
static void settle(struct tutti_fake_task *task)
{
	if (task->returned && task->finished &&
	    task->state == FAKE_TASK_RUNNING) {
		task->state = FAKE_TASK_OVER;
		task->plugin->in_hand--;
		fake_region_withdraw(&task->region);
		host_scope_fini(&task->inside.scope);
	}
	(void)pthread_cond_broadcast(&task->host->changed);
}

void fake_task_end(struct tutti_fake_task *task, int32_t outcome,
		   const char *message)
{
	task->finished = true;
	task->outcome = outcome;
	task->message = alloc_string(message);
	settle(task);
}

/* What handle() returned says. The lock is held. */
static void judge(struct tutti_fake_task *task)
{
	struct tutti_fake_host *host = task->host;
	int32_t code = task->code;

	if (code > TUTTI_PENDING || code < TUTTI_EAGAIN) {
		fake_mistake(host, "completion.code",
			     "handle() returned %d: return TUTTI_OK, "
			     "TUTTI_PENDING or one of the TUTTI_E codes",
			     (int)code);
	}
	if (task->finished || code == TUTTI_PENDING) {
		return;
	}
	if (task->abandoned) {
		fake_task_end(task, TUTTI_FAILED, "abandoned");
		return;
	}
	if (code >= TUTTI_OK) {
		fake_mistake(host, "completion.missing",
			     "handle() returned %s without having finished the "
			     "task: call tutti_succeed(), tutti_fail() or "
			     "tutti_finish() first, or return TUTTI_PENDING",
			     code == TUTTI_OK ? "TUTTI_OK" : "no known code");
	}
	fake_task_end(task,
		      code == TUTTI_EAGAIN ? TUTTI_RETRYABLE : TUTTI_FAILED,
		      "handle() returned without finishing it");
}

static void *work_on(void *arg)
{
	struct tutti_fake_task *task = arg;
	const struct tutti_plugin *about = &task->plugin->about;
	int32_t code = about->handle(task->plugin->self, task->given);

	(void)pthread_mutex_lock(&task->host->lock);
	task->code = code;
	judge(task);
	task->returned = true;
	settle(task);
	(void)pthread_mutex_unlock(&task->host->lock);
	return NULL;
}

int32_t tutti_fake_task_start(struct tutti_fake_task *task)
{
	struct tutti_fake_host *host = task->host;
	struct fake_plugin *plugin = task->plugin;
	int32_t rc = TUTTI_OK;

	(void)pthread_mutex_lock(&host->lock);
	if (!host->started || host->stopped || task->state != FAKE_TASK_NEW) {
		rc = TUTTI_EINVAL;
	} else if (plugin->in_hand >= plugin->about.max_tasks) {
		rc = TUTTI_EAGAIN;
	} else {
		task->state = FAKE_TASK_RUNNING;
		plugin->in_hand++;
	}
	(void)pthread_mutex_unlock(&host->lock);
	if (rc < 0) {
		return rc;
	}
	if (pthread_create(&task->thread, NULL, work_on, task) != 0) {
		(void)pthread_mutex_lock(&host->lock);
		task->state = FAKE_TASK_NEW;
		plugin->in_hand--;
		(void)pthread_mutex_unlock(&host->lock);
		return TUTTI_ENOMEM;
	}
	task->has_thread = true;
	return TUTTI_OK;
}

static struct timespec real_time_in(int64_t ms)
{
	struct timespec at;

	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += ms % 1000 * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	return at;
}

void fake_task_join(struct tutti_fake_task *task)
{
	if (task->has_thread) {
		(void)pthread_join(task->thread, NULL);
		task->has_thread = false;
	}
}

int32_t tutti_fake_task_wait(struct tutti_fake_task *task, int64_t real_ms)
{
	struct timespec until = real_time_in(real_ms);
	int failure = 0;

	(void)pthread_mutex_lock(&task->host->lock);
	while (!fake_task_done(task) && failure != ETIMEDOUT) {
		failure = pthread_cond_timedwait(&task->host->changed,
						 &task->host->lock, &until);
	}
	bool done = fake_task_done(task);

	(void)pthread_mutex_unlock(&task->host->lock);
	if (done) {
		fake_task_join(task);
	}
	return done ? TUTTI_OK : TUTTI_EAGAIN;
}

int32_t tutti_fake_task_run(struct tutti_fake_task *task)
{
	int32_t rc = tutti_fake_task_start(task);

	return rc < 0 ? rc : tutti_fake_task_wait(task, RUN_MS);
}

void tutti_fake_task_cancel(struct tutti_fake_task *task, int32_t cause)
{
	const struct fake_plugin *plugin = task->plugin;

	(void)pthread_mutex_lock(&task->host->lock);
	if (task->cause == TUTTI_NOT_CANCELLED) {
		task->cause = cause;
	}
	(void)pthread_mutex_unlock(&task->host->lock);
	if (plugin->about.cancel && plugin->started) {
		plugin->about.cancel(plugin->self, task->inside.task.id, cause);
	}
}

void tutti_fake_task_abandon(struct tutti_fake_task *task)
{
	(void)pthread_mutex_lock(&task->host->lock);
	if (!task->finished) {
		task->abandoned = true;
	}
	(void)pthread_mutex_unlock(&task->host->lock);
}

void fake_task_destroy(struct tutti_fake_task *task)
{
	for (size_t i = 0; i < task->progress_len; i++) {
		free(task->progress[i].note);
	}
	free(task->progress);
	free(task->message);
	free(task->output);
	free(task->patch);
	host_scope_fini(&task->inside.scope);
	for (int i = 0; i < HOST_DOCUMENTS; i++) {
		blob_unref(task->inside.documents[i]);
	}
	(void)pthread_mutex_destroy(&task->inside.lock);
	fake_region_fini(&task->region);
	free(task);
}
