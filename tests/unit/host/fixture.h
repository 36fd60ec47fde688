/*
 * A host with everything that it calls back written down. Waiting is always
 * for an event; a minute without it fails the test.
 */
#ifndef UNIT_HOST_FIXTURE_H
#define UNIT_HOST_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "document/json.h"
#include "document/pack.h"
#include "host/host.h"

#define SHIPPED        TEST_MODULES "/../../plugins"
#define WAIT_S         60
#define FIXTURE_EVENTS 65536

struct fixture {
	struct host *host;
	char folder[64];
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct host_completion *completions;
	size_t completed;
	char **logs;
	size_t logged;
	struct host_key log_key; /* of the last line */
	double fractions[64];
	size_t progressed;
	char note[LIMIT_NOTE + 1];
};

static inline void fixture_completed(void *arg,
				     const struct host_completion *completion)
{
	struct fixture *fixture = arg;

	(void)pthread_mutex_lock(&fixture->lock);
	if (fixture->completed < FIXTURE_EVENTS) {
		fixture->completions[fixture->completed++] = *completion;
	}
	(void)pthread_cond_broadcast(&fixture->changed);
	(void)pthread_mutex_unlock(&fixture->lock);
}

static inline void fixture_progressed(void *arg, const struct host_key *key,
				      double fraction, struct slice note)
{
	struct fixture *fixture = arg;

	(void)key;
	(void)pthread_mutex_lock(&fixture->lock);
	if (fixture->progressed == 0) {
		(void)snprintf(fixture->note, sizeof(fixture->note), "%.*s",
			       SLICE_ARG(note));
	}
	fixture->fractions[fixture->progressed++ % 64] = fraction;
	(void)pthread_mutex_unlock(&fixture->lock);
}

static inline void fixture_logged(void *arg, const struct host_key *key,
				  struct slice plugin, struct slice task,
				  enum log_level level, struct slice text)
{
	struct fixture *fixture = arg;
	struct buf line = { 0 };

	(void)task;
	buf_printf(&line, "%s %.*s: %.*s", log_level_name(level),
		   SLICE_ARG(plugin), SLICE_ARG(text));
	(void)pthread_mutex_lock(&fixture->lock);
	fixture->log_key = *key;
	if (fixture->logged < FIXTURE_EVENTS) {
		fixture->logs[fixture->logged++] = buf_take(&line);
	}
	(void)pthread_cond_broadcast(&fixture->changed);
	(void)pthread_mutex_unlock(&fixture->lock);
	buf_fini(&line);
}

static inline struct fixture *fixture_create(void)
{
	struct fixture *fixture = alloc_zeroed(1, sizeof(*fixture));
	struct host_callbacks callbacks = {
		.arg = fixture,
		.completed = fixture_completed,
		.progressed = fixture_progressed,
		.logged = fixture_logged,
	};

	fixture->completions =
	    alloc_zeroed(FIXTURE_EVENTS, sizeof(*fixture->completions));
	fixture->logs = alloc_zeroed(FIXTURE_EVENTS, sizeof(*fixture->logs));
	(void)pthread_mutex_init(&fixture->lock, NULL);
	(void)pthread_cond_init(&fixture->changed, NULL);
	(void)strcpy(fixture->folder, "/tmp/tutti-host-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	fixture->host = host_create(&callbacks);
	return fixture;
}

static inline void fixture_pause(void)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	(void)nanosleep(&pause, NULL);
}

static inline void fixture_remove(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[512];

	while (dir && (entry = readdir(dir)) != NULL) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder,
			       entry->d_name);
		(void)unlink(path);
	}
	if (dir) {
		(void)closedir(dir);
	}
	(void)rmdir(folder);
}

/* Stop, wait for what is in flight, destroy. */
static inline void fixture_destroy(struct fixture *fixture)
{
	if (fixture->host) {
		host_stop(fixture->host);
		while (!host_drained(fixture->host)) {
			fixture_pause();
		}
		host_destroy(fixture->host);
	}
	for (size_t i = 0; i < fixture->completed; i++) {
		host_completion_fini(&fixture->completions[i]);
	}
	for (size_t i = 0; i < fixture->logged; i++) {
		free(fixture->logs[i]);
	}
	fixture_remove(fixture->folder);
	(void)pthread_cond_destroy(&fixture->changed);
	(void)pthread_mutex_destroy(&fixture->lock);
	free(fixture->completions);
	free(fixture->logs);
	free(fixture);
}

