/*
 * `tutti start --lines FILE`: a run for each line of a file. One thread.
 */
#ifndef CLI_START_LINES_H
#define CLI_START_LINES_H

#include "cli/cli.h"

/* Most runs that --in-flight may ask for. */
#define START_LINES_MAX     4096
#define START_LINES_DEFAULT 256

/* --in-flight, when it is given, and what does not go with --lines.
 * E_INVALID. */
int start_lines_check(const struct cli *cli, struct err *reterr);

/* Returns the exit code: of the first run that was refused, else of the worst
 * end when ends are waited for. */
int start_lines(const struct cli *cli);

#endif
