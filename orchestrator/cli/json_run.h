/*
 * Runs as JSON documents, as docs/schemas/run.schema.json describes them, and
 * their short form in lists. Pure.
 */
#ifndef CLI_JSON_RUN_H
#define CLI_JSON_RUN_H

#include "cli/reason.h"
#include "document/value.h"

/* The whole run: what `show -o json` prints. */
struct value json_run(const struct reason_context *context);

/* What `ls -o json` prints of a run. */
struct value json_run_summary(const struct run_record *run);

/* RFC 3339 text, or null for 0. */
struct value json_time(int64_t wall_us);

/* The text, or null when it is empty. */
struct value json_text(struct slice text);

/* The reason's word, or null for none. */
struct value json_reason(enum reason reason);

struct value json_id(const struct id *id);

#endif
