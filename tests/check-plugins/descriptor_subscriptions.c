/* Its filter is none. */
#include "bad.h"

static const struct tutti_subscription wanted[] = {
	{ .activity = "Step", .phase = TUTTI_PRE, .filter = "{\"a\": 1}" },
};

BAD_PLUGIN(.handle = bad_handle_well, .subscriptions = wanted,
	   .subscription_count = 1);
