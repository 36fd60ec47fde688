/*
 * `tutti retry RUN...`: have ended runs go on.
 */
#include <string.h>

#include "cli/acting.h"
#include "cli/task_pattern.h"
#include "cli/text.h"
#include "cli/verb.h"

static const struct option_spec options[] = {
	{
	    .name = "from",
	    .kind = OPTION_VALUE,
	    .argument = "ACTIVITY",
	    .help = "do this activity and all that follow again",
	},
	{
	    .name = "member",
	    .kind = OPTION_VALUE,
	    .argument = "TASK",
	    .help = "of what failed, only this task",
	},
	{
	    .name = "all",
	    .kind = OPTION_FLAG,
	    .help = "do everything again",
	},
	{
	    .name = "dry-run",
	    .kind = OPTION_FLAG,
	    .help = "only say what would be done again",
	},
	{ 0 },
};

static const struct column columns[] = {
	{ .key = "id", .title = "RUN" },
	{ .key = "workflow", .title = "WORKFLOW" },
	{ .key = "uid", .title = "UID" },
	{ .key = "state", .title = "STATE", .show = listing_show_state },
	{ .key = "tasks", .title = "TASKS", .right = true },
	{ .key = "activities", .title = "ACTIVITIES", .right = true },
	{ .key = "changed", .title = "CHANGED" },
	{ .key = "message", .title = "MESSAGE" },
	{ 0 },
};

static void put_args(const struct cli *cli, struct value *args)
{
	value_set(args, "from",
		  value_text(options_value(&cli->options, "from")));
	value_set(args, "task",
		  value_text(options_value(&cli->options, "member")));
	value_set(args, "all", value_bool(options_has(&cli->options, "all")));
}

/* "ID: goes on: 1 task is done again; now running" */
static void put_line(const struct value *row, bool dry_run, struct buf *out)
{
	size_t tasks = (size_t)value_get_int(row, "tasks", 0);
	size_t activities = (size_t)value_get_int(row, "activities", 0);

	buf_printf(out, "%.*s: %s: ", SLICE_ARG(value_get_text(row, "id")),
		   dry_run ? "would go on" : "goes on");
	if (tasks) {
		text_put_count(out, tasks, "task", "tasks");
	}
	if (activities) {
		buf_put_text(out, tasks ? ", " : "");
		text_put_count(out, activities, "activity", "activities");
	}
	buf_printf(out, " to be done again; %s %.*s\n", dry_run ? "is" : "now",
		   SLICE_ARG(value_get_text(row, "state")));
}

static int check(const struct cli *cli, struct err *reterr)
{
	const char *from = options_value(&cli->options, "from");
	const char *member = options_value(&cli->options, "member");
	bool all = options_has(&cli->options, "all");
	struct task_pattern pattern;

	if ((from != NULL) + (member != NULL) + all > 1) {
		return err_set(reterr, E_INVALID,
			       "--from, --member and --all exclude each other");
	}
	if (from && !name_valid(slice_of(from))) {
		return err_set(reterr, E_INVALID,
			       "--from takes an activity's name, not '%s'",
			       from);
	}
	return member ? task_pattern_read(slice_of(member), &pattern, reterr)
		      : 0;
}

static int run(struct cli *cli)
{
	struct acting acting = {
		.cli = cli,
		.request = "retry",
		.columns = columns,
		.name_key = "id",
		.put_args = put_args,
		.put_line = put_line,
	};
	struct err error = { 0 };

	if (check(cli, &error)) {
		return cli_usage_error(cli, "%s", error.msg);
	}
	return acting_do(&acting, acting_on_runs);
}

const struct verb verb_retry = {
	.name = "retry",
	.group = VERB_ACT,
	.summary = "have ended runs go on with what failed",
	.usage = "RUN...",
	.text = "What failed becomes pending again, and what was cancelled or "
		"not reached for\nthat reason; what succeeded keeps its "
		"output. TASK is NAME, ACTIVITY/NAME or\nACTIVITY/PHASE/NAME. "
		"A run that has not ended cannot be retried: its tasks are\n"
		"tried again by their 'retry'.\n",
	.options = options,
	.forms = LISTING_FORMS | FORM_BIT(FORM_NAME),
	.min_args = 1,
	.max_args = VERB_ANY_ARGS,
	.run = run,
};
