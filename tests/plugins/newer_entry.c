/* Made for the next major version: only its entry point is there. */
#include <stdlib.h>
#include <tutti/plugin.h>

TUTTI_EXPORT const void *tutti_plugin_v2(void);

const void *tutti_plugin_v2(void)
{
	abort(); /* must never be called */
}
