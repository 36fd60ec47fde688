/* Another version in the program. */
#include "bad.h"

static const struct tutti_plugin plugin = {
	.size = sizeof(struct tutti_plugin),
	.name = "bad",
#ifdef AS_PROGRAM
	.version = "2",
#else
	.version = "1",
#endif
	.help = "Breaks one rule.",
	.max_tasks = 4,
	.handle = bad_handle_well,
};
TUTTI_MODULE(&plugin);
