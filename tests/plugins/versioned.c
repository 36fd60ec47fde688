/*
 * One plugin in several versions. Its output tells which one did the task; with
 * with.release it works until that file exists. Version 3 refuses to start, in
 * version 4 it has another name. Version 2 has a second plugin.
 */
#include <stdio.h>
#include <time.h>
#include <tutti/plugin.h>
#include <unistd.h>

static const struct tutti_host *kept;

static void say(const char *what)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "version %d: %s", VERSION, what);
	(void)tutti_say(kept, TUTTI_INFO, text);
}

static int32_t init(const struct tutti_host *host, void **ret_self)
{
	(void)ret_self;
	kept = host;
	if (VERSION == 3) {
		(void)tutti_say(host, TUTTI_ERROR,
				"version 3 does not like it");
		return TUTTI_EFAILED;
	}
	say("started");
	return TUTTI_OK;
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	struct tutti_value release;
	char output[64];

	(void)self;
	if (tutti_get(task, "with.release", &release) == TUTTI_OK) {
		(void)tutti_log(task, TUTTI_INFO, "working");
		while (access(release.as.text.ptr, F_OK) != 0 &&
		       tutti_cancelled(task) == TUTTI_NOT_CANCELLED) {
			(void)nanosleep(&pause, NULL);
		}
	}
	(void)snprintf(output, sizeof(output), "{\"version\": %d}", VERSION);
	return tutti_succeed(task, output);
}

static void stop(void *self)
{
	(void)self;
	say("stopped");
}

static void fini(void *self)
{
	(void)self;
	say("ended");
}

static const struct tutti_plugin versioned = {
	.size = sizeof(struct tutti_plugin),
	.name = VERSION == 4 ? "renamed" : "versioned",
	.version = "1.0",
	.max_tasks = 8,
	.init = init,
	.handle = handle,
	.stop = stop,
	.fini = fini,
};

#if VERSION == 2
static const struct tutti_plugin second = {
	.size = sizeof(struct tutti_plugin),
	.name = "added",
	.max_tasks = 1,
	.handle = handle,
};

TUTTI_MODULE(&versioned, &second);
#else
TUTTI_MODULE(&versioned);
#endif
