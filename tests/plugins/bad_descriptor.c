/* A module whose description has one mistake, chosen when it is compiled. */
#include <tutti/plugin.h>

#define TEN   "0123456789"
#define FIFTY TEN TEN TEN TEN TEN

#ifndef NO_HANDLE
static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	return tutti_succeed(task, NULL);
}
#endif

static const struct tutti_subscription wanted[] = {
#ifdef NO_ACTIVITY
	{ .activity = NULL },
#endif
#ifdef BAD_PHASE
	{ .activity = "Step1", .phase = 3 },
#endif
#ifdef BAD_MANDATORY
	{ .activity = "Step1", .mandatory = 2 },
#endif
#ifdef SAME_PHASE
	{ .activity = "Step1", .phase = TUTTI_POST, .order = 1 },
#endif
	{ .activity = "Step1", .phase = TUTTI_POST },
};

static const struct tutti_param params[] = {
#ifdef BAD_FALLBACK
	{ .name = "count", .type = TUTTI_INT, .fallback = "many" },
#endif
#ifdef BAD_PARAM_TYPE
	{ .name = "list", .type = TUTTI_ARRAY, .fallback = "[]" },
#endif
#ifdef SAME_PARAM
	{ .name = "pause", .type = TUTTI_DURATION, .fallback = "2s" },
#endif
	{ .name = "pause", .type = TUTTI_DURATION, .fallback = "1s" },
};

static const struct tutti_queue queue = {
#ifndef QUEUE_SIZE
	.size = sizeof(struct tutti_queue),
#endif
#ifdef QUEUE_NAME
	.name = "a/b",
#endif
#ifdef QUEUE_RATE
	.rate = 1000001,
#endif
#ifdef QUEUE_KEY
	.fifo_key = "attribute.customer",
#endif
#ifdef QUEUE_PRIORITY
	.priority_key = "attributes.urgency",
	.priority = 1,
#endif
	.attempts = 3,
};

static const struct tutti_plugin bad = {
#ifndef NO_SIZE
	.size = sizeof(struct tutti_plugin),
#endif
#if defined(NO_NAME)
	.name = "",
#elif defined(SLASH_NAME)
	.name = "a/b",
#elif defined(LONG_NAME)
	.name = FIFTY FIFTY TEN TEN "012345678",
#else
	.name = "bad",
#endif
	.version = "1.0",
	.help = "Makes a mistake.",
	.queue = &queue,
	.subscriptions = wanted,
	.subscription_count = sizeof(wanted) / sizeof(wanted[0]),
	.params = params,
	.param_count = sizeof(params) / sizeof(params[0]),
#ifndef NO_TASKS
	.max_tasks = 1,
#endif
#ifndef NO_HANDLE
	.handle = handle,
#endif
};

#if defined(NO_PLUGINS)
const struct tutti_module *tutti_plugin_v1(void)
{
	static const struct tutti_module module = {
		.magic = TUTTI_MAGIC,
		.size = sizeof(struct tutti_module),
		.abi_major = TUTTI_ABI_MAJOR,
	};

	(void)bad;
	return &module;
}
#elif defined(SAME_NAME)
TUTTI_MODULE(&bad, &bad);
#else
TUTTI_MODULE(&bad);
#endif
