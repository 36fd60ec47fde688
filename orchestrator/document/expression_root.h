/*
 * What an expression over a task's scope can start with.
 */
#ifndef DOCUMENT_EXPRESSION_ROOT_H
#define DOCUMENT_EXPRESSION_ROOT_H

#include "base/err.h"
#include "base/slice.h"

/* E_INVALID with a sentence for a name that no scope has. */
int expression_check_root(struct slice name, struct err *reterr);

/*
 * Compiles an expression only to check it, its first name too. E_INVALID, the
 * sentence, and in *ret_offset (may be NULL) the byte of `text` where the
 * mistake lies.
 */
int expression_check(struct slice text, size_t *ret_offset, struct err *reterr);

#endif
