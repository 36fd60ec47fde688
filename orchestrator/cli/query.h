/*
 * Which runs a listing shows, from the options of `ls`.
 */
#ifndef CLI_QUERY_H
#define CLI_QUERY_H

#include "cli/options.h"
#include "store/view.h"

#define QUERY_LIMIT 100 /* runs listed when --limit does not say */

extern const struct option_spec query_options[];

struct query {
	struct view_query view;  /* limit 0: all */
	struct value attributes; /* what view.attributes points to */
};

/* `tenant` and texts are borrowed from the options. E_INVALID. */
int query_read(const struct options *options, int64_t now_us,
	       struct query *ret_query, struct err *reterr);
void query_fini(struct query *query);

/* What --limit says; untouched when `text` is NULL. E_INVALID. */
int query_read_limit(const char *text, size_t *ret_limit, struct err *reterr);

#endif
