/* Describes itself anew in each call. */
#include "bad.h"

static const struct tutti_plugin plugin = {
	BAD_BASICS,
	.max_tasks = 1,
	.handle = bad_handle_well,
};

static const struct tutti_plugin *const plugins[] = { &plugin };

const struct tutti_module *tutti_plugin_v1(void)
{
	static struct tutti_module modules[8];
	static unsigned calls;
	struct tutti_module *module = &modules[calls++ % 8];

	*module = (struct tutti_module){
		.magic = TUTTI_MAGIC,
		.size = sizeof(*module),
		.abi_major = TUTTI_ABI_MAJOR,
		.plugin_count = 1,
		.plugins = plugins,
	};
	return module;
}
