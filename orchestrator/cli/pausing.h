/*
 * What `tutti pause` and `tutti resume` have in common: runs, the runs of a
 * workflow, or all.
 */
#ifndef CLI_PAUSING_H
#define CLI_PAUSING_H

#include "cli/cli.h"

#define PAUSING_OPTIONS                                        \
	{                                                      \
		.name = "workflow",                            \
		.kind = OPTION_VALUE,                          \
		.argument = "NAME",                            \
		.help = "all runs of this workflow, new ones " \
			"among them",                          \
	},                                                     \
	    {                                                  \
		    .name = "all",                             \
		    .kind = OPTION_FLAG,                       \
		    .help = "all runs there are",              \
	    },                                                 \
	{                                                      \
		.name = "dry-run", .kind = OPTION_FLAG,        \
		.help = "only say what would change",          \
	}

/* `request` is the daemon's; returns the verb's exit code. */
int pausing_run(const struct cli *cli, const char *request);

#endif
