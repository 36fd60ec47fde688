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
 * As json_read(), but of members of one object with the same key the last one
 * counts, as for most who read JSON: for what is passed on from others.
 */
int json_read_last(struct slice text, const struct document_limits *limits,
		   struct value *ret_value, struct err *reterr);

/*
 * The first key that is in its object twice, of a text that json_read_last()
 * reads: appends its path (".size[0].numeric") and says at which byte the
 * second one begins. False when there is none.
 */
bool json_repeat_find(struct slice text, struct buf *path, size_t *ret_offset);

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
