/*
 * `tutti events`: what happens in all runs, as it happens: a subscriber of the
 * daemon's events address, as any other could be.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "bus/sp_stream.h"
#include "cli/bus_file.h"
#include "cli/event_frame.h"
#include "cli/place.h"
#include "cli/selector.h"
#include "cli/verb.h"
#include "document/json.h"

#define CONNECT_MS 10000

static const struct option_spec options[] = {
	{
	    .name = "lines",
	    .letter = 'n',
	    .kind = OPTION_VALUE,
	    .argument = "N",
	    .help = "end after N events",
	},
	{ 0 },
};

struct following {
	const struct cli *cli;
	struct looking looking;
	struct sp_stream stream;
	struct slice wanted; /* WORKFLOW or RUN as given; empty: all */
	bool has_run;
	struct id run;
	char run_text[ID_TEXT_SIZE];
	uint64_t left; /* events to print */
	bool done;
};

static bool is_wanted(const struct following *following,
		      const struct value *row)
{
	if (following->wanted.len == 0) {
		return true;
	}
	return following->has_run
		   ? slice_is(value_get_text(row, "run"), following->run_text)
		   : slice_equal(value_get_text(row, "workflow"),
				 following->wanted);
}

static void put_row(struct buf *out, enum form form, const struct value *row)
{
	if (form == FORM_TEXT) {
		event_row_put(out, row);
		return;
	}
	json_write(out, row, form == FORM_JSON ? JSON_PRETTY : JSON_COMPACT);
	buf_put_byte(out, '\n');
}

static void print_rows(struct following *following, const struct value *rows)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < value_len(rows) && !following->done; i++) {
		const struct value *row = value_at(rows, i);

		if (!is_wanted(following, row)) {
			continue;
		}
		put_row(&text, following->cli->form, row);
		following->left--;
		following->done =
		    following->left == 0 ||
		    (following->has_run && event_row_ends_run(row));
	}
	cli_print(following->cli, &text);
	(void)fflush(following->cli->program->out);
	following->done |= ferror(following->cli->program->out) != 0;
}

static int take_frames(struct following *following, struct err *reterr)
{
	struct slice frame;
	int rc;

	while (!following->done &&
	       (rc = sp_stream_next(&following->stream, &frame, reterr)) != 0) {
		struct value rows = value_array();

		if (rc > 0) {
			rc = event_frame_read(frame, &rows, reterr);
		}
		if (rc >= 0) {
			print_rows(following, &rows);
		}
		value_clear(&rows);
		if (rc < 0) {
			return rc;
		}
	}
	return 0;
}

/* Frames that came before the end are still there to be taken. */
static int turn(struct following *following, int timeout_ms, struct err *reterr)
{
	struct sp_stream *stream = &following->stream;
	struct pollfd poller = {
		.fd = stream->fd,
		.events = sp_stream_events(stream),
	};
	int ready = poll(&poller, 1, timeout_ms);

	if (ready == 0) {
		return err_set(reterr, E_UNREACHABLE,
			       "the daemon's events address does not answer");
	}
	if (ready < 0) {
		return 0;
	}
	int end = sp_stream_turn(stream, poller.revents, reterr);
	struct err broken = { 0 };
	int rc = take_frames(following, &broken);

	if (rc && !end) {
		*reterr = broken;
	}
	return end ? end : rc;
}

static int open_stream(struct following *following, struct slice address,
		       struct err *reterr)
{
	int rc = sp_stream_connect(&following->stream, address, SP_SUB, SP_PUB,
				   reterr);

	while (!rc && !sp_stream_is_open(&following->stream)) {
		rc = turn(following, CONNECT_MS, reterr);
	}
	return rc;
}

/* It may have ended before anybody listened. */
static int check_ended(struct following *following)
{
	struct run_view *run;
	struct err error = { 0 };

	if (!following->has_run) {
		return EXIT_DONE;
	}
	if (view_run(following->looking.view, &following->run, &run, &error)) {
		return cli_fail(following->cli, &error);
	}
	if (group_state_final(run->run.state)) {
		cli_note(following->cli,
			 "the run has ended: %s; 'tutti history %s' shows it",
			 group_state_name(run->run.state), following->run_text);
		following->done = true;
	}
	run_view_destroy(run);
	return EXIT_DONE;
}

static int follow(struct following *following, struct slice address)
{
	struct err error = { 0 };
	int rc = open_stream(following, address, &error);
	int code = rc ? EXIT_DONE : check_ended(following);

	while (!rc && !code && !following->done) {
		rc = turn(following, -1, &error);
	}
	if (rc && !following->done) {
		(void)cli_fail(following->cli, &error);
		return EXIT_UNREACHABLE;
	}
	return code;
}

/* WORKFLOW or RUN: what is no run is the name of a workflow. */
static int find_wanted(struct following *following)
{
	const struct cli *cli = following->cli;
	struct err error = { 0 };

	following->wanted = slice_of(cli_arg(cli, 0));
	if (following->wanted.len == 0) {
		return EXIT_DONE;
	}
	int rc = selector_find(following->looking.view, cli_tenant(cli),
			       following->wanted, &following->run, &error);

	if (rc && (rc != E_NOT_FOUND || following->wanted.ptr[0] == '@')) {
		return cli_fail(cli, &error);
	}
	following->has_run = rc == 0;
	if (following->has_run) {
		id_format(&following->run, following->run_text);
	}
	return EXIT_DONE;
}

static int connect_and_follow(struct following *following)
{
	const struct cli *cli = following->cli;
	struct value bus;
	struct err error = { 0 };
	int code = find_wanted(following);

	if (code) {
		return code;
	}
	if (!following->looking.owner.alive) {
		(void)err_set(&error, E_UNREACHABLE,
			      "no daemon runs on this store, so nothing "
			      "happens; 'tutti serve -c FILE' starts one");
		return cli_fail(cli, &error);
	}
	if (bus_file_read(following->looking.place.store, &bus, &error)) {
		(void)cli_fail(cli, &error);
		return EXIT_UNREACHABLE;
	}
	sp_stream_init(&following->stream);
	code = follow(following, value_get_text(&bus, "events"));
	sp_stream_fini(&following->stream);
	value_clear(&bus);
	return code;
}

static int run(struct cli *cli)
{
	struct following following = { .cli = cli, .left = UINT64_MAX };
	const char *count = options_value(&cli->options, "lines");
	char *end = NULL;

	if (count) {
		following.left = strtoull(count, &end, 10);
		if (*end || following.left == 0 ||
		    strspn(count, "0123456789") != strlen(count)) {
			return cli_usage_error(
			    cli, "-n takes a number of events, not '%s'",
			    count);
		}
	}
	int code = looking_open(cli, &following.looking);

	if (code) {
		return code;
	}
	code = connect_and_follow(&following);
	looking_close(&following.looking);
	return code;
}

const struct verb verb_events = {
	.name = "events",
	.group = VERB_LOOK,
	.summary = "what happens in all runs, as it happens",
	.usage = "[WORKFLOW|RUN]",
	.text = "Only of runs of WORKFLOW, or of one RUN until it has ended. "
		"Subscribes to the\ndaemon's events address (events in "
		"bus.json of the store), as any SP subscriber\ncan. -o json "
		"prints one document after the other.\n",
	.options = options,
	.forms =
	    FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON) | FORM_BIT(FORM_JSONL),
	.min_args = 0,
	.max_args = 1,
	.run = run,
};
