/*
 * JSON text cut at its members or elements without reading them: where each
 * key and each value begins and ends, as it is written. So parts of a text can
 * be read by rules of their own, and given back letter for letter. Says
 * nothing about the syntax inside a part. Pure; everything is borrowed.
 */
#ifndef DOCUMENT_JSON_CUT_H
#define DOCUMENT_JSON_CUT_H

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"

struct json_part {
	struct slice key; /* of an object's member, with its quotes */
	struct slice value;
};

struct json_cut {
	struct slice text;
	size_t at;
	char close; /* the bracket that ends it */
	bool first;
};

/* An object or an array, with blanks around. E_INVALID when it is neither. */
int json_cut_begin(struct json_cut *cut, struct slice text, struct err *reterr);

/*
 * 1: the next part. 0: there is none, and nothing follows the end. E_INVALID
 * with line and column.
 */
int json_cut_next(struct json_cut *cut, struct json_part *ret_part,
		  struct err *reterr);

#endif
