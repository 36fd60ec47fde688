/*
 * A supervisor with everything that it calls back written down, on a clock
 * that only tests move. Waiting is always for a condition; a minute without it
 * fails the test. The processes are sh scripts, or this program itself.
 */
#ifndef UNIT_HOST_CHILDREN_H
#define UNIT_HOST_CHILDREN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "host/supervisor.h"

#define CHILDREN_WAIT_NS INT64_C(60000000000)
#define CHILDREN_GRACE   5000
#define CHILDREN_EVENTS  16384

#define SCRIPT(text) ((const char *const[]){ "sh", "-c", text, NULL })

/* Lives until its lifeline or a signal ends it. */
#define LIVES SCRIPT("echo up; exec cat")

struct children {
	struct supervisor *supervisor;
	int64_t now_ms;
	char *lines[CHILDREN_EVENTS]; /* "INSTANCE STREAM TEXT" */
	size_t lengths[CHILDREN_EVENTS];
	size_t line_count;
	char *ends[CHILDREN_EVENTS]; /* "INSTANCE TEXT" */
	struct supervisor_exit last;
	size_t end_count;
	size_t changes;
};

static inline void children_line(void *arg, const char *entry,
				 const char *instance, pid_t pid, int stream,
				 struct slice text)
{
	struct children *children = arg;
	struct buf line = { 0 };

	assert_true(pid > 0);
	assert_int_equal(strncmp(instance, entry, strlen(entry)), 0);
	assert_true(text.len <= LIMIT_LOG_LINE);
	assert_true(children->line_count < CHILDREN_EVENTS);
	buf_printf(&line, "%s %d %.*s", instance, stream, SLICE_ARG(text));
	children->lengths[children->line_count] = text.len;
	children->lines[children->line_count++] = buf_take(&line);
}

static inline void children_ended(void *arg, const char *entry,
				  const char *instance,
				  const struct supervisor_exit *how)
{
	struct children *children = arg;
	struct buf end = { 0 };

	(void)entry;
	assert_true(children->end_count < CHILDREN_EVENTS);
	buf_printf(&end, "%s %s", instance, how->text);
	children->last = *how;
	children->ends[children->end_count++] = buf_take(&end);
}

static inline void children_changed(void *arg, const char *entry)
{
	struct children *children = arg;

	(void)entry;
	children->changes++;
}

static inline struct children *children_create(void)
{
	static const char *const warden[] = { "/proc/self/exe", "warden",
					      NULL };
	struct children *children = alloc_zeroed(1, sizeof(*children));
	struct supervisor_options options = {
		.callbacks = {
			.arg = children,
			.line = children_line,
			.ended = children_ended,
			.changed = children_changed,
		},
		.warden = warden,
		.grace_ms = CHILDREN_GRACE,
	};

	children->now_ms = 1000;
	assert_int_equal(
	    supervisor_create(&options, &children->supervisor, NULL), 0);
	return children;
}

static inline void children_destroy(struct children *children)
{
	supervisor_destroy(children->supervisor);
	for (size_t i = 0; i < children->line_count; i++) {
		free(children->lines[i]);
	}
	for (size_t i = 0; i < children->end_count; i++) {
		free(children->ends[i]);
	}
	free(children);
}

/* An entry that runs a script; tests change what they want otherwise. */
static inline struct supervisor_entry children_entry(const char *name,
						     const char *const *argv)
{
	return (struct supervisor_entry){
		.name = name,
		.argv = argv,
		.instances = 1,
		.delay_ms = 100,
		.max_ms = 1000,
		.deaths = 5,
		.within_ms = 60000,
	};
}

static inline void children_set(struct children *children,
				const struct supervisor_entry *entry)
{
	supervisor_set(children->supervisor, entry, SUPERVISOR_KEEP,
		       children->now_ms);
}

static inline void children_turn(struct children *children)
{
	struct pollfd watched = {
		.fd = supervisor_fd(children->supervisor),
		.events = POLLIN,
	};

	(void)poll(&watched, 1, 5);
	supervisor_turn(children->supervisor, children->now_ms);
}

/* Turns until the condition holds. */
#define children_until(children, condition)                          \
	do {                                                         \
		int64_t end_ns = clock_mono_ns() + CHILDREN_WAIT_NS; \
		while (!(condition)) {                               \
			if (clock_mono_ns() > end_ns) {              \
				fail_msg("never: %s", #condition);   \
			}                                            \
			children_turn(children);                     \
		}                                                    \
	} while (0)

static inline struct supervisor_status
children_status(struct children *children, const char *entry)
{
	size_t count = supervisor_count(children->supervisor);

	for (size_t i = 0; i < count; i++) {
		struct supervisor_status status =
		    supervisor_status(children->supervisor, i);

		if (strcmp(status.entry, entry) == 0) {
			return status;
		}
	}
	return (struct supervisor_status){ 0 };
}

static inline bool children_said(const struct children *children,
				 const char *line)
{
	for (size_t i = 0; i < children->line_count; i++) {
		if (strcmp(children->lines[i], line) == 0) {
			return true;
		}
	}
	return false;
}

/* The number that the instance has said as "WORD NUMBER", or 0. */
static inline pid_t children_number(const struct children *children,
				    const char *instance, const char *word)
{
	char head[128];

	(void)snprintf(head, sizeof(head), "%s 1 %s ", instance, word);
	for (size_t i = 0; i < children->line_count; i++) {
		if (strncmp(children->lines[i], head, strlen(head)) == 0) {
			return (pid_t)strtol(children->lines[i] + strlen(head),
					     NULL, 10);
		}
	}
	return 0;
}

/* Gone, or dead and only waiting for whoever inherited it. */
static inline bool process_is_gone(pid_t pid)
{
	char path[64];
	char text[512] = "";

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "r");

	if (!file) {
		return true;
	}
	size_t len = fread(text, 1, sizeof(text) - 1, file);

	(void)fclose(file);
	text[len] = '\0';
	const char *state = strrchr(text, ')');

	return !state || state[2] == 'Z' || state[2] == 'X';
}

static inline size_t count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir)) {
		count++;
	}
	(void)closedir(dir);
	return count;
}

#endif
