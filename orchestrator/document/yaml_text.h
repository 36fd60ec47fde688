/*
 * Strings as YAML scalars. Inside this room only.
 */
#ifndef DOCUMENT_YAML_TEXT_H
#define DOCUMENT_YAML_TEXT_H

#include "base/buf.h"

/*
 * Plain where it reads back as the same string, as a literal block when it has
 * several lines, else in double quotes. The lines of a block are indented by
 * `indent`, at least 2. Ends before the last line end.
 */
void yaml_text_write(struct buf *out, struct slice text, unsigned indent);

/* Never a block, and with its colon; a very long key with "? " before it. */
void yaml_text_write_key(struct buf *out, struct slice key, unsigned indent);

#endif
