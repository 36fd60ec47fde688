/*
 * A plugin module in a process of its own: the same host room as in the
 * orchestrator, with a link_client in place of the loop. main() of
 * libtutti_plugin_main.a calls it with the linked-in module, `tutti
 * plugin-host FILE` with one that is loaded.
 *
 *	PROGRAM                run: find the orchestrator, register, work until
 *	                       told to stop (SIGTERM, its `stop`, the end of
 *	                       stdin when TUTTI_INSTANCE is set)
 *	PROGRAM --describe     print the plugins as JSON and exit
 *	PROGRAM --help, --version
 *
 * Exit codes: 0 stopped in good order, 2 usage, 5 no orchestrator was found
 * (no bus file), 78 refused (the sentence is on stderr; starting it again
 * would not help), 1 anything else.
 */
#ifndef RUNNER_RUNNER_H
#define RUNNER_RUNNER_H

#include "host/host.h"

enum runner_exit {
	RUNNER_DONE = 0,
	RUNNER_FAILED = 1,
	RUNNER_USAGE = 2,
	RUNNER_NOBODY_THERE = 5,
	RUNNER_REFUSED = 78,
};

struct runner_options {
	const char *path; /* module to load; NULL with `entry` */
	host_entry entry;
	const char *program;  /* argv[0], for messages */
	uint32_t max_tasks;   /* --max-tasks: lowers the plugins' own; 0 */
	bool ephemeral;       /* --ephemeral */
	const char *bus_file; /* --bus FILE; NULL: found by environment */
};

/* Blocks SIGTERM and SIGINT for the process: call it before any thread is
 * started. Returns the exit code. */
int runner_run(const struct runner_options *options);

/* {"module", "hash", "plugins": [...]} as JSON on stdout, as `hello` has it.
 * Exit code. */
int runner_describe(const struct runner_options *options);

/* 1 to UINT32_MAX in decimal: 0, or E_INVALID. */
int runner_parse_count(const char *text, uint32_t *ret_count);

/* main() of plugin programs. */
int runner_main(int argc, char **argv, host_entry entry);

#endif
