/*
 * MessagePack to and from values, over msgpack-c. What comes from outside is
 * scanned before it is unpacked: lengths, counts, depth, UTF-8, one value and
 * nothing after it. Maps whose keys are not strings, duplicate keys, extension
 * types, NaN and infinities are refused.
 */
#ifndef DOCUMENT_PACK_H
#define DOCUMENT_PACK_H

#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "document/limits.h"
#include "document/value.h"

/* msgpack-c goes no deeper, whatever the limits say. */
#define PACK_DEPTH 32

/* Only the scan: is this one well-formed value within limits? */
int pack_check(struct slice bytes, const struct document_limits *limits,
	       struct err *reterr);

/* Scan and read. E_INVALID, E_TOO_BIG, E_NO_MEMORY. */
int pack_read(struct slice bytes, const struct document_limits *limits,
	      struct value *ret_value, struct err *reterr);

/* Appends the value, maps in their order, numbers in the shortest form. */
void pack_write(struct buf *out, const struct value *value);

/* The value by itself, as a new blob with one reference. */
struct blob *pack_blob(const struct value *value);

/* The same for a value that must keep within limits. E_TOO_BIG. */
int pack_blob_within(const struct value *value,
		     const struct document_limits *limits,
		     struct blob **ret_blob, struct err *reterr);

/* As pack_write(), with map keys sorted at every level: equal values (but for
 * int versus double) give equal bytes. For hashing. */
void pack_write_canonical(struct buf *out, const struct value *value);

#endif
