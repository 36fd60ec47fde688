/*
 * Expressions over a scope document: a path such as attributes.lang,
 * outputs.scan."line counts".total or input.pages[0]. Names that are not
 * letters, digits and _ are written in double quotes (JSON string escapes);
 * [n] takes an element, negative n from the end. What is absent is null. The
 * language is the start of JMESPath; expressions that are valid now keep their
 * meaning when more of it is understood.
 *
 * A compiled expression is constant: several threads may evaluate it.
 */
#ifndef DOCUMENT_EXPRESSION_H
#define DOCUMENT_EXPRESSION_H

#include "base/err.h"
#include "document/value.h"

struct expression;

/*
 * On a syntax error E_INVALID, the sentence, and in *ret_offset (may be NULL)
 * the byte of `text` where it lies.
 */
int expression_compile(struct slice text, struct expression **ret_expression,
		       size_t *ret_offset, struct err *reterr);

/* What the expression finds in `scope`, borrowed from there; NULL if absent. */
const struct value *expression_find(const struct expression *expression,
				    const struct value *scope);

/* A copy of what the expression finds in `scope`; the caller clears it. */
struct value expression_evaluate(const struct expression *expression,
				 const struct value *scope);

/* The name it starts with, borrowed; empty when that is an index. */
struct slice expression_root(const struct expression *expression);

/* NULL is fine. */
void expression_destroy(struct expression *expression);

#endif
