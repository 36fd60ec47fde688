/* The default of a parameter is not of its type. */
#include "bad.h"

static const struct tutti_param params[] = {
	{ .name = "n",
	  .help = "A number.",
	  .fallback = "x",
	  .type = TUTTI_INT },
};

BAD_PLUGIN(.handle = bad_handle_well, .params = params, .param_count = 1);
