#include "cli/pausing.h"

#include "cli/acting.h"
#include "cli/text.h"

static const struct column columns[] = {
	{ .key = "scope", .title = "SCOPE" },
	{ .key = "id", .title = "RUN" },
	{ .key = "workflow", .title = "WORKFLOW" },
	{ .key = "uid", .title = "UID" },
	{ .key = "state", .title = "STATE", .show = listing_show_state },
	{ .key = "paused", .title = "PAUSED" },
	{ .key = "changed", .title = "CHANGED" },
	{ .key = "message", .title = "MESSAGE" },
	{ 0 },
};

/* "ID: paused, is running", "workflow w: goes on" */
static void put_line(const struct value *row, bool dry_run, struct buf *out)
{
	bool paused = value_get_bool(row, "paused", false);
	struct slice state = value_get_text(row, "state");

	text_put_clean(out, value_get_text(row, "name"));
	buf_printf(out, ": %s%s",
		   dry_run  ? "would "
		   : paused ? "is "
			    : "",
		   paused    ? dry_run ? "be paused" : "paused"
		   : dry_run ? "go on"
			     : "goes on");
	buf_printf(out, "%s%.*s\n", state.len ? "; is " : "", SLICE_ARG(state));
}

static void put_row(struct value *row)
{
	value_set(row, "scope", value_text("run"));
	value_set(row, "name", value_string(value_get_text(row, "id")));
}

static struct value scope_row(const char *scope, const char *name)
{
	struct value row = value_map();

	value_set(&row, "scope", value_text(scope));
	value_set(&row, "name", value_text(name));
	return row;
}

static void act_on_workflow(struct acting *acting)
{
	const char *workflow = options_value(&acting->cli->options, "workflow");
	struct value args = value_map();
	struct buf name = { 0 };

	buf_printf(&name, "workflow %s", workflow);
	buf_put_byte(&name, '\0');
	struct value row = scope_row("workflow", name.data);

	value_set(&row, "workflow", value_text(workflow));
	value_set(&args, "workflow", value_text(workflow));
	acting_ask(acting, &args, row);
	value_clear(&args);
	buf_fini(&name);
}

static void act_on_all(struct acting *acting)
{
	struct value args = value_map();

	value_set(&args, "all", value_bool(true));
	acting_ask(acting, &args, scope_row("all", "all runs"));
	value_clear(&args);
}

static int check(const struct cli *cli, struct err *reterr)
{
	const char *workflow = options_value(&cli->options, "workflow");
	bool all = options_has(&cli->options, "all");
	bool runs = cli->options.arg_len > 0;

	if (runs + (workflow != NULL) + all != 1) {
		return err_set(reterr, E_INVALID,
			       "name runs, or give --workflow or --all");
	}
	if (workflow && !name_valid(slice_of(workflow))) {
		return err_set(reterr, E_INVALID,
			       "--workflow takes a workflow's name, not '%s'",
			       workflow);
	}
	return 0;
}

int pausing_run(const struct cli *cli, const char *request)
{
	struct acting acting = {
		.cli = cli,
		.request = request,
		.columns = columns,
		.name_key = "name",
		.put_row = put_row,
		.put_line = put_line,
	};
	struct err error = { 0 };

	if (check(cli, &error)) {
		return cli_usage_error(cli, "%s", error.msg);
	}
	if (options_value(&cli->options, "workflow")) {
		return acting_do(&acting, act_on_workflow);
	}
	return acting_do(&acting, options_has(&cli->options, "all")
				      ? act_on_all
				      : acting_on_runs);
}
