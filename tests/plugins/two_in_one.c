/* Two plugins in one module, each with its own handler and its own state. */
#include <stdlib.h>
#include <tutti/plugin.h>

struct self {
	const char *answer;
};

static int32_t create(const char *answer, void **ret_self)
{
	struct self *self = malloc(sizeof(*self));

	if (!self) {
		return TUTTI_ENOMEM;
	}
	self->answer = answer;
	*ret_self = self;
	return TUTTI_OK;
}

static int32_t first_init(const struct tutti_host *host, void **ret_self)
{
	(void)host;
	return create("{\"handler\": \"first\"}", ret_self);
}

static int32_t second_init(const struct tutti_host *host, void **ret_self)
{
	(void)host;
	return create("{\"handler\": \"second\"}", ret_self);
}

static int32_t first_handle(void *data, const struct tutti_task *task)
{
	struct self *self = data;

	return tutti_succeed(task, self->answer);
}

static int32_t second_handle(void *data, const struct tutti_task *task)
{
	struct self *self = data;

	return tutti_succeed(task, self->answer);
}

static void end(void *self)
{
	free(self);
}

static const struct tutti_subscription first_wanted[] = {
	{ .activity = "Step1", .phase = TUTTI_PARALLEL },
};

static const struct tutti_plugin first = {
	.size = sizeof(struct tutti_plugin),
	.name = "first",
	.version = "1.0",
	.help = "The first of two.",
	.subscriptions = first_wanted,
	.subscription_count = 1,
	.max_tasks = 1,
	.init = first_init,
	.handle = first_handle,
	.fini = end,
};

static const struct tutti_subscription second_wanted[] = {
	{ .activity = "Step1", .phase = TUTTI_PARALLEL },
	{ .activity = "Step2", .phase = TUTTI_POST, .order = 10 },
};

static const struct tutti_plugin second = {
	.size = sizeof(struct tutti_plugin),
	.name = "second",
	.version = "2.0",
	.help = "The second of two.",
	.subscriptions = second_wanted,
	.subscription_count = 2,
	.max_tasks = 4,
	.init = second_init,
	.handle = second_handle,
	.fini = end,
};

TUTTI_MODULE(&first, &second);
