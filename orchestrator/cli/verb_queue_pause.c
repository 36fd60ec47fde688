/*
 * `tutti queue pause NAME` and `tutti queue resume NAME`: whether a queue hands
 * anything out.
 */
#include "cli/order.h"
#include "cli/queue_act.h"
#include "cli/text.h"
#include "cli/verb.h"
#include "document/json.h"

static void put_line(struct buf *out, const struct value *result, bool dry)
{
	bool paused = value_get_bool(result, "paused", false);

	buf_put_text(out, "queue ");
	text_put_clean(out, value_get_text(result, "queue"));
	buf_put_text(out, paused ? dry ? ": would be paused" : ": is paused"
			  : dry  ? ": would go on"
				 : ": goes on");
	buf_put_byte(out, '\n');
}

static int finish(struct queue_act *act, int rc, struct value *result,
		  const struct err *error)
{
	const struct cli *cli = act->cli;
	struct buf text = { 0 };
	int code = EXIT_DONE;

	if (rc) {
		code = cli_fail(cli, error);
	} else if (cli->form == FORM_JSON) {
		json_write(&text, result, JSON_PRETTY);
		buf_put_byte(&text, '\n');
	} else {
		put_line(&text, result, act->dry_run);
	}
	cli_print(cli, &text);
	value_clear(result);
	queue_act_close(act);
	return code;
}

static int change(struct cli *cli, const char *request)
{
	struct queue_act act;
	struct value result = value_null();
	struct err error = { 0 };
	int code = queue_act_open(cli, QUEUE_ACT_QUEUE, &act);

	if (code) {
		return code;
	}
	int rc = queue_act_call(&act, request, value_map(), &result, &error);

	return finish(&act, rc, &result, &error);
}

static int run_pause(struct cli *cli)
{
	return change(cli, "queue_pause");
}

static int run_resume(struct cli *cli)
{
	return change(cli, "queue_resume");
}

const struct verb verb_queue_pause = {
	.name = "queue pause",
	.group = VERB_QUEUES,
	.summary = "have a queue hand nothing out",
	.usage = "NAME",
	.text = "It goes on to take messages, and consumers finish what they "
		"have. The pause\noutlives the daemon; 'tutti queue resume' "
		"ends it.\n",
	.options = order_options,
	.forms = FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON),
	.min_args = 1,
	.max_args = 1,
	.run = run_pause,
};

const struct verb verb_queue_resume = {
	.name = "queue resume",
	.group = VERB_QUEUES,
	.summary = "end a queue's pause",
	.usage = "NAME",
	.options = order_options,
	.forms = FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON),
	.min_args = 1,
	.max_args = 1,
	.run = run_resume,
};
