/*
 * `tutti start [WORKFLOW]`: hand a run to the daemon, and wait for its end if
 * asked to.
 */
#include "base/clock.h"
#include "cli/documents.h"
#include "cli/place.h"
#include "cli/start_lines.h"
#include "cli/text.h"
#include "cli/verb.h"
#include "document/json.h"

static bool is_duration(struct slice word)
{
	int64_t duration_ms;

	return duration_parse(word, &duration_ms) == 0;
}

static const struct option_spec options[] = {
	DOCUMENT_OPTIONS,
	{
	    .name = "wait",
	    .kind = OPTION_MAYBE,
	    .argument = "DURATION",
	    .help = "wait until the run has ended, at most so long",
	    .accepts = is_duration,
	},
	{
	    .name = "dry-run",
	    .kind = OPTION_FLAG,
	    .help = "only check what would be started",
	},
	{
	    .name = "lines",
	    .kind = OPTION_VALUE,
	    .argument = "FILE",
	    .help = "a run for each line, a JSON object; - for stdin",
	},
	{
	    .name = "in-flight",
	    .kind = OPTION_VALUE,
	    .argument = "N",
	    .help = "with --lines: so many at a time, 256 if not given",
	},
	{ 0 },
};

static struct value make_args(const struct cli *cli,
			      struct documents *documents)
{
	struct value args = value_map();
	struct slice tenant = cli_tenant(cli);

	if (tenant.len) {
		value_set(&args, "tenant", value_string(tenant));
	}
	if (cli_arg(cli, 0)) {
		value_set(&args, "workflow", value_text(cli_arg(cli, 0)));
	}
	if (documents->has_uid) {
		value_set(&args, "uid", value_string(documents->uid));
	}
	value_set(&args, "attributes", documents->attributes);
	value_set(&args, "input", documents->input);
	value_set(&args, "resume", value_bool(documents->resume));
	value_set(&args, "override", value_bool(documents->override));
	documents->attributes = value_null();
	documents->input = value_null();
	value_set(&args, "dry_run",
		  value_bool(options_has(&cli->options, "dry-run")));
	return args;
}

static const char *what_became(const struct value *run, bool dry)
{
	if (value_get_bool(run, "resumed", false)) {
		return dry ? "would go on: " : "goes on: ";
	}
	if (!value_get_bool(run, "created", true)) {
		return "exists already: ";
	}
	return dry ? "would start: " : "started: ";
}

/* A dry run's id is none that stays, so it is not shown. */
static void print_text(const struct cli *cli, const struct value *run)
{
	struct buf text = { 0 };
	struct slice id = value_get_text(run, "id");
	struct slice state = value_get_text(run, "state");
	bool dry = options_has(&cli->options, "dry-run");

	buf_put_text(&text, what_became(run, dry));
	buf_printf(&text, "%.*s%s", SLICE_ARG(id), id.len ? ", " : "");
	buf_put_text(&text, "workflow ");
	text_put_clean(&text, value_get_text(run, "workflow"));
	buf_put_text(&text, ", uid ");
	text_put_clean(&text, value_get_text(run, "uid"));
	buf_printf(&text, "%s%.*s\n", state.len ? ", " : "", SLICE_ARG(state));
	cli_print(cli, &text);
	(void)fflush(cli->program->out);
}

static void print(const struct cli *cli, const struct value *run)
{
	struct buf text = { 0 };
	struct slice id = value_get_text(run, "id");

	if (cli->form == FORM_JSON) {
		json_write(&text, run, JSON_PRETTY);
		buf_put_byte(&text, '\n');
	} else if (id.len) {
		buf_printf(&text, "%.*s\n", SLICE_ARG(id));
	}
	cli_print(cli, &text);
}

/* The exit code that the state of an ended run stands for. */
static int outcome(const struct value *run)
{
	int state = group_state_parse(value_get_text(run, "state"));

	return state < 0 ? EXIT_UNREACHABLE
			 : (int)exit_code_of_state((enum group_state)state);
}

/* Wait, and bring run's state up to date. */
static int wait_for(const struct cli *cli, struct control_client *client,
		    struct value *run)
{
	const char *limit = options_value(&cli->options, "wait");
	struct value args = value_map();
	struct value result;
	struct err error = { 0 };
	int64_t limit_ms = -1;

