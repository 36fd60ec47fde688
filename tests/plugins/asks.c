/*
 * Asks for each path in the list with.paths, from several threads at once, and
 * gives back {"answers": [JSON or null for each], "codes": [...], "same":
 * whether all threads saw the same texts at the same addresses}.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <tutti/plugin.h>

#define THREADS   4
#define PATHS_MAX 64

struct answers {
	const struct tutti_task *task;
	size_t count;
	int32_t codes[PATHS_MAX];
	struct tutti_slice json[PATHS_MAX];
	struct tutti_value values[PATHS_MAX];
};

static void *ask(void *arg)
{
	struct answers *answers = arg;
	const struct tutti_task *task = answers->task;
	struct tutti_slice key;
	struct tutti_value path;

	while (answers->count < PATHS_MAX &&
	       tutti_entry(task, "with.paths", answers->count, &key, &path) ==
		   TUTTI_OK) {
		size_t i = answers->count++;

		answers->codes[i] =
		    tutti_get(task, path.as.text.ptr, &answers->values[i]);
		(void)tutti_json(task, path.as.text.ptr, &answers->json[i]);
	}
	return NULL;
}

static bool same(const struct answers *a, const struct answers *b)
{
	bool equal = a->count == b->count;

	for (size_t i = 0; equal && i < a->count; i++) {
		equal = a->codes[i] == b->codes[i] &&
			a->json[i].ptr == b->json[i].ptr &&
			a->json[i].len == b->json[i].len &&
			a->values[i].type == b->values[i].type;
		if (equal && a->values[i].type == TUTTI_STRING) {
			equal = a->values[i].as.text.ptr ==
				b->values[i].as.text.ptr;
		}
	}
	return equal;
}

static int32_t answer(const struct tutti_task *task,
		      const struct answers *answers, bool all_same)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out) {
		return TUTTI_ENOMEM;
	}
	(void)fprintf(out, "{\"same\": %s, \"answers\": [",
		      all_same ? "true" : "false");
	for (size_t i = 0; i < answers->count; i++) {
		(void)fprintf(out, "%s%s", i ? "," : "",
			      answers->json[i].ptr ? answers->json[i].ptr
						   : "null");
	}
	(void)fputs("], \"codes\": [", out);
	for (size_t i = 0; i < answers->count; i++) {
		(void)fprintf(out, "%s%d", i ? "," : "",
			      (int)answers->codes[i]);
	}
	(void)fputs("]}", out);
	(void)fclose(out);
	int32_t rc = tutti_succeed(task, text);

	free(text);
	return rc;
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct answers *all = calloc(THREADS, sizeof(*all));
	pthread_t threads[THREADS];
	bool all_same = true;

	(void)self;
	if (!all) {
		return TUTTI_ENOMEM;
	}
	for (size_t i = 0; i < THREADS; i++) {
		all[i].task = task;
		if (pthread_create(&threads[i], NULL, ask, &all[i]) != 0) {
			abort();
		}
	}
	for (size_t i = 0; i < THREADS; i++) {
		(void)pthread_join(threads[i], NULL);
		all_same = all_same && same(&all[0], &all[i]);
	}
	int32_t rc = answer(task, &all[0], all_same);

	free(all);
	return rc;
}

static const struct tutti_plugin asks = {
	.size = sizeof(struct tutti_plugin),
	.name = "asks",
	.version = "1.0",
	.help = "Asks for values by path.",
	.max_tasks = 4,
	.handle = handle,
};

TUTTI_MODULE(&asks);
