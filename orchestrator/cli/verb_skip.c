/*
 * `tutti skip RUN TASK`: have a task not run.
 */
#include "cli/json_run.h"
#include "cli/place.h"
#include "cli/selector.h"
#include "cli/task_pattern.h"
#include "cli/text.h"
#include "cli/verb.h"
#include "document/json.h"

static const struct option_spec options[] = {
	{
	    .name = "dry-run",
	    .kind = OPTION_FLAG,
	    .help = "only say what would be skipped",
	},
	{ 0 },
};

static void put_text(struct buf *out, const struct value *result, bool dry)
{
	const struct value *skipped = value_get(result, "skipped");
	struct slice marked = value_get_text(result, "marked");

	for (size_t i = 0; skipped && i < value_len(skipped); i++) {
		const struct value *task = value_at(skipped, i);

		buf_put_text(out, dry ? "would skip " : "skipped ");
		text_put_clean(out, value_get_text(task, "activity"));
		buf_put_byte(out, '/');
		text_put_clean(out, value_get_text(task, "phase"));
		buf_put_byte(out, '/');
		text_put_clean(out, value_get_text(task, "task"));
		buf_put_byte(out, '\n');
	}
	if (marked.len) {
		buf_put_text(out, dry ? "would mark " : "marked ");
		text_put_clean(out, marked);
		buf_put_text(out, ": skipped when it comes to be\n");
	}
}

static void print(const struct cli *cli, const struct value *result)
{
	bool dry = options_has(&cli->options, "dry-run");
	struct buf text = { 0 };

	if (cli->form == FORM_JSON) {
		json_write(&text, result, JSON_PRETTY);
		buf_put_byte(&text, '\n');
	} else {
		put_text(&text, result, dry);
	}
	cli_print(cli, &text);
}

static int ask(const struct cli *cli, const struct id *id)
{
	struct control_client *client;
	struct value args = value_map();
	struct value result;
	struct err error = { 0 };
	int code = place_connect(cli, &client);

	value_set(&args, "run", json_id(id));
	value_set(&args, "task", value_text(cli_arg(cli, 1)));
	value_set(&args, "dry_run",
		  value_bool(options_has(&cli->options, "dry-run")));
	if (code == EXIT_DONE) {
		if (place_call(client, "skip", &args, &result, &error)) {
			code = cli_fail(cli, &error);
		} else {
			print(cli, &result);
			value_clear(&result);
		}
		control_disconnect(client);
	}
	value_clear(&args);
	return code;
}

static int run(struct cli *cli)
{
	struct looking looking;
	struct task_pattern pattern;
	struct err error = { 0 };
	struct id id;

	if (task_pattern_read(slice_of(cli_arg(cli, 1)), &pattern, &error)) {
		return cli_usage_error(cli, "%s", error.msg);
	}
	int code = looking_open(cli, &looking);

	if (code) {
		return code;
	}
	code = selector_find(looking.view, cli_tenant(cli),
			     slice_of(cli_arg(cli, 0)), &id, &error)
		   ? cli_fail(cli, &error)
		   : ask(cli, &id);
	looking_close(&looking);
	return code;
}

const struct verb verb_skip = {
	.name = "skip",
	.group = VERB_ACT,
	.summary = "have a task of a run not run",
	.usage = "RUN TASK",
	.text = "TASK is NAME, ACTIVITY/NAME or ACTIVITY/PHASE/NAME. Only what "
		"has not started\ncan be skipped; a task that does not exist "
		"yet is marked.\n",
	.options = options,
	.forms = FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON),
	.min_args = 2,
	.max_args = 2,
	.run = run,
};
