/*
 * `tutti cancel RUN...`: ask the daemon to end runs.
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

struct cancelling {
	const struct cli *cli;
	struct looking looking;
	struct control_client *client;
	struct listing listing;
	int code;     /* the first failure */
	bool changed; /* anything at all */
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

static int ask(const struct cancelling *work, const struct id *id,
	       struct value *row, struct err *reterr)
{
	struct value args = value_map();
	struct value result;
	const struct cli *cli = work->cli;

	value_set(&args, "run", json_id(id));
	value_set(&args, "dry_run",
		  value_bool(options_has(&cli->options, "dry-run")));
	int rc = place_call(work->client, "cancel", &args, &result, reterr);

	if (!rc) {
		value_set(row, "state",
			  value_string(value_get_text(&result, "state")));
		value_clear(&result);
	}
	value_clear(&args);
	return rc;
}

static void note_failure(struct cancelling *work, const struct err *error)
{
	int code = cli_fail(work->cli, error);

	if (work->code == EXIT_DONE || work->code == EXIT_UNCHANGED) {
		work->code = code;
	}
}

static void cancel_one(struct cancelling *work, const char *selector)
{
	struct err error = { 0 };
	struct id id;

	if (selector_find(work->looking.view, cli_tenant(work->cli),
			  slice_of(selector), &id, &error)) {
		note_failure(work, &error);
		return;
	}
	struct value row = describe(work->looking.view, &id);
	int rc = ask(work, &id, &row, &error);

	if (rc && rc != E_UNCHANGED) {
		note_failure(work, &error);
		value_clear(&row);
		return;
	}
	work->changed |= rc == 0;
	value_set(&row, "changed", value_bool(rc == 0));
	value_set(&row, "message", value_text(rc ? error.msg : NULL));
	listing_add(&work->listing, row);
}

static void print_text(const struct cancelling *work, struct buf *out)
{
	bool dry = options_has(&work->cli->options, "dry-run");
	const struct value *rows = &work->listing.rows;

	for (size_t i = 0; i < value_len(rows); i++) {
		const struct value *row = value_at(rows, i);
		struct slice id = value_get_text(row, "id");
		struct slice state = value_get_text(row, "state");

		if (!value_get_bool(row, "changed", false)) {
			cli_note(work->cli, "%.*s: nothing changed: %.*s",
				 SLICE_ARG(id),
				 SLICE_ARG(value_get_text(row, "message")));
			continue;
		}
		buf_printf(out, "%.*s: %s, %s %.*s\n", SLICE_ARG(id),
			   dry ? "would be cancelled" : "asked to stop",
			   dry ? "is" : "now", SLICE_ARG(state));
	}
}

static void print(const struct cancelling *work)
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
	struct cancelling work = { .cli = cli };
	int code = looking_open(cli, &work.looking);

	if (code) {
		return code;
	}
	code = place_connect(cli, &work.client);
	if (code == EXIT_DONE) {
		listing_init(&work.listing, columns, "id", work.looking.now_us);
		for (size_t i = 0; i < cli->options.arg_len; i++) {
			cancel_one(&work, cli_arg(cli, i));
		}
		print(&work);
		listing_fini(&work.listing);
		control_disconnect(work.client);
		code = work.code      ? work.code
		       : work.changed ? EXIT_DONE
				      : EXIT_UNCHANGED;
	}
	looking_close(&work.looking);
	return code;
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
