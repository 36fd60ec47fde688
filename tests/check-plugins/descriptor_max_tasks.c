/* Wants no tasks. */
#include "bad.h"

static const struct tutti_plugin plugin = {
	BAD_BASICS,
	.max_tasks = 0,
	.handle = bad_handle_well,
};

TUTTI_MODULE(&plugin);
