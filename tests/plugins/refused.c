/*
 * Gives results that must be refused, of the kind in with.kind, logs "refused:
 * CODE", and then either succeeds (with.then is "succeed") or passes the code
 * on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <tutti/plugin.h>

#define BIG (9u * 1024 * 1024)

static struct tutti_slice raw(const char *bytes, size_t len)
{
	struct tutti_slice slice = { bytes, len };

	return slice;
}

static int32_t finish_big(const struct tutti_task *task,
			  struct tutti_result *result)
{
	char *text = malloc(BIG + 2);

	if (!text) {
		return TUTTI_ENOMEM;
	}
	memset(text, 'x', BIG + 2);
	text[0] = '"';
	text[BIG + 1] = '"';
	result->output = raw(text, BIG + 2);
	int32_t rc = tutti_finish(task, result);

	free(text);
	return rc;
}

static int32_t finish_badly(const struct tutti_task *task, const char *kind)
{
	struct tutti_result result = { .size = sizeof(result) };

	if (strcmp(kind, "json") == 0) {
		result.output = tutti_text("{\"open\": ");
	} else if (strcmp(kind, "msgpack") == 0) {
		result.encoding = TUTTI_MSGPACK;
		result.output = raw("\x92\x01", 2);
	} else if (strcmp(kind, "encoding") == 0) {
		result.encoding = 7;
		result.output = tutti_text("{}");
	} else if (strcmp(kind, "patch") == 0) {
		result.patch = tutti_text("[1]");
	} else if (strcmp(kind, "outcome") == 0) {
		result.outcome = 9;
	} else if (strcmp(kind, "until") == 0) {
		result.outcome = TUTTI_PARKED;
	} else if (strcmp(kind, "size") == 0) {
		result.size = 0;
	} else if (strcmp(kind, "slice") == 0) {
		result.message = raw(NULL, 5);
	} else if (strcmp(kind, "big") == 0) {
		return finish_big(task, &result);
	}
	return tutti_finish(task, &result);
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct tutti_value kind;
	struct tutti_value then;
	char text[64];

	(void)self;
	if (tutti_get(task, "with.kind", &kind) != TUTTI_OK) {
		return TUTTI_EFAILED;
	}
	int32_t rc = finish_badly(task, kind.as.text.ptr);

	(void)snprintf(text, sizeof(text), "refused: %d", (int)rc);
	(void)tutti_log(task, TUTTI_INFO, text);
	if (tutti_get(task, "with.then", &then) == TUTTI_OK) {
		return tutti_succeed(task, NULL);
	}
	return rc;
}

static const struct tutti_plugin refused = {
	.size = sizeof(struct tutti_plugin),
	.name = "refused",
	.version = "1.0",
	.help = "Gives results that are none.",
	.max_tasks = 1,
	.handle = handle,
};

TUTTI_MODULE(&refused);
