/* Lives on when the orchestrator has ended. */
#include <stdlib.h>

#include "bad_program.h"

BAD_PLUGIN(.handle = bad_handle_well);

int main(int argc, char **argv)
{
	/* As if it had been started by hand. */
	(void)unsetenv("TUTTI_INSTANCE");
	return runner_main(argc, argv, tutti_plugin_v1);
}
