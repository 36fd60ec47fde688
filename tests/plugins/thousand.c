/* As many plugins as a module may hold, each with a filter of its own: mABC
 * takes part in the parallel phase of A when key is "kC" and n at least A. */
#include <tutti/plugin.h>

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	return tutti_succeed(task, NULL);
}

#define TENS(X, a, b) \
	X(a, b, 0)    \
	X(a, b, 1)    \
	X(a, b, 2)    \
	X(a, b, 3)    \
	X(a, b, 4)    \
	X(a, b, 5) X(a, b, 6) X(a, b, 7) X(a, b, 8) X(a, b, 9)
#define HUNDREDS(X, a) \
	TENS(X, a, 0)  \
	TENS(X, a, 1)  \
	TENS(X, a, 2)  \
	TENS(X, a, 3)  \
	TENS(X, a, 4)  \
	TENS(X, a, 5) TENS(X, a, 6) TENS(X, a, 7) TENS(X, a, 8) TENS(X, a, 9)
#define ALL(X)         \
	HUNDREDS(X, 0) \
	HUNDREDS(X, 1) \
	HUNDREDS(X, 2) \
	HUNDREDS(X, 3) \
	HUNDREDS(X, 4) \
	HUNDREDS(X, 5) \
	HUNDREDS(X, 6) HUNDREDS(X, 7) HUNDREDS(X, 8) HUNDREDS(X, 9)

#define PLUGIN(a, b, c)                                               \
	static const struct tutti_subscription wanted_##a##b##c[] = { \
		{                                                     \
		    .activity = "A",                                  \
		    .phase = TUTTI_PARALLEL,                          \
		    .filter = "{\"key\": [\"k" #c "\"], \"n\": "      \
			      "[{\"numeric\": [\">=\", " #a "]}]}",   \
		},                                                    \
	};                                                            \
	static const struct tutti_plugin plugin_##a##b##c = {         \
		.size = sizeof(struct tutti_plugin),                  \
		.name = "m" #a #b #c,                                 \
		.version = "1.0",                                     \
		.subscriptions = wanted_##a##b##c,                    \
		.subscription_count = 1,                              \
		.max_tasks = 1,                                       \
		.handle = handle,                                     \
	};

ALL(PLUGIN)

#define POINTER(a, b, c) &plugin_##a##b##c,

TUTTI_MODULE(ALL(POINTER));