	if (limit && duration_parse(slice_of(limit), &limit_ms)) {
		limit_ms = 0;
	}
	value_set(&args, "run", value_string(value_get_text(run, "id")));
	int rc = control_call(client, "wait", &args, limit_ms, &result, &error);

	value_clear(&args);
	if (rc == E_TIMEOUT) {
		cli_note(cli, "still running after %s", limit);
		return EXIT_RUNNING;
	}
	if (rc) {
		return cli_fail(cli, &error);
	}
	value_set(run, "state", value_string(value_get_text(&result, "state")));
	value_clear(&result);
	return outcome(run);
}

static void print_end(const struct cli *cli, const struct value *run)
{
	struct buf text = { 0 };

	buf_printf(&text, "%.*s\n", SLICE_ARG(value_get_text(run, "state")));
	cli_print(cli, &text);
}

static int follow(const struct cli *cli, struct control_client *client,
		  struct value *run)
{
	bool text = cli->form == FORM_TEXT;
	bool waits = options_has(&cli->options, "wait") &&
		     !options_has(&cli->options, "dry-run");
	int code = EXIT_DONE;

	if (text) {
		print_text(cli, run);
	}
	if (waits) {
		code = wait_for(cli, client, run);
	}
	if (!text) {
		print(cli, run);
	} else if (waits && code != EXIT_RUNNING && code != EXIT_UNREACHABLE) {
		print_end(cli, run);
	}
	return code;
}

static int start(const struct cli *cli, const struct value *args)
{
	struct control_client *client;
	struct value started;
	struct err error = { 0 };
	int code = place_connect(cli, &client);

	if (code) {
		return code;
	}
	if (place_call(client, "start", args, &started, &error)) {
		code = cli_fail(cli, &error);
	} else {
		code = follow(cli, client, &started);
		value_clear(&started);
	}
	control_disconnect(client);
	return code;
}

/* What the parser of options cannot see. */
static int check(const struct cli *cli, struct err *reterr)
{
	const char *wait = options_value(&cli->options, "wait");

	if (wait && !is_duration(slice_of(wait))) {
		return err_set(reterr, E_INVALID,
			       "--wait takes a duration such as 30s, not '%s'",
			       wait);
	}
	int rc = start_lines_check(cli, reterr);

	rc = rc ? rc
		: documents_check_text(cli_tenant(cli), "the tenant", reterr);
	return rc ? rc
		  : documents_check_text(slice_of(cli_arg(cli, 0)),
					 "the workflow's name", reterr);
}

static int run(struct cli *cli)
{
	struct documents documents;
	struct err error = { 0 };

	if (check(cli, &error)) {
		return cli_usage_error(cli, "%s", error.msg);
	}
	if (options_has(&cli->options, "lines")) {
		return start_lines(cli);
	}
	if (documents_read(&cli->options, &documents, &error)) {
		return cli_fail(cli, &error);
	}
	struct value args = make_args(cli, &documents);
	int code = start(cli, &args);

	value_clear(&args);
	documents_fini(&documents);
	return code;
}

const struct verb verb_start = {
	.name = "start",
	.group = VERB_START,
	.summary = "hand a run to the daemon",
	.usage = "[WORKFLOW]",
	.text = "A uid that has a run already gives that run; with other "
		"attributes or input it\nis a conflict. With --resume such a "
		"run goes on once it has ended: what failed\nor was cancelled "
		"is done again, and what the workflow has gained since is done"
		"\ntoo; what succeeded is kept. With --override as well it "
		"gets the new attributes\nand input. With --wait the exit "
		"code tells how the run ended.\n\n"
		"With --lines there is a run for each line of a file: a JSON "
		"object with any of\nuid, workflow, tenant, attributes and "
		"input. So many at a time are not answered\nyet, with --wait "
		"not ended yet. -o json tells of each in a line, in the "
		"order\nof answers, with how long it took.\n",
	.options = options,
	.forms =
	    FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON) | FORM_BIT(FORM_NAME),
	.min_args = 0,
	.max_args = 1,
	.run = run,
};
