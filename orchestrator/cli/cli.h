/*
 * What a verb is given: its options, where output goes, and how failures are
 * told. Data goes to `out`, everything else to `err`. One thread.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/exit_code.h"
#include "cli/form.h"
#include "cli/options.h"
#include "cli/style.h"
#include "daemon/daemon.h"

/* The program around the command line. Borrowed. */
struct cli_program {
	FILE *out;
	FILE *err;
	const struct daemon_module *modules; /* linked in */
	size_t module_count;
};

struct verb;

struct cli {
	const struct cli_program *program;
	const struct verb *verb; /* NULL until it is known */
	const char *first_word;  /* of verbs, given alone; else NULL */
	struct options options;
	enum form form;
	struct style style; /* of out */
	struct style notes; /* of err */
};

/* The whole program: returns the exit code. argv as main() has it. */
int cli_main(const struct cli_program *program, int argc, char *const *argv);

/* The i-th argument of the verb, or NULL. */
const char *cli_arg(const struct cli *cli, size_t index);

/* --tenant, or the empty slice. */
struct slice cli_tenant(const struct cli *cli);

/* Write data and empty the buffer. */
void cli_print(const struct cli *cli, struct buf *text);

/* One line for people on standard error. */
void cli_note(const struct cli *cli, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Tell a failure and return its exit code. */
int cli_fail(const struct cli *cli, const struct err *error);

/* Tell a mistake in the command line, how it is used, and return 2. */
int cli_usage_error(const struct cli *cli, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
