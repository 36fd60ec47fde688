/* Takes part in the parallel phase of A by a filter of its own, which is right
 * or wrong in some way. */
#include <tutti/plugin.h>

#if defined(NO_JSON)
#define FILTER "{\"kind\": [\"a\""
#elif defined(NO_LIST)
#define FILTER "{\"kind\": \"a\"}"
#elif defined(FIVE_KEYS)
#define FILTER "{\"a\": [1], \"b\": [1], \"c\": [1], \"d\": [1], \"e\": [1]}"
#else
#define FILTER                                                          \
	"{\"a\": [1], \"b\": [1], \"c\": [1], \"d\": [1], \"e\": [1], " \
	"\"f\": [1]}"
#endif

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	return tutti_succeed(task, NULL);
}

static const struct tutti_subscription wanted[] = {
	{
	    .activity = "A",
	    .phase = TUTTI_PARALLEL,
	    .filter = FILTER,
	},
};

static const struct tutti_plugin filtering = {
	.size = sizeof(struct tutti_plugin),
	.name = "filtering",
	.version = "1.0",
	.help = "Takes part by a filter of its own.",
	.subscriptions = wanted,
	.subscription_count = 1,
	.max_tasks = 4,
	.handle = handle,
};

TUTTI_MODULE(&filtering);
