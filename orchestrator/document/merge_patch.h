/*
 * JSON merge patch, RFC 7396: null removes, maps merge, all else replaces.
 */
#ifndef DOCUMENT_MERGE_PATCH_H
#define DOCUMENT_MERGE_PATCH_H

#include "document/value.h"

void merge_patch(struct value *target, const struct value *patch);

#endif
