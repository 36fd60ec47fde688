/*
 * `tutti queue ls`: the queues there are, with what is in them.
 */
#include "cli/queue_look.h"
#include "cli/verb.h"

static void print(const struct cli *cli, const struct queue_look *look)
{
	struct listing listing;
	struct buf text = { 0 };

	listing_init(&listing, queue_columns, "name", look->looking.now_us);
	for (size_t i = 0; i < look->book.len; i++) {
		struct queue_scene scene =
		    queue_look_scene(look, &look->book.sheets[i]);

		listing_add(&listing, queue_row(&scene));
	}
	listing_write(&listing, cli->form, cli->style, &text);
	cli_print(cli, &text);
	listing_fini(&listing);
}

static int run(struct cli *cli)
{
	struct queue_look look;
	int code = queue_look_open(cli, NULL, QUEUE_KEEPS_NONE, &look);

	if (code) {
		return code;
	}
	print(cli, &look);
	if (look.book.len == 0) {
		cli_note(cli, "no queues: no plugin has one");
	}
	looking_note_daemon(cli, &look.looking);
	queue_look_close(&look);
	return EXIT_DONE;
}

const struct verb verb_queue_ls = {
	.name = "queue ls",
	.group = VERB_QUEUES,
	.summary = "list the queues of plugins, with what is in them",
	.usage = "",
	.text = "IN FLIGHT are messages in consumers' hands, DEAD those whose "
		"attempts are used\nup, CONSUMERS the plugin's ready instances "
		"(without a daemon: its state as of\nthe last write).\n",
	.forms = LISTING_FORMS | FORM_BIT(FORM_NAME),
	.min_args = 0,
	.max_args = 0,
	.run = run,
};
