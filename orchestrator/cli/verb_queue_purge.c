/*
 * `tutti queue purge NAME`: throw away what waits in a queue, or its dead
 * letters.
 */

#include "cli/json_run.h"
#include "cli/queue_act.h"
#include "cli/text.h"
#include "cli/verb.h"
#include "document/json.h"

/* Dead letters named in one request. */
#define PIECE 500

static const struct option_spec options[] = {
	{
	    .name = "dead",
	    .kind = OPTION_FLAG,
	    .help = "the dead letters, and nothing that waits",
	},
	{
	    .name = "dry-run",
	    .kind = OPTION_FLAG,
	    .help = "only say what would be thrown away",
	},
	{ 0 },
};

/* A piece of what waits, by the daemon's choice. Returns how many, or a
 * negative code; 0 is the end. */
static int64_t purge_piece(struct queue_act *act, struct err *reterr)
{
	struct value result;
	int rc =
	    queue_act_call(act, "queue_purge", value_map(), &result, reterr);

	if (rc) {
		return rc == E_UNCHANGED ? 0 : rc;
	}
	int64_t count = value_get_int(&result, "purged", 0);

	value_clear(&result);
	return count;
}

static int purge_waiting(struct queue_act *act, int64_t *ret_count,
			 struct err *reterr)
{
	int64_t count;

	if (act->dry_run) {
		*ret_count = (int64_t)act->sheet->waiting;
		return 0;
	}
	while ((count = purge_piece(act, reterr)) > 0) {
		*ret_count += count;
	}
	return (int)count;
}

static struct value name_message(const struct queued *message)
{
	struct value map = value_map();

	value_set(&map, "run", json_id(&message->run));
	value_set(&map, "task", value_int(message->task));
	return map;
}

/* Takes `messages` over. */
static int drop_piece(struct queue_act *act, struct value messages,
		      int64_t *count, struct err *reterr)
{
	struct value args = value_map();
	struct value result;

	value_set(&args, "messages", messages);
	int rc = queue_act_call(act, "queue_drop", args, &result, reterr);

	if (rc) {
		return rc == E_UNCHANGED ? 0 : rc;
	}
	*count += value_get_int(&result, "dropped", 0);
	value_clear(&result);
	return 0;
}

static int purge_dead(struct queue_act *act, int64_t *ret_count,
		      struct err *reterr)
{
	const struct queue_sheet *sheet = act->sheet;
	struct value piece = value_array();
	int rc = 0;

	if (act->dry_run) {
		*ret_count = (int64_t)sheet->dead;
		value_clear(&piece);
		return 0;
	}
	for (size_t i = 0; i < sheet->len && !rc; i++) {
		value_push(&piece, name_message(sheet->order[i]));
		if (value_len(&piece) == PIECE) {
			rc = drop_piece(act, piece, ret_count, reterr);
			piece = value_array();
		}
	}
	if (rc == 0 && value_len(&piece) > 0) {
		return drop_piece(act, piece, ret_count, reterr);
	}
	value_clear(&piece);
	return rc;
}

static void put_line(struct buf *out, const struct queue_act *act, bool dead,
		     int64_t count)
{
	buf_printf(out, "queue %s: ", act->name);
	text_put_count(out, (uint64_t)count, dead ? "dead letter" : "message",
		       dead ? "dead letters" : "messages");
	buf_put_text(out,
		     act->dry_run ? " would be thrown away" : " thrown away");
	if (!dead && act->sheet->leased) {
		buf_printf(out, "; %zu in consumers' hands stay%s",
			   act->sheet->leased,
			   act->sheet->leased == 1 ? "s" : "");
	}
	buf_put_byte(out, '\n');
}

static void put_json(struct buf *out, const struct queue_act *act, bool dead,
		     int64_t count)
{
	struct value map = value_map();

	value_set(&map, "queue", value_text(act->name));
	value_set(&map, "dead", value_bool(dead));
	value_set(&map, "purged", value_int(count));
	value_set(&map, "dry_run", value_bool(act->dry_run));
	json_write(out, &map, JSON_PRETTY);
	buf_put_byte(out, '\n');
	value_clear(&map);
}

static int tell(const struct queue_act *act, bool dead, int64_t count)
{
	struct buf text = { 0 };

	if (act->cli->form == FORM_JSON) {
		put_json(&text, act, dead, count);
	} else if (count > 0) {
		put_line(&text, act, dead, count);
	} else {
		cli_note(act->cli, "queue %s: nothing changed: %s", act->name,
			 dead ? "it has no dead letters"
			      : "nothing waits in it");
	}
	cli_print(act->cli, &text);
	return count > 0 ? EXIT_DONE : EXIT_UNCHANGED;
}

static int run(struct cli *cli)
{
	bool dead = options_has(&cli->options, "dead");
	struct queue_act act;
	struct err error = { 0 };
	int64_t count = 0;

	/* Who thinks that it spares the others would be wrong. */
	if (cli_tenant(cli).len) {
		return cli_usage_error(cli,
				       "a queue is of all tenants, purging "
				       "takes no --tenant");
	}
	int code =
	    queue_act_open(cli, dead ? QUEUE_ACT_DEAD : QUEUE_ACT_COUNTS, &act);

	if (code) {
		return code;
	}
	int rc = dead ? purge_dead(&act, &count, &error)
		      : purge_waiting(&act, &count, &error);

	/* What was done before a failure is done. */
	if (rc == 0 || count > 0) {
		code = tell(&act, dead, count);
	}
	if (rc) {
		code = cli_fail(cli, &error);
	}
	queue_act_close(&act);
	return code;
}

const struct verb verb_queue_purge = {
	.name = "queue purge",
	.group = VERB_QUEUES,
	.summary = "throw away what waits in a queue",
	.usage = "NAME",
	.text = "The tasks fail (reason 'purged'); 'tutti retry' of their runs "
		"brings them back.\nWhat is in consumers' hands stays there. "
		"With --dead the dead letters go\ninstead: their tasks stay "
		"failed, and 'tutti queue redrive' does not know them\nany "
		"more.\n",
	.options = options,
	.forms = FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
