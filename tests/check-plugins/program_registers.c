/* Waits for something, but never says hello. */
#include <unistd.h>

#include "bad_program.h"

BAD_PLUGIN(.handle = bad_handle_well);

int main(int argc, char **argv)
{
	char byte;

	if (argc > 1) {
		return runner_main(argc, argv, tutti_plugin_v1);
	}
	while (read(STDIN_FILENO, &byte, 1) > 0) {
	}
	return 0;
}
