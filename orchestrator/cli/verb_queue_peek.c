/*
 * `tutti queue peek NAME`: messages as they would be handed out, or dead ones.
 */
#include "cli/query.h"
#include "cli/queue_look.h"
#include "cli/verb.h"

#define SHOWN 20 /* messages when --limit does not say */

static const struct option_spec options[] = {
	{
	    .name = "limit",
	    .kind = OPTION_VALUE,
	    .argument = "N",
	    .help = "at most so many (20; 0: all)",
	},
	{
	    .name = "leased",
	    .kind = OPTION_FLAG,
	    .help = "those in consumers' hands",
	},
	{
	    .name = "dead",
	    .kind = OPTION_FLAG,
	    .help = "the dead letters, the oldest first",
	},
	{ 0 },
};

static enum message_state wanted_state(const struct cli *cli)
{
	return options_has(&cli->options, "dead")     ? MESSAGE_DEAD
	       : options_has(&cli->options, "leased") ? MESSAGE_LEASED
						      : MESSAGE_WAITING;
}

static enum queue_depth wanted_depth(const struct cli *cli)
{
	return cli->form == FORM_JSON || cli->form == FORM_JSONL
		   ? QUEUE_DOCUMENTS
		   : QUEUE_RECORDS;
}

static size_t total(const struct queue_sheet *sheet, enum message_state state)
{
	return state == MESSAGE_DEAD     ? sheet->dead
	       : state == MESSAGE_LEASED ? sheet->leased
					 : sheet->waiting;
}

static void note_rest(const struct cli *cli, const struct queue_sheet *sheet,
		      enum message_state state, size_t shown)
{
	size_t all = total(sheet, state);

	if (all == 0) {
		cli_note(cli, "queue '%s' has no %s messages", sheet->name,
			 message_state_name(state));
	} else if (shown < all) {
		cli_note(cli, "%zu of %zu; --limit 0 shows all", shown, all);
	}
}

static void print(const struct cli *cli, const struct queue_look *look,
		  size_t limit)
{
	enum message_state state = wanted_state(cli);
	struct queue_reader reader = queue_look_reader(look);
	struct listing listing;
	struct buf text = { 0 };

	listing_init(&listing,
		     state == MESSAGE_DEAD ? queue_dead_columns
					   : queue_message_columns,
		     "run", look->looking.now_us);
	queue_add_messages(&listing, &reader, look->sheet, state, limit,
			   wanted_depth(cli));
	listing_write(&listing, cli->form, cli->style, &text);
	cli_print(cli, &text);
	note_rest(cli, look->sheet, state, value_len(&listing.rows));
	listing_fini(&listing);
	queue_reader_fini(&reader);
}

static int run(struct cli *cli)
{
	struct queue_look look;
	struct err error = { 0 };
	size_t limit = SHOWN;

	if (query_read_limit(options_value(&cli->options, "limit"), &limit,
			     &error)) {
		return cli_usage_error(cli, "%s", error.msg);
	}
	if (options_has(&cli->options, "dead") &&
	    options_has(&cli->options, "leased")) {
		return cli_usage_error(
		    cli, "--dead and --leased exclude each other");
	}
	int code = queue_look_open(cli, cli_arg(cli, 0),
				   wanted_state(cli) == MESSAGE_DEAD
				       ? QUEUE_KEEPS_DEAD
				       : QUEUE_KEEPS_OPEN,
				   &look);

	if (code) {
		return code;
	}
	print(cli, &look, limit);
	looking_note_daemon(cli, &look.looking);
	queue_look_close(&look);
	return EXIT_DONE;
}

const struct verb verb_queue_peek = {
	.name = "queue peek",
	.group = VERB_QUEUES,
	.summary = "the messages that come next, as they are handed out",
	.usage = "NAME",
	.text = "Takes nothing out. The order is that in which one consumer "
		"would get all of it.\nThe forms json and jsonl have the "
		"documents too: attributes, input, stash,\noutputs and "
		"with, as the plugin gets them; the form name the runs.\n",
	.options = options,
	.forms = LISTING_FORMS | FORM_BIT(FORM_NAME),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
