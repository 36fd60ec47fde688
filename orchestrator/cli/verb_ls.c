/*
 * `tutti ls`: the runs in the store, newest first.
 */
#include "base/clock.h"
#include "cli/json_run.h"
#include "cli/listing.h"
#include "cli/paused.h"
#include "cli/place.h"
#include "cli/query.h"
#include "cli/text.h"
#include "cli/verb.h"

static int64_t time_of(const struct value *row, const char *key)
{
	int64_t time_us = 0;

	(void)clock_parse(value_get_text(row, key), &time_us);
	return time_us;
}

static enum tone show_age(struct buf *out, const struct value *row,
			  int64_t now_us)
{
	text_put_age(out, time_of(row, "created_at"), now_us);
	return TONE_PLAIN;
}

static enum tone show_duration(struct buf *out, const struct value *row,
			       int64_t now_us)
{
	int64_t started_us = time_of(row, "started_at");
	int64_t ended_us = time_of(row, "ended_at");

	if (started_us) {
		text_put_duration(out,
				  (ended_us ? ended_us : now_us) - started_us);
	} else {
		buf_put_byte(out, '-');
	}
	return TONE_PLAIN;
}

/* "running, paused" */
static enum tone show_state(struct buf *out, const struct value *row,
			    int64_t now_us)
{
	const struct value *paused = value_get(row, "paused");
	enum tone tone = listing_show_state(out, row, now_us);

	if (paused && paused->type == VALUE_MAP) {
		buf_put_text(out, ", paused");
	}
	return tone;
}

static const struct column columns[] = {
	{ .key = "id", .title = "RUN" },
	{ .key = "tenant", .title = "TENANT", .wide = true },
	{ .key = "workflow", .title = "WORKFLOW" },
	{ .key = "uid", .title = "UID" },
	{ .key = "state", .title = "STATE", .show = show_state },
	{ .key = "reason", .title = "REASON", .wide = true },
	{ .key = "created_at", .title = "CREATED", .show = show_age },
	{ .key = "started_at",
	  .title = "TIME",
	  .show = show_duration,
	  .right = true },
	{ .key = "ended_at" },
	{ .key = "paused" },
	{ .key = "tasks", .title = "TASKS", .wide = true, .right = true },
	{ .key = "version", .title = "VERSION", .wide = true },
	{ .key = "message", .title = "MESSAGE", .wide = true },
	{ 0 },
};

static int count_runs(const struct cli *cli, const struct looking *looking,
		      const struct view_query *query)
{
	struct buf text = { 0 };
	struct err error = { 0 };
	size_t count;

	if (view_count(looking->view, query, &count, &error)) {
		return cli_fail(cli, &error);
	}
	buf_printf(&text, "%zu\n",
		   query->limit && query->limit < count ? query->limit : count);
	cli_print(cli, &text);
	return EXIT_DONE;
}

static struct value describe(const struct run_record *run,
			     const struct pause_list *pauses)
{
	struct paused paused = paused_of(run, pauses, NULL);
	struct value row = json_run_summary(run);

	value_set(&row, "paused", paused_to_value(&paused));
	return row;
}

static void print_runs(const struct cli *cli, const struct run_list *list,
		       const struct pause_list *pauses, size_t limit,
		       int64_t now_us)
{
	struct listing listing;
	struct buf text = { 0 };
	bool more = limit && list->len > limit;

	listing_init(&listing, columns, "id", now_us);
	for (size_t i = 0; i < list->len - more; i++) {
		listing_add(&listing, describe(&list->runs[i], pauses));
	}
	listing_write(&listing, cli->form, cli->style, &text);
	cli_print(cli, &text);
	listing_fini(&listing);
	if (more) {
		cli_note(cli,
			 "only the newest %zu are listed; --limit 0 lists all",
			 limit);
	} else if (list->len == 0) {
		cli_note(cli, "no runs");
	}
}

/* One run more than asked for tells whether there are more. */
static int list_runs(const struct cli *cli, const struct looking *looking,
		     struct query *query)
{
	struct run_list list;
	struct pause_list pauses = { 0 };
	struct err error = { 0 };
	size_t limit = query->view.limit;

	query->view.attributes =
	    value_len(&query->attributes) ? &query->attributes : NULL;
	if (options_has(&cli->options, "count")) {
		return count_runs(cli, looking, &query->view);
	}
	query->view.limit += limit ? 1 : 0;
	if (view_pauses(looking->view, &pauses, &error)) {
		return cli_fail(cli, &error);
	}
	if (view_list(looking->view, &query->view, &list, &error)) {
		pause_list_fini(&pauses);
		return cli_fail(cli, &error);
	}
	print_runs(cli, &list, &pauses, limit, looking->now_us);
	pause_list_fini(&pauses);
	run_list_fini(&list);
	return EXIT_DONE;
}

static int run(struct cli *cli)
{
	struct looking looking;
	struct query query;
	struct err error = { 0 };
	int code;

	if (query_read(&cli->options, clock_wall_us(), &query, &error)) {
		return cli_usage_error(cli, "%s", error.msg);
	}
	code = looking_open(cli, &looking);
	if (code == EXIT_DONE) {
		code = list_runs(cli, &looking, &query);
		looking_note_daemon(cli, &looking);
		looking_close(&looking);
	}
	query_fini(&query);
	return code;
}

const struct verb verb_ls = {
	.name = "ls",
	.group = VERB_LOOK,
	.summary = "list runs, the newest first",
	.usage = "",
	.options = query_options,
	.forms = LISTING_FORMS | FORM_BIT(FORM_NAME),
	.min_args = 0,
	.max_args = 0,
	.run = run,
};
