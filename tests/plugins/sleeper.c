/* Sleeps with.ms, or the parameter `ms`; 64 sleep at once. */
#include <errno.h>
#include <time.h>
#include <tutti/plugin.h>

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct tutti_value ms;

	(void)self;
	if (tutti_get(task, "with.ms", &ms) != TUTTI_OK &&
	    tutti_get_param(task->host, "ms", &ms) != TUTTI_OK) {
		return TUTTI_EFAILED;
	}
	struct timespec left = {
		.tv_sec = (time_t)(ms.as.i / 1000),
		.tv_nsec = (long)(ms.as.i % 1000) * 1000000,
	};

	while (nanosleep(&left, &left) != 0 && errno == EINTR) {
	}
	return tutti_succeed(task, "{\"slept\": true}");
}

static const struct tutti_param params[] = {
	{
	    .name = "ms",
	    .help = "How long to sleep, in milliseconds.",
	    .fallback = "300",
	    .type = TUTTI_INT,
	},
};

static const struct tutti_plugin sleeper = {
	.size = sizeof(struct tutti_plugin),
	.name = "sleeper",
	.version = "1.0",
	.help = "Sleeps.",
	.params = params,
	.param_count = 1,
	.max_tasks = 64,
	.handle = handle,
};

TUTTI_MODULE(&sleeper);
