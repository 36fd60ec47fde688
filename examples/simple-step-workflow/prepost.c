/*
 * Two plugins in one module, one for what comes before and one for what comes
 * after the body of work. Each could have a handler of its own.
 */
#include "it_worked.h"

static const struct tutti_subscription before_step2[] = {
	{
	    .activity = "Step2",
	    .phase = TUTTI_PRE,
	},
};

static const struct tutti_subscription after_step2[] = {
	{
	    .activity = "Step2",
	    .phase = TUTTI_POST,
	},
};

static const struct tutti_plugin pre_activity = {
	.size = sizeof(struct tutti_plugin),
	.name = "Step 1 - pre-Activity",
	.version = "1.0",
	.help = "Says that it worked, before the parallel phase of Step2.",
	.subscriptions = before_step2,
	.subscription_count = 1,
	.max_tasks = 1,
	.handle = it_worked,
};

static const struct tutti_plugin post_activity = {
	.size = sizeof(struct tutti_plugin),
	.name = "Step 1 - post-Activity",
	.version = "1.0",
	.help = "Says that it worked, after the parallel phase of Step2.",
	.subscriptions = after_step2,
	.subscription_count = 1,
	.max_tasks = 1,
	.handle = it_worked,
};

TUTTI_MODULE(&pre_activity, &post_activity);
