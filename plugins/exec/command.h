/*
 * What is to be run, read from a task's `with`. Owns its memory but for
 * `input`, which is the task's.
 */
#ifndef EXEC_COMMAND_H
#define EXEC_COMMAND_H

#include "text.h"

#define COMPLAINT_SIZE 512
#define CODES_MAX      64

struct command {
	struct list argv;
	struct list env;
	struct list cwd;          /* empty, or one path */
	struct tutti_slice input; /* for standard input */
	size_t output_limit;
	int64_t success_codes[CODES_MAX];
	size_t success_count;
	bool json;
};

/*
 * TUTTI_OK, TUTTI_EINVAL with a sentence in `complaint`, or TUTTI_ENOMEM. The
 * command is to be released in any case.
 */
int32_t command_read(const struct tutti_task *task, struct command *command,
		     char complaint[COMPLAINT_SIZE]);

void command_fini(struct command *command);

#endif
