/*
 * What a queue's expressions make of a task's scope. Pure.
 */
#ifndef ENGINE_GROUP_H
#define ENGINE_GROUP_H

#include "base/buf.h"
#include "document/expression.h"

/* Appends the name of the group: the text, or the JSON of what is none, or the
 * hash of what is longer than LIMIT_QUEUE_GROUP. Nothing for null and what is
 * absent: the message stands alone. */
void group_text(const struct expression *expression, const struct value *scope,
		struct buf *out);

/* Within the bounds of a priority; 0 for what is no number. */
int group_priority(const struct expression *expression,
		   const struct value *scope);

#endif
