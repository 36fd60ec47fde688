/*
 * `tutti delete RUN...`: have the daemon delete ended runs.
 */
#include "cli/json_run.h"
#include "cli/listing.h"
#include "cli/place.h"
#include "cli/selector.h"
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
	{ 0 },
};

struct deleting {
	const struct cli *cli;
	struct looking looking;
	struct control_client *client;
	struct listing listing;
	int code; /* the first failure */
};

/* What the store says of the run. */
static struct value describe(struct view *view, const struct id *id)
{
	struct run_view *run;
	struct value row;

	if (view_run(view, id, &run, NULL)) {
		row = value_map();
		value_set(&row, "id", json_id(id));
		return row;
	}
	row = json_run_summary(&run->run);
	run_view_destroy(run);
	return row;
}

static int ask(const struct deleting *work, const struct id *id,
	       struct err *reterr)
{
	struct value args = value_map();
	struct value result;
	const struct cli *cli = work->cli;

	value_set(&args, "run", json_id(id));
	value_set(&args, "dry_run",
		  value_bool(options_has(&cli->options, "dry-run")));
	int rc = place_call(work->client, "delete", &args, &result, reterr);

	if (!rc) {
		value_clear(&result);
	}
	value_clear(&args);
	return rc;
}

static void note_failure(struct deleting *work, const struct err *error)
{
	int code = cli_fail(work->cli, error);

	if (work->code == EXIT_DONE) {
		work->code = code;
	}
}

static void delete_one(struct deleting *work, const char *selector)
{
	struct err error = { 0 };
	struct id id;

	if (selector_find(work->looking.view, cli_tenant(work->cli),
			  slice_of(selector), &id, &error)) {
		note_failure(work, &error);
		return;
	}
	struct value row = describe(work->looking.view, &id);

	if (ask(work, &id, &error)) {
		note_failure(work, &error);
		value_clear(&row);
		return;
	}
	listing_add(&work->listing, row);
}

static void print_text(const struct deleting *work, struct buf *out)
{
	bool dry = options_has(&work->cli->options, "dry-run");
	const struct value *rows = &work->listing.rows;

	for (size_t i = 0; i < value_len(rows); i++) {
		const struct value *row = value_at(rows, i);

		buf_printf(out, "%.*s: %s, was %.*s\n",
			   SLICE_ARG(value_get_text(row, "id")),
			   dry ? "would be deleted" : "deleted",
			   SLICE_ARG(value_get_text(row, "state")));
	}
}

static void print(const struct deleting *work)
{
	const struct cli *cli = work->cli;
	struct buf text = { 0 };

	if (cli->form == FORM_TEXT) {
		print_text(work, &text);
	} else {
		listing_write(&work->listing, cli->form, cli->style, &text);
	}
	cli_print(cli, &text);
}

static int run(struct cli *cli)
{
	struct deleting work = { .cli = cli };
	int code = looking_open(cli, &work.looking);

	if (code) {
		return code;
	}
	code = place_connect(cli, &work.client);
	if (code == EXIT_DONE) {
		listing_init(&work.listing, columns, "id", work.looking.now_us);
		for (size_t i = 0; i < cli->options.arg_len; i++) {
			delete_one(&work, cli_arg(cli, i));
		}
		print(&work);
		listing_fini(&work.listing);
		control_disconnect(work.client);
		code = work.code;
	}
	looking_close(&work.looking);
	return code;
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
