/*
 * Reading MessagePack where it lies, without a tree of values. Only for bytes
 * that pack_check() has accepted: nothing is checked again, and nothing is
 * copied. Any thread.
 */
#ifndef DOCUMENT_PACK_WALK_H
#define DOCUMENT_PACK_WALK_H

#include <stddef.h>

#include "document/value.h"

struct pack_item {
	struct value value; /* texts are borrowed; of maps and arrays only the
			       type is there */
	size_t len;         /* of a map: pairs, of an array: elements */
	const char *behind; /* its head; for scalars: the next value */
};

struct pack_item pack_item_at(const char *at);

/* Where the next value begins. */
const char *pack_skip(const char *at);

#endif
