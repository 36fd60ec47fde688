#include "base/blob.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct blob *blob_make(struct slice bytes)
{
	struct blob *blob = alloc_bytes(sizeof(*blob) + bytes.len);

	atomic_init(&blob->references, 1);
	blob->len = bytes.len;
	if (bytes.len) {
		memcpy(blob->data, bytes.ptr, bytes.len);
	}
	return blob;
}

struct blob *blob_ref(struct blob *blob)
{
	if (blob) {
		atomic_fetch_add_explicit(&blob->references, 1,
					  memory_order_relaxed);
	}
	return blob;
}

void blob_unref(struct blob *blob)
{
	if (blob && atomic_fetch_sub_explicit(&blob->references, 1,
					      memory_order_acq_rel) == 1) {
		free(blob);
	}
}

struct slice blob_slice(const struct blob *blob)
{
	return blob ? (struct slice){ blob->data, blob->len }
		    : (struct slice){ NULL, 0 };
}
