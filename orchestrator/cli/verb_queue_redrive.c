/*
 * `tutti queue redrive NAME`: have dead letters tried again.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "cli/json_run.h"
#include "cli/listing.h"
#include "cli/query.h"
#include "cli/queue_act.h"
#include "cli/queue_dead.h"
#include "cli/selector.h"
#include "cli/text.h"
#include "cli/verb.h"

/* Runs named in one request: the daemon does other things between two. */
#define PIECE 100

static const struct option_spec options[] = {
	{
	    .name = "run",
	    .kind = OPTION_REPEATED,
	    .argument = "RUN",
	    .help = "only the dead letters of this run",
	},
	{
	    .name = "workflow",
	    .kind = OPTION_VALUE,
	    .argument = "NAME",
	    .help = "only those of this workflow's runs",
	},
	{
	    .name = "limit",
	    .kind = OPTION_VALUE,
	    .argument = "N",
	    .help = "those of at most so many runs, the oldest (0: all)",
	},
	{
	    .name = "dry-run",
	    .kind = OPTION_FLAG,
	    .help = "only say what would be tried again",
	},
	{ 0 },
};

static const struct column columns[] = {
	{ .key = "id", .title = "RUN" },
	{ .key = "state", .title = "STATE", .show = listing_show_state },
	{ .key = "tasks", .title = "TASKS", .right = true },
	{ .key = "changed", .title = "CHANGED" },
	{ .key = "active", .title = "ACTIVE", .wide = true },
	{ .key = "message", .title = "MESSAGE" },
	{ 0 },
};

/* The options --run, as ids. */
static int keep_named(struct queue_act *act, struct dead_runs *runs,
		      struct err *reterr)
{
	const struct options *given = &act->cli->options;
	struct id *ids = NULL;
	const char *text;
	size_t len = 0;
	size_t cap = 0;
	size_t at = 0;
	int rc = 0;

	while (!rc && (text = options_next(given, "run", &at))) {
		alloc_grow(ids, len, cap);
		rc = selector_find(act->looking.view, cli_tenant(act->cli),
				   slice_of(text), &ids[len++], reterr);
	}
	if (rc == 0 && len > 0) {
		dead_runs_keep(runs, ids, len);
	}
	free(ids);
	return rc;
}

static int find_runs(struct queue_act *act, struct dead_runs *runs,
		     struct err *reterr)
{
	const struct options *given = &act->cli->options;
	size_t limit = 0;
	int rc =
	    query_read_limit(options_value(given, "limit"), &limit, reterr);

	dead_runs_find(runs, act->sheet);
	rc = rc ? rc : keep_named(act, runs, reterr);
	rc = rc ? rc
		: dead_runs_filter(
		      runs, act->looking.view, cli_tenant(act->cli),
		      slice_of(options_value(given, "workflow")), reterr);
	if (limit && runs->len > limit) {
		runs->len = limit;
	}
	return rc;
}

static void add_rows(struct listing *listing, const struct value *result)
{
	const struct value *rows = value_get(result, "runs");

	for (size_t i = 0; rows && i < value_len(rows); i++) {
		listing_add(listing, value_copy(value_at(rows, i)));
	}
}

static int redrive_piece(struct queue_act *act, const struct dead_run *runs,
			 size_t len, struct listing *listing,
			 struct err *reterr)
{
	struct value args = value_map();
	struct value ids = value_array();
	struct value result;

	for (size_t i = 0; i < len; i++) {
		value_push(&ids, json_id(&runs[i].run));
	}
	value_set(&args, "runs", ids);
	int rc = queue_act_call(act, "queue_redrive", args, &result, reterr);

	if (rc == 0) {
		add_rows(listing, &result);
		value_clear(&result);
	}
	return rc;
}

static int redrive(struct queue_act *act, const struct dead_runs *runs,
		   struct listing *listing, struct err *reterr)
{
	int rc = 0;

