/* The right entry point, but a description of another major version. */
#include <tutti/plugin.h>

const struct tutti_module *tutti_plugin_v1(void)
{
	static const struct tutti_module module = {
		.magic = TUTTI_MAGIC,
		.size = sizeof(struct tutti_module),
		.abi_major = 2,
	};

	return &module;
}
