/*
 * Reading MessagePack where it lies, without a tree of values. Only for bytes
 * that pack_check() or pack_is_whole() has accepted: nothing is checked again,
 * and nothing is copied. Any thread.
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

/*
 * Is it one value, from the first to the last byte? A quick look at lengths and
 * types that there are: enough to walk over it. Whether keys are texts and come
 * once, texts are UTF-8, and how deep it is, is not looked at; pack_check() is
 * for what is made use of.
 */
bool pack_is_whole(struct slice bytes);

#endif
