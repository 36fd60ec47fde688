/*
 * The program: the command line, with the shipped plugins linked in.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/cli.h"
#include "host/supervisor.h"
#include "plugins/shipped.h"

static size_t count_shipped(void)
{
	size_t count = 0;

	while (shipped_plugins[count].name) {
		count++;
	}
	return count;
}

int main(int argc, char **argv)
{
	/* The orchestrator starts it for itself; see host/supervisor.h. */
	if (argc == 2 && !strcmp(argv[1], "plugin-warden")) {
		return warden_main();
	}
	size_t count = count_shipped();
	struct daemon_module *modules = alloc_zeroed(count, sizeof(*modules));

	for (size_t i = 0; i < count; i++) {
		modules[i] = (struct daemon_module){
			.name = shipped_plugins[i].name,
			.entry = shipped_plugins[i].entry,
		};
	}
	struct cli_program program = {
		.out = stdout,
		.err = stderr,
		.modules = modules,
		.module_count = count,
	};
	int code = cli_main(&program, argc, argv);

	free(modules);
	return code;
}
