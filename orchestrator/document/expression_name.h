/*
 * Names in expressions. Inside this room only.
 */
#ifndef DOCUMENT_EXPRESSION_NAME_H
#define DOCUMENT_EXPRESSION_NAME_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Read the name that starts at text[*at] and append it to `name`. On success
 * *at is behind it, on E_INVALID at the mistake.
 */
int expression_name_bare(struct slice text, size_t *at, struct buf *name,
			 struct err *reterr);
int expression_name_quoted(struct slice text, size_t *at, struct buf *name,
			   struct err *reterr);

#endif
