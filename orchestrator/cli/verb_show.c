/*
 * `tutti show RUN`: the run with its tree, or the whole of it as JSON.
 */
#include "base/shell.h"
#include "cli/json_run.h"
#include "cli/show.h"
#include "cli/verb.h"
#include "document/json.h"

#define FOLD 40 /* plain successes of a phase are counted beyond that */

static void put_text(const struct cli *cli, const struct subject *subject,
		     struct buf *out)
{
	const char *store = options_value(&cli->options, "store");
	struct buf daemon = { 0 };
	struct buf options = { 0 };
	struct tree_options tree = {
		.style = cli->style,
		.fold = cli->form == FORM_WIDE ? 0 : FOLD,
	};

	looking_put_daemon(&subject->looking, &daemon);
	buf_put_byte(&daemon, '\0');
	if (store) {
		buf_put_text(&options, " --store ");
		shell_put_word(&options, slice_of(store));
	}
	buf_put_byte(&options, '\0');
	show_header(out, &subject->picture, cli->style, daemon.data);
	buf_put_byte(out, '\n');
	tree_write(out, &subject->picture.context, &tree);
	show_events(out, &subject->picture, cli->style);
	show_hints(out, &subject->picture, options.data);
	buf_fini(&daemon);
	buf_fini(&options);
}

static void put_json(const struct cli *cli, const struct subject *subject,
		     struct buf *out)
{
	struct value run = json_run(&subject->picture.context);

	json_write(out, &run,
		   cli->form == FORM_JSON ? JSON_PRETTY : JSON_COMPACT);
	buf_put_byte(out, '\n');
	value_clear(&run);
}

static int run(struct cli *cli)
{
	struct subject subject;
	struct buf text = { 0 };
	bool plain = cli->form == FORM_TEXT || cli->form == FORM_WIDE;
	/* The tree has no sentences about what waits in queues. */
	int code =
	    subject_open(cli, cli_arg(cli, 0),
			 plain ? PICTURE_HISTORY : PICTURE_QUEUES, &subject);

	if (code) {
		return code;
	}
	if (plain) {
		put_text(cli, &subject, &text);
	} else {
		put_json(cli, &subject, &text);
		looking_note_daemon(cli, &subject.looking);
	}
	cli_print(cli, &text);
	subject_close(&subject);
	return EXIT_DONE;
}

const struct verb verb_show = {
	.name = "show",
	.group = VERB_LOOK,
	.summary = "a run with its activities, phases and tasks",
	.usage = "RUN",
	.forms = FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_WIDE) |
		 FORM_BIT(FORM_JSON) | FORM_BIT(FORM_JSONL),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
