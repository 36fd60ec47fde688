/* Does not say what it does. */
#include "bad.h"

static const struct tutti_plugin plugin = {
	.size = sizeof(plugin),
	.name = "bad",
	.version = "1",
	.max_tasks = 1,
	.handle = bad_handle_well,
};

TUTTI_MODULE(&plugin);
