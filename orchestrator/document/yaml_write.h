/*
 * Values as block-style YAML that yaml_tree_read() reads back to the same
 * value; strings are quoted only where they must be.
 */
#ifndef DOCUMENT_YAML_WRITE_H
#define DOCUMENT_YAML_WRITE_H

#include "base/buf.h"
#include "document/value.h"

void yaml_write(struct buf *out, const struct value *value);

#endif
