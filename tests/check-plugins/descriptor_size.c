/* Does not set its size. */
#include "bad.h"

static const struct tutti_plugin plugin = {
	.name = "bad",
	.version = "1",
	.help = "Breaks one rule.",
	.max_tasks = 1,
	.handle = bad_handle_well,
};

TUTTI_MODULE(&plugin);
