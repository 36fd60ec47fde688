/*
 * The usual case: one plugin, one subscription, and nothing else said. It is
 * mandatory because that is the default.
 */
#include "it_worked.h"

static const struct tutti_subscription step2[] = {
	{
	    .activity = "Step2",
	    .phase = TUTTI_PARALLEL,
	},
};

static const struct tutti_plugin step_1 = {
	.size = sizeof(struct tutti_plugin),
	.name = "Step 1",
	.version = "1.0",
	.help = "Says that it worked, in the parallel phase of Step2.",
	.subscriptions = step2,
	.subscription_count = 1,
	.max_tasks = 1,
	.handle = it_worked,
};

TUTTI_MODULE(&step_1);
