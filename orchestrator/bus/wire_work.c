#include "bus/wire.h"
#include "bus/wire_fields.h"

static const char *const phases[] = { "pre", "parallel", "post", NULL };

#define AT(member) offsetof(struct wire_member, member)

static const struct wire_field member_fields[] = {
	{ .key = "instance",
	  .type = FIELD_TEXT,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(instance),
	  .max = WIRE_INSTANCE_MAX },
	{ .key = "plugin",
	  .type = FIELD_TEXT,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(plugin),
	  .max = LIMIT_NAME },
	{ .key = "name",
	  .type = FIELD_TEXT,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(name),
	  .max = LIMIT_NAME },
	{ .key = "task",
	  .type = FIELD_UINT,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(task) },
	{ .key = "attempt",
	  .type = FIELD_UINT,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(attempt) },
	{ .key = "wakes", .type = FIELD_UINT, .offset = AT(wakes) },
	{ .key = "with",
	  .type = FIELD_BYTES,
	  .offset = AT(with),
	  .max = LIMIT_DOCUMENT },
	{ .key = "deadline_us",
	  .type = FIELD_INT64,
	  .offset = AT(deadline_us) },
	{ .key = NULL },
};

const struct wire_shape wire_member_shape = {
	.plain = true,
	.size = sizeof(struct wire_member),
	.fields = member_fields,
};

#undef AT
#define AT(member) offsetof(struct wire_work, member)

static const struct wire_field work_fields[] = {
	{ .key = "run",
	  .type = FIELD_ID,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(run) },
	{ .key = "uid",
	  .type = FIELD_TEXT,
	  .offset = AT(uid),
	  .max = LIMIT_UID },
	{ .key = "tenant",
	  .type = FIELD_TEXT,
	  .offset = AT(tenant),
	  .max = LIMIT_NAME },
	{ .key = "workflow",
	  .type = FIELD_TEXT,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(workflow),
	  .max = LIMIT_NAME },
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
	{ .key = "attributes",
	  .type = FIELD_BYTES,
	  .offset = AT(attributes),
	  .max = LIMIT_DOCUMENT },
	{ .key = "input",
	  .type = FIELD_BYTES,
	  .offset = AT(input),
	  .max = LIMIT_DOCUMENT },
	{ .key = "stash",
	  .type = FIELD_BYTES,
	  .offset = AT(stash),
	  .max = LIMIT_DOCUMENT },
	{ .key = "outputs",
	  .type = FIELD_BYTES,
	  .offset = AT(outputs),
	  .max = LIMIT_LINK_FRAME },
	{ .key = "members",
	  .type = FIELD_LIST,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(members),
	  .count_offset = AT(member_count),
	  .max = LIMIT_LINK_ITEMS,
	  .shape = &wire_member_shape },
	{ .key = NULL },
};

const struct wire_shape wire_work_shape = {
	.size = sizeof(struct wire_work),
	.fields = work_fields,
};
