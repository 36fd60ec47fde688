/*
 * Finishes with a message and logs and notes that are not UTF-8 or too long:
 * with.kind is "long" (three-byte characters) or "broken".
 */
#include <stdlib.h>
#include <tutti/plugin.h>

#define EUROS 500

static int32_t talk(const struct tutti_task *task, const char *text)
{
	(void)tutti_log(task, TUTTI_WARN, text);
	(void)tutti_log(task, 77, text);
	(void)tutti_progress(task, 0.5, text);
	(void)tutti_progress(task, 7.0, "over");
	(void)tutti_progress(task, -3.0, "unknown");
	return tutti_fail(task, TUTTI_RETRYABLE, text);
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct tutti_value kind;

	(void)self;
	if (tutti_get(task, "with.kind", &kind) != TUTTI_OK) {
		return TUTTI_EFAILED;
	}
	if (strcmp(kind.as.text.ptr, "broken") == 0) {
		return talk(task, "a\xff"
				  "b\xe2\x82");
	}
	char *text = calloc(EUROS * 3 + 1, 1);

	if (!text) {
		return TUTTI_ENOMEM;
	}
	for (size_t i = 0; i < EUROS; i++) {
		memcpy(text + i * 3, "\xe2\x82\xac", 3);
	}
	int32_t rc = talk(task, text);

	free(text);
	return rc;
}

static const struct tutti_plugin talker = {
	.size = sizeof(struct tutti_plugin),
	.name = "talker",
	.version = "1.0",
	.help = "Says what must be cut and mended.",
	.max_tasks = 1,
	.handle = handle,
};

TUTTI_MODULE(&talker);
