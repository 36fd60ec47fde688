/*
 * Built against a header in which struct tutti_plugin ended with handle() and
 * struct tutti_result with `message`: the memory behind is not theirs.
 */
#include <tutti/plugin.h>

struct old_plugin {
	uint32_t size;
	uint32_t flags;
	const char *name;
	const char *version;
	const char *help;
	const struct tutti_subscription *subscriptions;
	const struct tutti_param *params;
	uint32_t subscription_count;
	uint32_t param_count;
	uint32_t max_tasks;
	uint32_t reserved;
	int32_t (*init)(const struct tutti_host *host, void **ret_self);
	int32_t (*handle)(void *self, const struct tutti_task *task);
};

struct old_result {
	uint32_t size;
	int32_t outcome;
	int32_t encoding;
	int32_t reserved;
	struct tutti_slice message;
};

/* What would be taken for functions if the host looked beyond `size`. */
struct in_memory {
	struct old_plugin plugin;
	uintptr_t behind[4];
};

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct {
		struct old_result result;
		uintptr_t behind[5];
	} memory = {
		.result = { .size = sizeof(struct old_result) },
		.behind = { 1, 1, 1, 1, 1 },
	};

	(void)self;
	memory.result.message = tutti_text("old but well");
	return task->host->finish(task->host, task->id,
				  (const struct tutti_result *)(void *)&memory);
}

static const struct in_memory old = {
	.plugin = {
		.size = sizeof(struct old_plugin),
		.name = "old_size",
		.version = "0.9",
		.help = "Knows less than the host.",
		.max_tasks = 1,
		.handle = handle,
	},
	.behind = { 1, 1, 1, 1 },
};

TUTTI_MODULE((const struct tutti_plugin *)(const void *)&old);
