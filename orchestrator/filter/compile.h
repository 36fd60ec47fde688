/*
 * Compiling, between the walk over a filter's maps and the table of
 * operators: private to this room.
 */
#ifndef FILTER_COMPILE_H
#define FILTER_COMPILE_H

#include "filter/clause.h"

struct compiler {
	const struct value *document;
	struct filter *filter;
	size_t clause_cap;
	struct filter_fault fault; /* where the walk stands */
	size_t alternatives;       /* so far, for the limit */
	struct buf path;
	struct err *reterr;
};

void compiler_enter(struct compiler *compiler, size_t index);
void compiler_leave(struct compiler *compiler);

/* Fill the error with "filter.path: sentence" and return its code. */
int compiler_fail(struct compiler *compiler, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, blaming the key where the walk stands. */
int compiler_fail_key(struct compiler *compiler, int code, const char *format,
		      ...) __attribute__((format(printf, 3, 4)));

/* Counts `more` operands against the limit. */
int compiler_count(struct compiler *compiler, size_t more);

/* {"prefix": ...} and the like; the walk stands at the map. */
int operator_compile(struct compiler *compiler, const struct value *map,
		     struct alternative *ret_alternative);

bool operator_is_name(struct slice name);

/* The right side of "numeric". */
int numeric_compile(struct compiler *compiler, const struct value *operand,
		    struct alternative *ret_alternative);

#endif
