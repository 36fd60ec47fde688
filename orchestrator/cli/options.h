/*
 * Options of the command line by table. Help, usage errors, the manual page's
 * test and the parser all read the same tables.
 *
 *	static const struct option_spec start_options[] = {
 *		{
 *			.name = "uid",
 *			.kind = OPTION_VALUE,
 *			.argument = "UID",
 *			.help = "the caller's key of the run",
 *		},
 *		{ 0 },
 *	};
 *
 * One thread. Everything found is borrowed from argv.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"

enum option_kind {
	OPTION_FLAG,
	OPTION_VALUE,    /* the last one given counts */
	OPTION_REPEATED, /* every one given counts */
	OPTION_MAYBE,    /* a flag that may take a value */
};

struct option_spec {
	const char *name; /* without the dashes */
	char letter;      /* 0: none */
	enum option_kind kind;
	const char *argument; /* how help calls the value; NULL for flags */
	const char *help;
	/* OPTION_MAYBE: is the next word the value, and not an argument? */
	bool (*accepts)(struct slice word);
};

struct option_given {
	const struct option_spec *spec;
	const char *value; /* NULL when it has none */
};

enum {
	OPTION_TABLES = 2, /* those of every verb, and the verb's own */
};

struct options {
	const struct option_spec *tables[OPTION_TABLES]; /* or NULL */
	struct option_given *given;
	size_t given_len;
	size_t given_cap;
	const char **args; /* words that are no options */
	size_t arg_len;
	size_t arg_cap;
};

enum options_stop {
	OPTIONS_TO_END,
	OPTIONS_TO_WORD, /* stop before the first word that is no option */
};

/*
 * Read `words` and add to what is there already. Returns how many words were
 * used, or E_INVALID with a sentence, with "did you mean" where it helps.
 */
int options_parse(struct options *options, int count, char *const *words,
		  enum options_stop stop, struct err *reterr);

void options_fini(struct options *options); /* NULL is fine */

/* The names below must be in one of the tables. */
bool options_has(const struct options *options, const char *name);

/* The value that counts, or NULL. */
const char *options_value(const struct options *options, const char *name);

/* The next value of a repeated option from *at on, or NULL; start with 0. */
const char *options_next(const struct options *options, const char *name,
			 size_t *at);

#endif
