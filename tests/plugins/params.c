/* One parameter of each type; gives back what it got. */
#include <stdio.h>
#include <stdlib.h>
#include <tutti/plugin.h>

struct self {
	char text[512];
};

static int32_t init(const struct tutti_host *host, void **ret_self)
{
	struct tutti_value flag, count, ratio, text, pause, none;
	struct self *self = malloc(sizeof(*self));

	if (!self) {
		return TUTTI_ENOMEM;
	}
	if (tutti_get_param(host, "flag", &flag) != TUTTI_OK ||
	    tutti_get_param(host, "count", &count) != TUTTI_OK ||
	    tutti_get_param(host, "ratio", &ratio) != TUTTI_OK ||
	    tutti_get_param(host, "text", &text) != TUTTI_OK ||
	    tutti_get_param(host, "pause", &pause) != TUTTI_OK ||
	    tutti_get_param(host, "none", &none) != TUTTI_ENOTFOUND) {
		free(self);
		return TUTTI_EFAILED;
	}
	(void)snprintf(self->text, sizeof(self->text),
		       "{\"flag\": %d, \"count\": %lld, \"ratio\": %.3f, "
		       "\"text\": \"%s\", \"pause\": %lld}",
		       (int)flag.as.boolean, (long long)count.as.i, ratio.as.d,
		       text.as.text.ptr, (long long)pause.as.i);
	*ret_self = self;
	return TUTTI_OK;
}

static int32_t handle(void *data, const struct tutti_task *task)
{
	struct self *self = data;

	return tutti_succeed(task, self->text);
}

static const struct tutti_param params[] = {
	{ .name = "flag", .type = TUTTI_BOOL, .fallback = "true" },
	{ .name = "count", .type = TUTTI_INT, .fallback = "-7" },
	{ .name = "ratio", .type = TUTTI_DOUBLE, .fallback = "2" },
	{ .name = "text", .type = TUTTI_STRING, .help = "What to say." },
	{ .name = "pause", .type = TUTTI_DURATION, .fallback = "1.5s" },
};

static const struct tutti_plugin plugin = {
	.size = sizeof(struct tutti_plugin),
	.name = "params",
	.version = "1.0",
	.help = "Has one parameter of each type.",
	.params = params,
	.param_count = 5,
	.max_tasks = 1,
	.init = init,
	.handle = handle,
	.fini = free,
};

TUTTI_MODULE(&plugin);
