/*
 * `tutti history RUN`: every transition of the run, in order.
 */
#include "cli/events.h"
#include "cli/picture.h"
#include "cli/verb.h"

static int run(struct cli *cli)
{
	struct subject subject;
	struct listing listing;
	struct buf text = { 0 };
	int code =
	    subject_open(cli, cli_arg(cli, 0), PICTURE_HISTORY, &subject);

	if (code) {
		return code;
	}
	listing_init(&listing, events_columns, NULL, subject.looking.now_us);
	events_add(&listing, subject.picture.run, &subject.picture.history, 0);
	listing_write(&listing, cli->form, cli->style, &text);
	cli_print(cli, &text);
	looking_note_daemon(cli, &subject.looking);
	listing_fini(&listing);
	subject_close(&subject);
	return EXIT_DONE;
}

const struct verb verb_history = {
	.name = "history",
	.group = VERB_LOOK,
	.summary = "every transition of a run, with time, reason and actor",
	.usage = "RUN",
	.forms = LISTING_FORMS,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
