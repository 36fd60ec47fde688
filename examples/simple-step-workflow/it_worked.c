#include "it_worked.h"

#include <stdio.h>
#include <stdlib.h>

#define SAID "It worked"

static const char *phase_name(int32_t phase)
{
	switch (phase) {
	case TUTTI_PRE:
		return "pre";
	case TUTTI_PARALLEL:
		return "parallel";
	default:
		return "post";
	}
}

/* The part of the task at `path` as JSON text. */
static const char *json_of(const struct tutti_task *task, const char *path)
{
	struct tutti_slice text;

	return tutti_json(task, path, &text) == TUTTI_OK ? text.ptr : "{}";
}

static int32_t finish(const struct tutti_task *task, const char *output)
{
	struct tutti_result result;

	memset(&result, 0, sizeof(result));
	result.size = sizeof(result);
	result.outcome = TUTTI_SUCCEEDED;
	result.message = tutti_text(SAID);
	result.output = tutti_text(output);
	return tutti_finish(task, &result);
}

int32_t it_worked(void *self, const struct tutti_task *task)
{
	char *message = NULL;
	char *output = NULL;
	int32_t rc = TUTTI_ENOMEM;

	(void)self;
	if (asprintf(&message,
		     "{\"phase\": \"%s\", \"run\": %s, \"attributes\": %s}",
		     phase_name(task->phase), json_of(task, "run"),
		     json_of(task, "attributes")) < 0) {
		return TUTTI_ENOMEM;
	}
	(void)tutti_log(task, TUTTI_INFO, SAID);
	(void)tutti_log(task, TUTTI_INFO, message);
	if (asprintf(&output, "{\"said\": \"%s\", \"message\": %s}", SAID,
		     message) >= 0) {
		rc = finish(task, output);
		free(output);
	}
	free(message);
	return rc;
}
