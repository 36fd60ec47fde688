/* Cannot say what it is. */
#include <string.h>

#include "bad_program.h"

BAD_PLUGIN(.handle = bad_handle_well);

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--describe")) {
		return 3;
	}
	return runner_main(argc, argv, tutti_plugin_v1);
}
