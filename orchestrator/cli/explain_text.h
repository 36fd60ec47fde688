/*
 * Answers of `tutti explain` for people, and as rows. Pure.
 */
#ifndef CLI_EXPLAIN_TEXT_H
#define CLI_EXPLAIN_TEXT_H

#include "base/buf.h"
#include "cli/style.h"
#include "document/value.h"

/* A tree of activities, phases and plugins. */
void explain_put_tree(struct buf *out, const struct value *answer,
		      struct style style);

/* The sentence, the clause and what was seen, each line after `before`. */
void explain_put_reason(struct buf *out, const struct value *reason,
			struct slice before);

/* One map for each candidate: what it has, and where it is. */
struct value explain_rows(const struct value *answer);

#endif
