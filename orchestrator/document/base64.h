/*
 * Base 64 (RFC 4648, chapter 4) of bytes. Inside this room only.
 */
#ifndef DOCUMENT_BASE64_H
#define DOCUMENT_BASE64_H

#include <stdbool.h>

#include "base/buf.h"

void base64_write(struct buf *out, struct slice bytes);

/* Appends the bytes; blanks and line ends are skipped. False if it is none. */
bool base64_read(struct buf *out, struct slice text);

#endif
