#include "bus/wire.h"
#include "bus/wire_fields.h"

static const char *const phases[] = { "pre", "parallel", "post", NULL };

#define AT(member) offsetof(struct wire_subscription, member)

static const struct wire_field subscription_fields[] = {
	{ .key = "activity",
	  .type = FIELD_TEXT,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(activity),
	  .max = LIMIT_NAME },
	{ .key = "phase",
	  .type = FIELD_WORD,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(phase),
	  .words = phases },
	{ .key = "filter", .type = FIELD_VALUE, .offset = AT(filter) },
	{ .key = "optional", .type = FIELD_BOOL, .offset = AT(optional) },
	{ .key = "order", .type = FIELD_INT, .offset = AT(order) },
	{ .key = NULL },
};

static const struct wire_shape subscription_shape = {
	.size = sizeof(struct wire_subscription),
	.fields = subscription_fields,
};

#undef AT
#define AT(member) offsetof(struct wire_param, member)

static const struct wire_field param_fields[] = {
	{ .key = "name",
	  .type = FIELD_TEXT,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(name),
	  .max = LIMIT_NAME },
	{ .key = "help",
	  .type = FIELD_CUT,
	  .offset = AT(help),
	  .max = WIRE_HELP_MAX },
	{ .key = "fallback",
	  .type = FIELD_TEXT,
	  .presence = FIELD_NULLABLE,
	  .offset = AT(fallback),
	  .max = WIRE_HELP_MAX },
	{ .key = "type",
	  .type = FIELD_TEXT,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(type),
	  .max = LIMIT_NAME },
	{ .key = NULL },
};

static const struct wire_shape param_shape = {
	.size = sizeof(struct wire_param),
	.fields = param_fields,
};

#undef AT
#define AT(member) offsetof(struct wire_plugin, member)

static const struct wire_field plugin_fields[] = {
	{ .key = "name",
	  .type = FIELD_TEXT,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(name),
	  .max = LIMIT_NAME },
	{ .key = "version",
	  .type = FIELD_TEXT,
	  .offset = AT(version),
	  .max = LIMIT_NAME },
	{ .key = "help",
	  .type = FIELD_CUT,
	  .offset = AT(help),
	  .max = WIRE_HELP_MAX },
	{ .key = "max_tasks", .type = FIELD_UINT, .offset = AT(max_tasks) },
	{ .key = "flags", .type = FIELD_UINT, .offset = AT(flags) },
	{ .key = "hash",
	  .type = FIELD_TEXT,
	  .offset = AT(hash),
	  .max = LIMIT_NAME },
	{ .key = "subscriptions",
	  .type = FIELD_LIST,
	  .offset = AT(subscriptions),
	  .count_offset = AT(subscription_count),
	  .max = LIMIT_SUBSCRIPTIONS,
	  .shape = &subscription_shape },
	{ .key = "params",
	  .type = FIELD_LIST,
	  .offset = AT(params),
	  .count_offset = AT(param_count),
	  .max = LIMIT_PARAMS,
	  .shape = &param_shape },
	{ .key = "queue", .type = FIELD_VALUE, .offset = AT(queue) },
	{ .key = NULL },
};

const struct wire_shape wire_plugin_shape = {
	.size = sizeof(struct wire_plugin),
	.fields = plugin_fields,
};
