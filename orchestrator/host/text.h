/*
 * Text and documents that come from a plugin: nothing in them is believed.
 * Pure functions, any thread.
 */
#ifndef HOST_TEXT_H
#define HOST_TEXT_H

#include <stdint.h>
#include <tutti/plugin.h>

#include "base/blob.h"
#include "base/err.h"

static inline struct slice host_slice(struct tutti_slice slice)
{
	return (struct slice){ slice.ptr, slice.len };
}

static inline struct tutti_slice host_sdk_slice(struct slice slice)
{
	return (struct tutti_slice){ slice.ptr, slice.len };
}

/*
 * A NUL-terminated copy of valid UTF-8 of at most `max` bytes: what is not
 * UTF-8, and NUL, become U+FFFD; what is too long is cut at a character. The
 * caller frees it.
 */
char *host_text_clean(struct slice text, size_t max);

/* What a document that a plugin gives must be. */
enum host_document_kind { HOST_DOCUMENT_ANY, HOST_DOCUMENT_MAP };

/*
 * A document as MessagePack of at most `limit` bytes. `encoding` is TUTTI_JSON
 * or TUTTI_MSGPACK. E_INVALID, E_TOO_BIG, E_NO_MEMORY.
 */
int host_document_read(struct slice bytes, int32_t encoding, size_t limit,
		       enum host_document_kind kind, struct blob **ret_blob,
		       struct err *reterr);

/* "TUTTI_EINVAL (an argument makes no sense)"; NULL for what is no code. */
const char *host_code_text(int32_t code);

#endif
