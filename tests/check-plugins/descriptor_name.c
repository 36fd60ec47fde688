/* Its name has a slash. */
#include "bad.h"

static const struct tutti_plugin plugin = {
	.size = sizeof(plugin),
	.name = "bad/name",
	.version = "1",
	.help = "Breaks one rule.",
	.max_tasks = 1,
	.handle = bad_handle_well,
};

TUTTI_MODULE(&plugin);
