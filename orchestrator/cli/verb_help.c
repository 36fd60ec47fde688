/*
 * `tutti help [VERB]`: the overview, or all about one verb.
 */
#include "cli/help.h"

static int run(struct cli *cli)
{
	struct buf text = { 0 };
	const struct verb *verb = NULL;
	struct err error = { 0 };

	if (cli_arg(cli, 0)) {
		if (verb_find(cli_arg(cli, 0), cli_arg(cli, 1), &verb, &error) <
		    0) {
			return cli_fail(cli, &error);
		}
		help_put_verb(&text, verb);
	} else {
		help_put_overview(&text);
	}
	cli_print(cli, &text);
	return EXIT_DONE;
}

const struct verb verb_help = {
	.name = "help",
	.group = VERB_UPKEEP,
	.summary = "what the verbs do and take",
	.usage = "[VERB]",
	.min_args = 0,
	.max_args = 2,
	.run = run,
};
