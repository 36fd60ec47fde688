/*
 * `tutti help [VERB]`: the overview, or all about one verb.
 */
#include "cli/help.h"

static int run(struct cli *cli)
{
	struct buf text = { 0 };
	const struct verb *verb = NULL;
	struct err error = { 0 };

	const char *first = cli_arg(cli, 0);
	const char *second = cli_arg(cli, 1);

	if (!first) {
		help_put_overview(&text);
	} else if (verb_find(first, second, &verb, &error) >= 0) {
		help_put_verb(&text, verb);
	} else if (second || !help_put_first_word(&text, slice_of(first))) {
		return cli_fail(cli, &error);
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
