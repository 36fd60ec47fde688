#include <stdlib.h>

#include "bus/wire.h"
#include "bus/wire_fields.h"

#define TOKEN_MAX 256

static const char *const outcomes[] = {
	"succeeded", "failed", "retryable", "parked", NULL,
};
static const char *const levels[] = {
	"error", "warn", "info", "debug", NULL,
};
static const char *const item_kinds[] = {
	"done", "progress", "log", "accept", "return", NULL,
};
static const char *const request_kinds[] = {
	"hello", "ready", "poll", "up", "bye", NULL,
};

#define DONE     WIRE_KIND(WIRE_DONE)
#define PROGRESS WIRE_KIND(WIRE_PROGRESS)
#define LOG      WIRE_KIND(WIRE_LOG)
#define TASKS    (~LOG)

#define AT(member) offsetof(struct wire_item, member)

static const struct wire_field item_fields[] = {
	{ .key = "is",
	  .type = FIELD_WORD,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(kind),
	  .words = item_kinds },
	{ .key = "run",
	  .type = FIELD_ID,
	  .presence = FIELD_REQUIRED,
	  .kinds = TASKS,
	  .offset = AT(key.run) },
	{ .key = "task",
	  .type = FIELD_UINT,
	  .presence = FIELD_REQUIRED,
	  .kinds = TASKS,
	  .offset = AT(key.task) },
	{ .key = "attempt",
	  .type = FIELD_UINT,
	  .presence = FIELD_REQUIRED,
	  .kinds = TASKS,
	  .offset = AT(key.attempt) },
	{ .key = "wakes",
	  .type = FIELD_UINT,
	  .kinds = TASKS,
	  .offset = AT(key.wakes) },
	{ .key = "outcome",
	  .type = FIELD_WORD,
	  .presence = FIELD_REQUIRED,
	  .kinds = DONE,
	  .offset = AT(outcome),
	  .words = outcomes },
	{ .key = "message",
	  .type = FIELD_CUT,
	  .kinds = DONE,
	  .offset = AT(message),
	  .max = LIMIT_MESSAGE },
	{ .key = "output",
	  .type = FIELD_BYTES,
	  .kinds = DONE,
	  .offset = AT(output),
	  .max = LIMIT_LINK_FRAME },
	{ .key = "patch",
	  .type = FIELD_BYTES,
	  .kinds = DONE,
	  .offset = AT(patch),
	  .max = LIMIT_LINK_FRAME },
	{ .key = "until_us",
	  .type = FIELD_INT64,
	  .kinds = DONE,
	  .offset = AT(until_us) },
	{ .key = "late",
	  .type = FIELD_BOOL,
	  .kinds = DONE,
	  .offset = AT(late) },
	{ .key = "fault",
	  .type = FIELD_BOOL,
	  .kinds = DONE,
	  .offset = AT(fault) },
	{ .key = "fraction",
	  .type = FIELD_DOUBLE,
	  .kinds = PROGRESS,
	  .offset = AT(fraction) },
	{ .key = "note",
	  .type = FIELD_CUT,
	  .kinds = PROGRESS,
	  .offset = AT(note),
	  .max = LIMIT_NOTE },
	{ .key = "plugin",
	  .type = FIELD_TEXT,
	  .kinds = LOG,
	  .offset = AT(plugin),
	  .max = LIMIT_NAME },
	{ .key = "run", .type = FIELD_ID, .kinds = LOG, .offset = AT(key.run) },
	{ .key = "task",
	  .type = FIELD_UINT,
	  .kinds = LOG,
	  .offset = AT(key.task) },
	{ .key = "attempt",
	  .type = FIELD_UINT,
	  .kinds = LOG,
	  .offset = AT(key.attempt) },
	{ .key = "name",
	  .type = FIELD_CUT,
	  .kinds = LOG,
	  .offset = AT(task),
	  .max = 3 * LIMIT_NAME },
	{ .key = "level",
	  .type = FIELD_WORD,
	  .presence = FIELD_REQUIRED,
	  .kinds = LOG,
	  .offset = AT(level),
	  .words = levels },
	{ .key = "text",
	  .type = FIELD_CUT,
	  .kinds = LOG,
	  .offset = AT(text),
	  .max = LIMIT_LOG_LINE },
	{ .key = NULL },
};

static const struct wire_shape item_shape = {
	.twins = true,
	.plain = true,
	.size = sizeof(struct wire_item),
	.fields = item_fields,
};

