/*
 * A plugin program as a child process: its standard input is a pipe that ends
 * when we do, what it prints is kept.
 */
#ifndef CHECK_PROGRAM_H
#define CHECK_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

struct program {
	pid_t pid; /* 0: none, or it has been waited for */
	int lifeline;
	int output;
	int status; /* of waitpid() */
};

/* It stays in our process group. */
int program_start(const char *path, const char *bus_file,
		  struct program *ret_program, struct err *reterr);

/* Has it ended? */
bool program_ended(struct program *program);

/* Waits for that. */
bool program_wait(struct program *program, int64_t ms);

void program_cut_lifeline(struct program *program);

/* "exit code 3", "signal 9 (SIGKILL)", and the last that it printed. */
void program_put_end(const struct program *program, struct buf *out);

/* With force, if it has to be. */
void program_fini(struct program *program);

#endif
