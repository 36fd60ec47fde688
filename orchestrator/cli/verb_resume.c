/*
 * `tutti resume`: the end of a pause.
 */
#include "cli/listing.h"
#include "cli/pausing.h"
#include "cli/verb.h"

static const struct option_spec options[] = {
	PAUSING_OPTIONS,
	{ 0 },
};

static int run(struct cli *cli)
{
	return pausing_run(cli, "resume");
}

const struct verb verb_resume = {
	.name = "resume",
	.group = VERB_ACT,
	.summary = "let paused runs go on",
	.usage = "[RUN...]",
	.text = "Ends one pause: of runs, of a workflow, or of all. A run goes "
		"on when neither\nit nor its workflow nor all is paused. To "
		"have an ended run go on, see 'retry'\nand 'start --resume'.\n",
	.options = options,
	.forms = LISTING_FORMS | FORM_BIT(FORM_NAME),
	.min_args = 0,
	.max_args = VERB_ANY_ARGS,
	.run = run,
};
