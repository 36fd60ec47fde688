#include "engine/group.h"

#include "base/limits.h"
#include "document/json.h"
#include "model/definition.h"
#include "model/queue.h"

void group_text(const struct expression *expression, const struct value *scope,
		struct buf *out)
{
	const struct value *found = expression_find(expression, scope);
	size_t before = out->len;

	if (!found || found->type == VALUE_NULL) {
		return;
	}
	if (found->type == VALUE_STRING) {
		buf_put_slice(out, found->as.text);
	} else {
		json_write(out, found, JSON_COMPACT);
	}
	if (out->len - before > LIMIT_QUEUE_GROUP) {
		unsigned char hash[DEFINITION_HASH_SIZE];
		char text[DEFINITION_VERSION_SIZE];

		definition_hash(
		    (struct slice){ out->data + before, out->len - before },
		    hash);
		definition_version(hash, text);
		out->len = before;
		buf_put_text(out, text);
	}
}

int group_priority(const struct expression *expression,
		   const struct value *scope)
{
	const struct value *found = expression_find(expression, scope);
	double priority = 0;

	if (found && found->type == VALUE_INT) {
		priority = (double)found->as.integer;
	} else if (found && found->type == VALUE_DOUBLE) {
		priority = found->as.number;
	}
	return priority > QUEUE_PRIORITY_MAX    ? QUEUE_PRIORITY_MAX
	       : priority < -QUEUE_PRIORITY_MAX ? -QUEUE_PRIORITY_MAX
						: (int)priority;
}