#define HELLO    WIRE_KIND(WIRE_HELLO)
#define READY    WIRE_KIND(WIRE_READY)
#define POLL     WIRE_KIND(WIRE_POLL)
#define UP       WIRE_KIND(WIRE_UP)
#define SESSIONS (~HELLO)

#undef AT
#define AT(member) offsetof(struct wire_request, member)

static const struct wire_field request_fields[] = {
	{ .key = "kind",
	  .type = FIELD_WORD,
	  .presence = FIELD_REQUIRED,
	  .offset = AT(kind),
	  .words = request_kinds },
	{ .key = "protocols",
	  .type = FIELD_PROTOCOLS,
	  .presence = FIELD_REQUIRED,
	  .kinds = HELLO },
	{ .key = "token",
	  .type = FIELD_TEXT,
	  .presence = FIELD_REQUIRED,
	  .kinds = HELLO,
	  .offset = AT(hello.token),
	  .max = TOKEN_MAX },
	{ .key = "nonce",
	  .type = FIELD_HEX,
	  .presence = FIELD_REQUIRED,
	  .kinds = HELLO,
	  .offset = AT(hello.nonce),
	  .max = WIRE_SECRET_SIZE - 1 },
	{ .key = "name",
	  .type = FIELD_TEXT,
	  .kinds = HELLO,
	  .offset = AT(hello.name),
	  .max = WIRE_INSTANCE_MAX },
	{ .key = "pid",
	  .type = FIELD_INT64,
	  .kinds = HELLO,
	  .offset = AT(hello.pid) },
	{ .key = "sdk",
	  .type = FIELD_CUT,
	  .kinds = HELLO,
	  .offset = AT(hello.sdk),
	  .max = LIMIT_NAME },
	{ .key = "ephemeral",
	  .type = FIELD_BOOL,
	  .kinds = HELLO,
	  .offset = AT(hello.ephemeral) },
	{ .key = "plugins",
	  .type = FIELD_LIST,
	  .presence = FIELD_REQUIRED,
	  .kinds = HELLO,
	  .offset = AT(hello.plugins),
	  .count_offset = AT(hello.plugin_count),
	  .max = LIMIT_LINK_PLUGINS,
	  .shape = &wire_plugin_shape },
	{ .key = "session",
	  .type = FIELD_TEXT,
	  .presence = FIELD_REQUIRED,
	  .kinds = SESSIONS,
	  .offset = AT(session),
	  .max = WIRE_SECRET_SIZE - 1 },
	{ .key = "synced",
	  .type = FIELD_BOOL,
	  .presence = FIELD_REQUIRED,
	  .kinds = READY,
	  .offset = AT(synced) },
	{ .key = "error",
	  .type = FIELD_CUT,
	  .kinds = READY,
	  .offset = AT(error),
	  .max = LIMIT_MESSAGE },
	{ .key = "seen",
	  .type = FIELD_UINT64,
	  .presence = FIELD_REQUIRED,
	  .kinds = POLL,
	  .offset = AT(seen) },
	{ .key = "n",
	  .type = FIELD_UINT64,
	  .presence = FIELD_REQUIRED,
	  .kinds = UP,
	  .offset = AT(n) },
	{ .key = "patient",
	  .type = FIELD_BOOL,
	  .kinds = UP,
	  .offset = AT(patient) },
	{ .key = "items",
	  .type = FIELD_LIST,
	  .presence = FIELD_REQUIRED,
	  .kinds = UP,
	  .offset = AT(items),
	  .count_offset = AT(item_count),
	  .max = LIMIT_LINK_ITEMS,
	  .shape = &item_shape },
	{ .key = NULL },
};

static const struct wire_shape request_shape = {
	.size = sizeof(struct wire_request),
	.fields = request_fields,
};

void wire_put_request(struct buf *out, const struct wire_request *request)
{
	wire_fields_put(out, &request_shape, request);
}

int wire_get_request(struct slice bytes, struct wire_request *ret_request,
		     struct err *reterr)
{
	struct wire_request request = { 0 };
	int rc = wire_read_map(bytes, &request_shape, &request,
			       &request.document, reterr);

	if (rc < 0) {
		wire_request_fini(&request);
		return rc;
	}
	*ret_request = request;
	return 0;
}

void wire_request_fini(struct wire_request *request)
{
	if (request) {
		wire_fields_fini(&request_shape, request);
		free(request->document);
	}
}
