/*
 * Exit codes of the program, and the one place that turns error codes and the
 * states of runs into them.
 */
#ifndef CLI_EXIT_CODE_H
#define CLI_EXIT_CODE_H

#include "model/state.h"

enum exit_code {
	EXIT_DONE = 0,        /* also: the run succeeded or is degraded */
	EXIT_RUN_FAILED = 1,  /* the run failed */
	EXIT_USAGE = 2,       /* the command line or the config is wrong */
	EXIT_NOT_FOUND = 3,   /* no such run, workflow, plugin, task */
	EXIT_RUNNING = 4,     /* not ended when waiting did */
	EXIT_UNREACHABLE = 5, /* neither store nor daemon can be reached */
	EXIT_UNCHANGED = 6,   /* conflict, or nothing changed */
	EXIT_CANCELLED = 7,   /* the run was cancelled */
};

/* For 0 and the E_* codes. */
enum exit_code exit_code_of_error(int code);

/* For a run, whether it has ended or not. */
enum exit_code exit_code_of_state(enum group_state state);

#endif
