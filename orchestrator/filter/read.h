/*
 * A filter given as JSON text. Pure.
 */
#ifndef FILTER_READ_H
#define FILTER_READ_H

#include "base/err.h"
#include "document/value.h"

/*
 * Only the text: whether it is a filter says filter_compile(). A key that is
 * in one object twice is E_INVALID with its path, "filter.a.b: the key is
 * there twice"; other mistakes have line and column.
 */
int filter_read(struct slice text, struct value *ret_document,
		struct err *reterr);

#endif
