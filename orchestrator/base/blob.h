/*
 * Immutable bytes with a reference count: documents that engine, store and
 * plugins share without copying. NULL stands for "no document" everywhere.
 * Any thread; the count is atomic.
 */
#ifndef BASE_BLOB_H
#define BASE_BLOB_H

#include <stdatomic.h>

#include "base/slice.h"

struct blob {
	atomic_uint references;
	size_t len;
	char data[];
};

/* A new blob with one reference, the bytes copied. */
struct blob *blob_make(struct slice bytes);

/* One more reference; returns its argument. */
struct blob *blob_ref(struct blob *blob);

/* One reference less; frees at the last. */
void blob_unref(struct blob *blob);

/* The empty slice for NULL. */
struct slice blob_slice(const struct blob *blob);

#endif
