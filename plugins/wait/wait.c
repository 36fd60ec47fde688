/*
 * Waits for a duration or until a point in time. The task is parked: while it
 * waits, no plugin, thread or memory is busy with it, and a restart of the
 * orchestrator does not matter. See README.md.
 */
#include <stdio.h>

#include "instant.h"

#define USAGE "give either `duration: 5s` or `until: 2026-03-01T10:00:00Z`"

static int32_t refuse(const struct tutti_task *task, const char *key,
		      struct tutti_value value, const char *expected)
{
	char message[512];
	int len = value.as.text.len < 100 ? (int)value.as.text.len : 100;

	(void)snprintf(message, sizeof(message), "`%s: %.*s` is no %s", key,
		       len, value.as.text.ptr, expected);
	return tutti_fail(task, TUTTI_FAILED, message);
}

static int32_t finish(const struct tutti_task *task, int64_t until_us)
{
	char until[INSTANT_TEXT_SIZE];
	char output[INSTANT_TEXT_SIZE + 16];

	instant_write(until_us, until);
	(void)snprintf(output, sizeof(output), "{\"until\": \"%s\"}", until);
	return tutti_succeed(task, output);
}

/* Woken once is waited enough: the host says when the time has come. */
static int32_t wait_until(const struct tutti_task *task, int64_t until_us)
{
	char until[INSTANT_TEXT_SIZE];
	char message[INSTANT_TEXT_SIZE + 16];

	if (task->wakes > 0 || until_us <= tutti_wall_us(task->host)) {
		return finish(task, until_us);
	}
	instant_write(until_us, until);
	(void)snprintf(message, sizeof(message), "waits until %s", until);
	return tutti_park(task, until_us, message);
}

static int32_t wait_duration(const struct tutti_task *task,
			     struct tutti_value duration)
{
	int64_t now = tutti_wall_us(task->host);
	int64_t us;

	if (duration.type != TUTTI_STRING) {
		return tutti_fail(task, TUTTI_FAILED,
				  "`duration` must be a text with a unit, as "
				  "in 5s");
	}
	if (!duration_read_us(duration.as.text, &us)) {
		return refuse(task, "duration", duration,
			      "duration: write a number and one of ms, s, m, "
			      "h, d, as in 5s");
	}
	/* The end of what is over already: now. */
	return wait_until(task, task->wakes > 0 ? now : now + us);
}

static int32_t wait_instant(const struct tutti_task *task,
			    struct tutti_value until)
{
	int64_t us;

	if (until.type != TUTTI_STRING) {
		return tutti_fail(task, TUTTI_FAILED,
				  "`until` must be a time as text, as in "
				  "2026-03-01T10:00:00Z");
	}
	if (!instant_read_us(until.as.text, &us)) {
		return refuse(task, "until", until,
			      "time: write it as RFC 3339 says, as in "
			      "2026-03-01T10:00:00Z");
	}
	return wait_until(task, us);
}

static int32_t wait_task(void *self, const struct tutti_task *task)
{
	struct tutti_value duration;
	struct tutti_value until;
	struct tutti_value all;
	int32_t has_duration = tutti_get(task, "with.duration", &duration);
	int32_t has_until = tutti_get(task, "with.until", &until);

	(void)self;
	if (has_duration == TUTTI_ENOMEM || has_until == TUTTI_ENOMEM) {
		return TUTTI_ENOMEM;
	}
	if (tutti_get(task, "with", &all) == TUTTI_OK && all.as.length > 1) {
		return tutti_fail(task, TUTTI_FAILED,
				  "there is more in `with` than can be "
				  "meant: " USAGE);
	}
	if (has_duration == TUTTI_OK) {
		return wait_duration(task, duration);
	}
	if (has_until == TUTTI_OK) {
		return wait_instant(task, until);
	}
	return tutti_fail(task, TUTTI_FAILED,
			  "how long to wait is not said: " USAGE);
}

static const struct tutti_plugin plugin = {
	.size = sizeof(struct tutti_plugin),
	.name = "wait",
	.version = "1.0",
	.help = "Waits for a duration or until a point in time.",
	.max_tasks = 64,
	.handle = wait_task,
};

TUTTI_MODULE(&plugin);
