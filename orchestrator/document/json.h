/*
 * JSON (RFC 8259) to and from values, over jansson. Duplicate keys, invalid
 * UTF-8, text after the value and numbers out of range are errors that name
 * line and column; so is a key with a NUL character, which jansson refuses.
 * Integers keep all 64 bits, signed or unsigned; beyond that they are doubles.
 */
#ifndef DOCUMENT_JSON_H
#define DOCUMENT_JSON_H

#include "base/buf.h"
#include "base/err.h"
#include "document/limits.h"
#include "document/value.h"

enum json_style { JSON_COMPACT, JSON_PRETTY };

/* NULL limits means the default ones. E_INVALID, E_TOO_BIG, E_NO_MEMORY. */
int json_read(struct slice text, const struct document_limits *limits,
	      struct value *ret_value, struct err *reterr);

/*
 * Appends the value. Doubles are written with the fewest digits that read back
 * the same, and keep a fraction or exponent so that they stay doubles; bytes
 * are written as base 64 text. JSON_PRETTY indents by two spaces.
 */
void json_write(struct buf *out, const struct value *value,
		enum json_style style);

/* Appends `text` as a JSON string with its quotes. */
void json_write_string(struct buf *out, struct slice text);

#endif
