/*
 * `tutti delete RUN...`: have the daemon delete ended runs.
 */
#include "cli/acting.h"
#include "cli/verb.h"

static const struct option_spec options[] = {
	{
	    .name = "dry-run",
	    .kind = OPTION_FLAG,
	    .help = "only say what would be deleted",
	},
	{ 0 },
};

static const struct column columns[] = {
	{ .key = "id", .title = "RUN" },
	{ .key = "workflow", .title = "WORKFLOW" },
	{ .key = "uid", .title = "UID" },
	{ .key = "state", .title = "STATE", .show = listing_show_state },
	{ .key = "ended_at" },
	{ .key = "changed", .title = "CHANGED" },
	{ .key = "message", .title = "MESSAGE" },
	{ 0 },
};

static void put_line(const struct value *row, bool dry_run, struct buf *out)
{
	buf_printf(out, "%.*s: %s, was %.*s\n",
		   SLICE_ARG(value_get_text(row, "id")),
		   dry_run ? "would be deleted" : "deleted",
		   SLICE_ARG(value_get_text(row, "state")));
}

static int run(struct cli *cli)
{
	struct acting acting = {
		.cli = cli,
		.request = "delete",
		.columns = columns,
		.name_key = "id",
		.put_line = put_line,
	};

	return acting_do(&acting, acting_on_runs);
}

const struct verb verb_delete = {
	.name = "delete",
	.group = VERB_ACT,
	.summary = "delete ended runs",
	.usage = "RUN...",
	.text = "With their tasks, outputs and history; there is no way back. "
		"One that has not\nended is a conflict: cancel it first. "
		"'retain' in the config does this by time.\n",
	.options = options,
	.forms = LISTING_FORMS | FORM_BIT(FORM_NAME),
	.min_args = 1,
	.max_args = VERB_ANY_ARGS,
	.run = run,
};
