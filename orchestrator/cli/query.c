#include "cli/query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/near.h"
#include "cli/documents.h"

const struct option_spec query_options[] = {
	{
	    .name = "workflow",
	    .kind = OPTION_VALUE,
	    .argument = "NAME",
	    .help = "only runs of this workflow",
	},
	{
	    .name = "state",
	    .kind = OPTION_VALUE,
	    .argument = "STATE",
	    .help = "only runs in one of these states (a,b,c)",
	},
	{
	    .name = "since",
	    .kind = OPTION_VALUE,
	    .argument = "WHEN",
	    .help = "only runs of the last 2h, or since a time (RFC 3339)",
	},
	{
	    .name = "attr",
	    .kind = OPTION_REPEATED,
	    .argument = "K=V",
	    .help = "only runs with this attribute; K may be a dotted path",
	},
	{
	    .name = "uid",
	    .kind = OPTION_VALUE,
	    .argument = "UID",
	    .help = "only runs with this uid",
	},
	{
	    .name = "limit",
	    .kind = OPTION_VALUE,
	    .argument = "N",
	    .help = "at most so many, the newest (100; 0: all)",
	},
	{
	    .name = "count",
	    .kind = OPTION_FLAG,
	    .help = "print only how many there are",
	},
	{ 0 },
};

static int read_state(struct slice name, uint32_t *states, struct err *reterr)
{
	int state = group_state_parse(name);
	struct near near = { 0 };

	if (state >= 0 && state != GROUP_SKIPPED) {
		*states |= 1u << state;
		return 0;
	}
	for (int i = 0; i < GROUP_SKIPPED; i++) {
		near_try(&near, name, group_state_name((enum group_state)i));
	}
	return err_set(reterr, E_INVALID, "runs have no state '%.*s'%s%s%s",
		       SLICE_ARG(name), near.best ? "; did you mean '" : "",
		       near.best ? near.best : "", near.best ? "'?" : "");
}

static int read_states(const char *list, uint32_t *ret_states,
		       struct err *reterr)
{
	uint32_t states = 0;
	int rc = 0;

	while (list && !rc) {
		const char *comma = strchr(list, ',');
		size_t len = comma ? (size_t)(comma - list) : strlen(list);

		rc = read_state((struct slice){ list, len }, &states, reterr);
		list = comma ? comma + 1 : NULL;
	}
	*ret_states = states;
	return rc;
}

static int read_since(const char *text, int64_t now_us, int64_t *ret_since_us,
		      struct err *reterr)
{
	int64_t duration_ms;

	if (!text || !clock_parse(slice_of(text), ret_since_us)) {
		return 0;
	}
	if (!duration_parse(slice_of(text), &duration_ms)) {
		*ret_since_us = now_us - duration_ms * 1000;
		return 0;
	}
	return err_set(reterr, E_INVALID,
		       "--since takes a duration such as 2h, or a time such as "
		       "2026-03-01T10:20:30Z, not '%s'",
		       text);
}

int query_read_limit(const char *text, size_t *ret_limit, struct err *reterr)
{
	char *end;

	if (!text) {
		return 0;
	}
	errno = 0;
	unsigned long limit = strtoul(text, &end, 10);

	if (errno || *end || end == text || *text == '-') {
		return err_set(reterr, E_INVALID,
			       "--limit takes a number, not '%s'", text);
	}
	*ret_limit = limit;
	return 0;
}

static int read_attributes(const struct options *options,
			   struct value *attributes, struct err *reterr)
{
	const char *text;
	size_t at = 0;
	int rc = 0;

	while (!rc && (text = options_next(options, "attr", &at))) {
		rc = documents_add_attribute(attributes, text, reterr);
	}
	return rc;
}

int query_read(const struct options *options, int64_t now_us,
	       struct query *ret_query, struct err *reterr)
{
	const char *state = options_value(options, "state");
	const char *since = options_value(options, "since");
	const char *limit = options_value(options, "limit");
	bool counts = options_has(options, "count");
	struct query query = {
		.view = {
			.tenant = slice_of(options_value(options, "tenant")),
			.workflow =
			    slice_of(options_value(options, "workflow")),
			.uid = slice_of(options_value(options, "uid")),
			.limit = counts ? 0 : QUERY_LIMIT,
		},
		.attributes = value_map(),
	};
	int rc = read_states(state, &query.view.states, reterr);

	rc = rc ? rc : read_since(since, now_us, &query.view.since_us, reterr);
	rc = rc ? rc : query_read_limit(limit, &query.view.limit, reterr);
	rc = rc ? rc : read_attributes(options, &query.attributes, reterr);
	if (rc) {
		query_fini(&query);
		return rc;
	}
	*ret_query = query;
	return 0;
}

void query_fini(struct query *query)
{
	value_clear(&query->attributes);
}
