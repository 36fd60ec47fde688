/*
 * `tutti pause`: have nothing new begin.
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
	return pausing_run(cli, "pause");
}

const struct verb verb_pause = {
	.name = "pause",
	.group = VERB_ACT,
	.summary = "hold runs back: nothing new begins",
	.usage = "[RUN...]",
	.text = "What is in plugins' hands may finish. Time goes on: deadlines "
		"pass, and what\ncomes due waits. Pauses outlive the daemon; "
		"'tutti resume' with the same words\nends them.\n",
	.options = options,
	.forms = LISTING_FORMS | FORM_BIT(FORM_NAME),
	.min_args = 0,
	.max_args = VERB_ANY_ARGS,
	.run = run,
};