static inline int fixture_try_load(struct fixture *fixture, const char *path,
				   const char *config_json, uint32_t max_tasks,
				   struct err *reterr)
{
	struct value config = value_null();
	struct host_source source = { .path = path, .max_tasks = max_tasks };

	if (config_json) {
		assert_int_equal(
		    json_read(slice_of(config_json), NULL, &config, NULL), 0);
		source.config = &config;
	}
	int rc = host_load(fixture->host, &source, reterr);

	value_clear(&config);
	return rc;
}

/* A module by name: of tests/plugins, or with a '/' in it as it is. */
static inline void fixture_load(struct fixture *fixture, const char *name,
				const char *config_json)
{
	char path[1024];
	struct err err;

	(void)snprintf(path, sizeof(path),
		       strchr(name, '/') ? "%s" : TEST_MODULES "/%s.so", name);
	if (fixture_try_load(fixture, path, config_json, 0, &err) < 0) {
		fail_msg("%s", err.msg);
	}
}

static inline void fixture_start(struct fixture *fixture)
{
	struct err err;

	if (host_start(fixture->host, &err) < 0) {
		fail_msg("%s", err.msg);
	}
}

static inline struct blob *fixture_blob(const char *json)
{
	struct value value;
	struct buf packed = { 0 };
	struct err err;

	if (!json) {
		return NULL;
	}
	if (json_read(slice_of(json), NULL, &value, &err) < 0) {
		fail_msg("%s: %s", json, err.msg);
	}
	pack_write(&packed, &value);
	value_clear(&value);
	struct blob *blob = blob_make(buf_slice(&packed));

	buf_fini(&packed);
	return blob;
}

static inline struct host_key fixture_key(uint32_t number, uint32_t attempt)
{
	struct host_key key = { .number = number, .attempt = attempt };

	memset(key.run.bytes, 0x42, sizeof(key.run.bytes));
	return key;
}

static inline struct host_task fixture_task(const char *plugin, uint32_t number,
					    uint32_t attempt)
{
	return (struct host_task){
		.key = fixture_key(number, attempt),
		.phase = TUTTI_PARALLEL,
		.uid = SLICE("uid-1"),
		.tenant = SLICE("default"),
		.workflow = SLICE("flow"),
		.activity = SLICE("Step1"),
		.plugin = slice_of(plugin),
		.name = slice_of(plugin),
	};
}

/* Delivers a task and gives up the documents in it. */
static inline int fixture_hand_over(struct fixture *fixture,
				    struct host_task *task, struct err *reterr)
{
	int rc = host_deliver(fixture->host, task, reterr);

	blob_unref(task->attributes);
	blob_unref(task->input);
	blob_unref(task->stash);
	blob_unref(task->outputs);
	blob_unref(task->with);
	return rc;
}

static inline void fixture_deliver_attempt(struct fixture *fixture,
					   const char *plugin, uint32_t number,
					   uint32_t attempt,
					   const char *with_json)
{
	struct host_task task = fixture_task(plugin, number, attempt);
	struct err err;

	task.with = fixture_blob(with_json);
	if (fixture_hand_over(fixture, &task, &err) < 0) {
		fail_msg("%s", err.msg);
	}
}

static inline void fixture_deliver(struct fixture *fixture, const char *plugin,
				   uint32_t number, const char *with_json)
{
	fixture_deliver_attempt(fixture, plugin, number, 1, with_json);
}

/* Completions, and lines of the log, up to now. */
static inline size_t fixture_count(struct fixture *fixture)
{
	(void)pthread_mutex_lock(&fixture->lock);
	size_t completed = fixture->completed;

	(void)pthread_mutex_unlock(&fixture->lock);
	return completed;
}

static inline size_t fixture_lines(struct fixture *fixture)
{
	(void)pthread_mutex_lock(&fixture->lock);
	size_t logged = fixture->logged;

	(void)pthread_mutex_unlock(&fixture->lock);
	return logged;
}

static inline struct timespec fixture_until(void)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_S;
	return until;
}

/* Until there are `count` completions in all; they stay where they are. */
static inline void fixture_wait(struct fixture *fixture, size_t count)
{
	struct timespec until = fixture_until();
	int rc = 0;

	(void)pthread_mutex_lock(&fixture->lock);
	while (fixture->completed < count && rc == 0) {
		rc = pthread_cond_timedwait(&fixture->changed, &fixture->lock,
					    &until);
	}
	size_t completed = fixture->completed;

	(void)pthread_mutex_unlock(&fixture->lock);
	if (completed < count) {
		fail_msg("%zu completions of %zu", completed, count);
	}
}