	for (size_t i = 0; i < runs->len && rc == 0; i += PIECE) {
		size_t left = runs->len - i;

		rc =
		    redrive_piece(act, runs->runs + i,
				  left < PIECE ? left : PIECE, listing, reterr);
	}
	return rc;
}

/* "ID: 1 task goes back into the queue; now running" */
static void put_line(struct buf *out, const struct value *row, bool dry)
{
	int64_t tasks = value_get_int(row, "tasks", 0);

	buf_printf(out, "%.*s: ", SLICE_ARG(value_get_text(row, "id")));
	text_put_count(out, (uint64_t)tasks, "task", "tasks");
	buf_printf(out, " %s back into the queue; %s %.*s\n",
		   dry          ? "would go"
		   : tasks == 1 ? "goes"
				: "go",
		   dry ? "is" : "now", SLICE_ARG(value_get_text(row, "state")));
}

static void note_rest(const struct cli *cli, const struct value *rows)
{
	size_t active = 0;

	for (size_t i = 0; i < value_len(rows); i++) {
		const struct value *row = value_at(rows, i);

		if (value_get_bool(row, "active", false)) {
			active++;
		} else if (!value_get_bool(row, "changed", false)) {
			cli_note(cli, "%.*s: nothing changed: %.*s",
				 SLICE_ARG(value_get_text(row, "id")),
				 SLICE_ARG(value_get_text(row, "message")));
		}
	}
	if (active) {
		cli_note(cli,
			 "its run has not ended: %zu; their dead letters can "
			 "be redriven when it has",
			 active);
	}
}

static bool any_changed(const struct value *rows)
{
	for (size_t i = 0; i < value_len(rows); i++) {
		if (value_get_bool(value_at(rows, i), "changed", false)) {
			return true;
		}
	}
	return false;
}

static int tell(const struct queue_act *act, const struct listing *listing)
{
	const struct cli *cli = act->cli;
	const struct value *rows = &listing->rows;
	struct buf text = { 0 };

	if (cli->form == FORM_TEXT) {
		for (size_t i = 0; i < value_len(rows); i++) {
			if (value_get_bool(value_at(rows, i), "changed",
					   false)) {
				put_line(&text, value_at(rows, i),
					 act->dry_run);
			}
		}
	} else {
		listing_write(listing, cli->form, cli->style, &text);
	}
	cli_print(cli, &text);
	note_rest(cli, rows);
	if (value_len(rows) == 0) {
		cli_note(cli, "queue %s: nothing changed: no dead letter%s",
			 act->name, act->sheet->dead ? " fits" : " is in it");
	}
	return any_changed(rows) ? EXIT_DONE : EXIT_UNCHANGED;
}

static int work(struct queue_act *act)
{
	struct dead_runs runs = { 0 };
	struct listing listing;
	struct err error = { 0 };
	int code = EXIT_DONE;
	int rc = find_runs(act, &runs, &error);

	listing_init(&listing, columns, "id", act->looking.now_us);
	if (rc == 0) {
		rc = redrive(act, &runs, &listing, &error);
		/* What was done before a failure is done. */
		if (rc == 0 || value_len(&listing.rows) > 0) {
			code = tell(act, &listing);
		}
	}
	if (rc) {
		code = cli_fail(act->cli, &error);
	}
	listing_fini(&listing);
	dead_runs_fini(&runs);
	return code;
}

static int run(struct cli *cli)
{
	struct queue_act act;
	int code = queue_act_open(cli, QUEUE_ACT_DEAD, &act);

	if (code) {
		return code;
	}
	code = work(&act);
	queue_act_close(&act);
	return code;
}

const struct verb verb_queue_redrive = {
	.name = "queue redrive",
	.group = VERB_QUEUES,
	.summary = "have a queue's dead letters tried again",
	.usage = "NAME",
	.text = "Each run that they are of goes on, as 'tutti retry' has it, "
		"with only these\ntasks: they enter the queue again with all "
		"their attempts. A run that has not\nended yet is told of and "
		"left alone.\n",
	.options = options,
	.forms = LISTING_FORMS | FORM_BIT(FORM_NAME),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
