/*
 * Documents of the size that users have.
 */
#ifndef GUARD_SAMPLE_H
#define GUARD_SAMPLE_H

#include "base/blob.h"
#include "document/value.h"

/* JSON that is a part of this program. */
struct value sample_json(const char *text);
struct blob *sample_blob(const char *text);

/* A map of 40 values, nested, about a kilobyte. */
struct value sample_document(void);

#endif
