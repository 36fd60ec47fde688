/*
 * Built against headers in which struct tutti_plugin had no queue yet, in which
 * struct tutti_queue ended with `name`, and in which it has more than now. The
 * memory behind is not theirs.
 */
#include <tutti/plugin.h>

#define BEFORE_QUEUE offsetof(struct tutti_plugin, queue)

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	return tutti_succeed(task, NULL);
}

static const struct tutti_plugin without_queue = {
	.size = BEFORE_QUEUE,
	.name = "without_queue",
	.version = "0.9",
	.help = "Was built before there were queues.",
	.max_tasks = 1,
	.handle = handle,
	/* What would be read if the host looked beyond `size`. */
	.queue = (const struct tutti_queue *)(uintptr_t)1,
};

static const struct tutti_queue short_queue = {
	.size = offsetof(struct tutti_queue, backoff_ms),
	.attempts = 3,
	.name = "old",
	.backoff_ms = -1,
	.max_ms = -1,
	.factor = -1,
	.jitter = -1,
	.visibility_ms = -1,
	.delay_ms = -1,
	.concurrency = UINT32_MAX,
	.rate = UINT32_MAX,
	.rate_per_ms = -1,
	.fifo_key = (const char *)(uintptr_t)1,
	.priority_key = (const char *)(uintptr_t)1,
	.priority = INT32_MAX,
};

static const struct tutti_plugin old_queue = {
	.size = sizeof(struct tutti_plugin),
	.name = "old_queue",
	.version = "1.0",
	.help = "Knows less of queues than the host.",
	.max_tasks = 1,
	.handle = handle,
	.queue = &short_queue,
};

static const struct {
	struct tutti_queue queue;
	uint64_t more[4];
} long_queue = {
	.queue = {
		.size = sizeof(long_queue),
		.attempts = 7,
		.name = "new",
		.backoff_ms = 250,
		.max_ms = 30000,
		.factor = 1.5,
		.jitter = 0.25,
		.visibility_ms = 30000,
		.delay_ms = 1500,
		.concurrency = 4,
		.rate = 10,
		.rate_per_ms = 30000,
		.fifo_key = "attributes.customer",
		.priority_key = "attributes.urgency",
	},
	.more = { 1, 1, 1, 1 },
};

static const struct tutti_plugin new_queue = {
	.size = sizeof(struct tutti_plugin),
	.name = "new_queue",
	.version = "1.0",
	.help = "Knows more of queues than the host.",
	.max_tasks = 1,
	.handle = handle,
	.queue = &long_queue.queue,
};

TUTTI_MODULE(&without_queue, &old_queue, &new_queue);
