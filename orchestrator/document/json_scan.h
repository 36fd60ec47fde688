/*
 * A look over JSON text before jansson reads it: depth and number of values
 * are counted while nothing is allocated, and integers that jansson does not
 * know are found, because they need 64 bits or more. Inside this room only.
 */
#ifndef DOCUMENT_JSON_SCAN_H
#define DOCUMENT_JSON_SCAN_H

#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "document/limits.h"
#include "document/value.h"

struct json_big {
	size_t ordinal; /* of the value, in order of appearance from 0 */
	size_t offset;  /* of the text */
	size_t len;
	struct value number; /* VALUE_UINT, or VALUE_DOUBLE beyond that */
};

struct json_scan {
	struct json_big *bigs;
	size_t len;
	size_t cap;
};

/*
 * E_TOO_BIG, E_NO_MEMORY, or E_INVALID for a NUL byte. Says nothing else about
 * syntax; exact for JSON that is well-formed. Call json_scan_fini() in every
 * case.
 */
int json_scan(struct slice text, const struct document_limits *limits,
	      struct json_scan *scan, struct err *reterr);
void json_scan_fini(struct json_scan *scan);

#endif
