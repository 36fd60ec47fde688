/*
 * Runs the whole command line in this process and keeps what it prints.
 */
#ifndef TEST_PROGRAM_H
#define TEST_PROGRAM_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

#define PROGRAM_WORDS 16

struct program {
	char *out;
	char *err;
	size_t out_len;
	size_t err_len;
};

static inline void program_fini(struct program *program)
{
	free(program->out);
	free(program->err);
	*program = (struct program){ 0 };
}

/* Words after the program's name, ended by NULL. Returns the exit code. */
static inline int program_run(struct program *program, ...)
{
	static char name[] = "tutti";
	char *words[PROGRAM_WORDS + 1] = { name };
	int count = 1;
	va_list args;

	program_fini(program);
	va_start(args, program);
	for (char *word; (word = va_arg(args, char *)); count++) {
		assert_true(count < PROGRAM_WORDS);
		words[count] = word;
	}
	va_end(args);
	struct cli_program cli = {
		.out = open_memstream(&program->out, &program->out_len),
		.err = open_memstream(&program->err, &program->err_len),
	};
	int code = cli_main(&cli, count, words);

	(void)fclose(cli.out);
	(void)fclose(cli.err);
	return code;
}

static inline void program_expect(const char *text, const char *part)
{
	if (!strstr(text, part)) {
		fail_msg("'%s' is not in:\n%s", part, text);
	}
}

static inline void program_expect_not(const char *text, const char *part)
{
	if (strstr(text, part)) {
		fail_msg("'%s' is in:\n%s", part, text);
	}
}

#endif
