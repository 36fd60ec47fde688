/*
 * Comma-separated values as in RFC 4180, with plain newlines. Pure.
 */
#ifndef CLI_CSV_H
#define CLI_CSV_H

#include "base/buf.h"
#include "document/value.h"

/* A field, quoted where it must be. */
void csv_put_text(struct buf *out, struct slice text);

/* Scalars as themselves, null as nothing, arrays and maps as JSON. */
void csv_put_value(struct buf *out, const struct value *value);

#endif
