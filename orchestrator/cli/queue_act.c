#include "cli/queue_act.h"

static int read_book(struct queue_act *act, enum queue_act_depth depth,
		     struct err *reterr)
{
	struct view *view = act->looking.view;
	struct slice name = slice_of(act->name);
	int rc = queue_book_read_queues(&act->book, view, reterr);

	act->sheet = rc ? NULL : queue_book_find(&act->book, name);
	if (rc || !act->sheet) {
		return rc ? rc : queue_book_no_queue(&act->book, name, reterr);
	}
	if (depth != QUEUE_ACT_QUEUE) {
		act->sheet->keeps = depth == QUEUE_ACT_DEAD ? QUEUE_KEEPS_DEAD
							    : QUEUE_KEEPS_NONE;
		rc = queue_book_read_messages(&act->book, view,
					      act->looking.now_us, reterr);
		act->sheet = queue_book_find(&act->book, name);
	}
	return rc;
}

int queue_act_open(const struct cli *cli, enum queue_act_depth depth,
		   struct queue_act *act)
{
	struct err error = { 0 };

	*act = (struct queue_act){
		.cli = cli,
		.name = cli_arg(cli, 0),
		.dry_run = options_has(&cli->options, "dry-run"),
	};
	int code = looking_open(cli, &act->looking);

	if (code) {
		return code;
	}
	code = place_connect(cli, &act->client);
	if (code == EXIT_DONE && read_book(act, depth, &error)) {
		code = cli_fail(cli, &error);
	}
	if (code) {
		queue_act_close(act);
	}
	return code;
}

void queue_act_close(struct queue_act *act)
{
	queue_book_fini(&act->book);
	control_disconnect(act->client);
	looking_close(&act->looking);
}

int queue_act_call(struct queue_act *act, const char *verb, struct value args,
		   struct value *ret_result, struct err *reterr)
{
	value_set(&args, "queue", value_text(act->name));
	value_set(&args, "dry_run", value_bool(act->dry_run));
	int rc = place_call(act->client, verb, &args, ret_result, reterr);

	value_clear(&args);
	return rc;
}
