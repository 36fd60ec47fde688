/*
 * Finishes twice. What the second attempt at it returned goes to the log as
 * "second finish: CODE"; a finish for a task that never was as "foreign
 * finish: CODE".
 */
#include <stdio.h>
#include <tutti/plugin.h>

static void tell(const struct tutti_task *task, const char *what, int32_t code)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%s: %d", what, (int)code);
	(void)tutti_log(task, TUTTI_INFO, text);
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct tutti_result result = { .size = sizeof(result) };
	struct tutti_task_id foreign = task->id;
	int32_t rc = tutti_succeed(task, "{\"finish\": 1}");

	(void)self;
	tell(task, "second finish", tutti_succeed(task, "{\"finish\": 2}"));
	foreign.number += 1000000;
	tell(task, "foreign finish",
	     tutti_finish_id(task->host, foreign, &result));
	return rc;
}

static const struct tutti_plugin twice = {
	.size = sizeof(struct tutti_plugin),
	.name = "twice",
	.version = "1.0",
	.help = "Finishes each task twice.",
	.max_tasks = 1,
	.handle = handle,
};

TUTTI_MODULE(&twice);
