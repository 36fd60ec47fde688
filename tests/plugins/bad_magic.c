/* The right entry point, but what it returns is no description. */
#include <tutti/plugin.h>

const struct tutti_module *tutti_plugin_v1(void)
{
	static const struct tutti_module module = { .magic = 42 };

	return &module;
}
