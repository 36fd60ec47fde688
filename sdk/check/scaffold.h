/*
 * New plugin projects out of the templates of sdk/template, which are embedded
 * at build time. One thread.
 */
#ifndef CHECK_SCAFFOLD_H
#define CHECK_SCAFFOLD_H

#include "base/buf.h"
#include "base/err.h"

struct scaffold_file {
	const char *language;
	const char *path; /* NAME stands for the identifier */
	const char *text; /* with @NAME@ and @ID@ */
};

/* Ends with a zeroed one. */
extern const struct scaffold_file scaffold_files[];

/*
 * Is it a name that a project can have: 1 to 64 characters, letters, digits,
 * '-', '_', '.' and anything that is not ASCII, not beginning with '-' or '.'?
 * E_INVALID with a sentence.
 */
int scaffold_check_name(const char *name, struct err *reterr);

/* The name as an identifier of C, Python and CMake. free() it. */
char *scaffold_identifier(const char *name);

/*
 * Write the project `name` in `language` ("c", "cpp", "python") into the new
 * folder `folder`. E_INVALID (name, language), E_CONFLICT (the folder is there
 * already), E_IO. What has been written before a failure stays.
 */
int scaffold_write(const char *name, const char *language, const char *folder,
		   struct err *reterr);

#endif