/* The completion of one delivery, which must be there. */
static inline struct host_completion *
fixture_find(struct fixture *fixture, uint32_t number, uint32_t attempt)
{
	struct host_completion *found = NULL;
	struct host_key key = fixture_key(number, attempt);

	(void)pthread_mutex_lock(&fixture->lock);
	for (size_t i = 0; i < fixture->completed; i++) {
		struct host_completion *each = &fixture->completions[i];

		if (each->key.number == number &&
		    each->key.attempt == attempt &&
		    id_equal(&each->key.run, &key.run)) {
			assert_null(found);
			found = each;
		}
	}
	(void)pthread_mutex_unlock(&fixture->lock);
	assert_non_null(found);
	return found;
}

/* Deliver, wait, and give the completion. Nothing else may be in flight. */
static inline struct host_completion *fixture_do(struct fixture *fixture,
						 const char *plugin,
						 uint32_t number,
						 const char *with_json)
{
	size_t before = fixture_count(fixture);

	fixture_deliver(fixture, plugin, number, with_json);
	fixture_wait(fixture, before + 1);
	return fixture_find(fixture, number, 1);
}

static inline bool fixture_has_log(struct fixture *fixture, const char *text)
{
	bool found = false;

	(void)pthread_mutex_lock(&fixture->lock);
	for (size_t i = 0; i < fixture->logged && !found; i++) {
		found = strstr(fixture->logs[i], text) != NULL;
	}
	(void)pthread_mutex_unlock(&fixture->lock);
	return found;
}

/* Until `count` lines of the log contain the text. */
static inline void fixture_wait_logs(struct fixture *fixture, const char *text,
				     size_t count)
{
	struct timespec until = fixture_until();
	size_t found = 0;
	int rc = 0;

	(void)pthread_mutex_lock(&fixture->lock);
	while (rc == 0) {
		found = 0;
		for (size_t i = 0; i < fixture->logged; i++) {
			found += strstr(fixture->logs[i], text) != NULL;
		}
		if (found >= count) {
			break;
		}
		rc = pthread_cond_timedwait(&fixture->changed, &fixture->lock,
					    &until);
	}
	(void)pthread_mutex_unlock(&fixture->lock);
	assert_true(found >= count);
}

static inline void fixture_wait_log(struct fixture *fixture, const char *text)
{
	fixture_wait_logs(fixture, text, 1);
}

/* A document as a value; null without one. The caller clears it. */
static inline struct value fixture_value(const struct blob *blob)
{
	struct value value = value_null();
	struct err err;

	if (blob && pack_read(blob_slice(blob), NULL, &value, &err) < 0) {
		fail_msg("%s", err.msg);
	}
	return value;
}

static inline void fixture_assert_json(const struct blob *blob,
				       const char *json)
{
	struct value got = fixture_value(blob);
	struct value expected;
	struct buf text = { 0 };

	assert_int_equal(json_read(slice_of(json), NULL, &expected, NULL), 0);
	if (!value_equal(&got, &expected)) {
		json_write(&text, &got, JSON_COMPACT);
		fail_msg("%s is not %s", buf_take(&text), json);
	}
	value_clear(&got);
	value_clear(&expected);
}

/* A text member of an output; the caller frees it. */
static inline char *fixture_text(const struct blob *output, const char *key)
{
	struct value value = fixture_value(output);
	char *text = slice_dup(value_get_text(&value, key));

	value_clear(&value);
	return text;
}

static inline void fixture_assert_text(const struct blob *output,
				       const char *key, const char *expected)
{
	char *text = fixture_text(output, key);

	assert_string_equal(text, expected);
	free(text);
}

static inline void fixture_assert_contains(const char *text, const char *part)
{
	if (!text || !strstr(text, part)) {
		fail_msg("'%s' is not in '%s'", part, text ? text : "(null)");
	}
}

static inline char *fixture_path(struct fixture *fixture, const char *name)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s/%s", fixture->folder, name);
	return buf_take(&path);
}

static inline void fixture_touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	(void)close(fd);
}

static inline struct host_plugin_info fixture_info(struct fixture *fixture,
						   const char *name)
{
	for (size_t i = 0; i < host_plugin_count(fixture->host); i++) {
		struct host_plugin_info info =
		    host_plugin_info(fixture->host, i);

		if (strcmp(info.name, name) == 0) {
			return info;
		}
	}
	fail_msg("no plugin %s", name);
	abort();
}

#endif
