/*
 * Lines of STORE/logs/plugins.log: logfmt, one line each. Pure.
 */
#ifndef CLI_LOG_LINE_H
#define CLI_LOG_LINE_H

#include <stdbool.h>

#include "base/buf.h"
#include "document/value.h"

/* Which lines are wanted; empty texts mean all. */
struct log_query {
	struct slice plugin; /* of the plugin, or of its entry's instances */
	struct slice run;    /* id */
};

/* Takes the next key=value off *line; the value comes without quotes and
 * escapes in `ret_value`, which is cleared first. False at the end, and for
 * what is no logfmt. */
bool log_line_next(struct slice *line, struct slice *ret_key,
		   struct buf *ret_value);

bool log_line_matches(struct slice line, const struct log_query *query);

/* {"time":..., "level":..., "plugin":..., "msg":...}: a line's own keys, pid as
 * a number, those that it lacks as null. */
struct value log_line_to_value(struct slice line);

#endif
