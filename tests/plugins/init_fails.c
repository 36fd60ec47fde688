/* Two plugins: the first notes that it was ended, the second cannot start. */
#include <stdio.h>
#include <stdlib.h>
#include <tutti/plugin.h>

static const struct tutti_host *kept;

static int32_t good_init(const struct tutti_host *host, void **ret_self)
{
	(void)ret_self;
	kept = host;
	return TUTTI_OK;
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	return tutti_succeed(task, NULL);
}

static void good_stop(void *self)
{
	(void)self;
	(void)tutti_say(kept, TUTTI_INFO, "good: stop");
}

static void good_fini(void *self)
{
	(void)self;
	(void)tutti_say(kept, TUTTI_INFO, "good: fini");
}

static int32_t bad_init(const struct tutti_host *host, void **ret_self)
{
	(void)ret_self;
	(void)tutti_say(host, TUTTI_ERROR, "the licence has run out");
	return TUTTI_EFAILED;
}

static void bad_fini(void *self)
{
	(void)self;
	abort();
}

static const struct tutti_plugin good = {
	.size = sizeof(struct tutti_plugin),
	.name = "starts",
	.version = "1.0",
	.help = "Starts.",
	.max_tasks = 1,
	.init = good_init,
	.handle = handle,
	.stop = good_stop,
	.fini = good_fini,
};

static const struct tutti_plugin bad = {
	.size = sizeof(struct tutti_plugin),
	.name = "does_not_start",
	.version = "1.0",
	.help = "Does not start.",
	.max_tasks = 1,
	.init = bad_init,
	.handle = handle,
	.fini = bad_fini,
};

TUTTI_MODULE(&good, &bad);
