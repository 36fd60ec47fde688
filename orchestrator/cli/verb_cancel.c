/*
 * `tutti cancel RUN...`: ask the daemon to end runs.
 */
#include "cli/acting.h"
#include "cli/verb.h"

static const struct option_spec options[] = {
	{
	    .name = "dry-run",
	    .kind = OPTION_FLAG,
	    .help = "only say what would be cancelled",
	},
	{ 0 },
};

static const struct column columns[] = {
	{ .key = "id", .title = "RUN" },
	{ .key = "workflow", .title = "WORKFLOW" },
	{ .key = "uid", .title = "UID" },
	{ .key = "state", .title = "STATE", .show = listing_show_state },
	{ .key = "changed", .title = "CHANGED" },
	{ .key = "message", .title = "MESSAGE" },
	{ 0 },
};

static void put_line(const struct value *row, bool dry_run, struct buf *out)
{
	buf_printf(
	    out, "%.*s: %s, %s %.*s\n", SLICE_ARG(value_get_text(row, "id")),
	    dry_run ? "would be cancelled" : "asked to stop",
	    dry_run ? "is" : "now", SLICE_ARG(value_get_text(row, "state")));
}

static int run(struct cli *cli)
{
	struct acting acting = {
		.cli = cli,
		.request = "cancel",
		.columns = columns,
		.name_key = "id",
		.put_line = put_line,
	};

	return acting_do(&acting, acting_on_runs);
}

const struct verb verb_cancel = {
	.name = "cancel",
	.group = VERB_ACT,
	.summary = "ask runs to end",
	.usage = "RUN...",
	.text = "Takes effect at the next transition; tasks in plugins' hands "
		"are told, get a\ngrace period, and are then given up.\n",
	.options = options,
	.forms = LISTING_FORMS | FORM_BIT(FORM_NAME),
	.min_args = 1,
	.max_args = VERB_ANY_ARGS,
	.run = run,
};
