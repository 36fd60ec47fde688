#include "host/text.h"

#include "base/buf.h"
#include "base/limits.h"
#include "document/json.h"
#include "document/pack.h"
#include "document/value.h"

/* Outputs and patches are put into documents that must stay within limits. */
static const struct document_limits given = {
	.size = LIMIT_DOCUMENT,
	.depth = LIMIT_GIVEN_DEPTH,
	.nodes = LIMIT_DOCUMENT_NODES,
};

static int check_size(size_t size, size_t limit, struct err *reterr)
{
	if (size <= limit) {
		return 0;
	}
	return err_set(reterr, E_TOO_BIG,
		       "it has %zu bytes, the limit is %zu: pass large data by "
		       "reference, as the name of a file",
		       size, limit);
}

static int read_json(struct slice text, size_t limit, struct blob **ret_blob,
		     struct err *reterr)
{
	struct value value;
	struct buf packed = { 0 };
	int rc = json_read(text, &given, &value, reterr);

	if (rc < 0) {
		return rc;
	}
	pack_write(&packed, &value);
	value_clear(&value);
	rc = check_size(packed.len, limit, reterr);
	if (rc == 0) {
		*ret_blob = blob_make(buf_slice(&packed));
	}
	buf_fini(&packed);
	return rc;
}

static int read_msgpack(struct slice bytes, size_t limit,
			struct blob **ret_blob, struct err *reterr)
{
	int rc = check_size(bytes.len, limit, reterr);

	if (rc == 0) {
		rc = pack_check(bytes, &given, reterr);
	}
	if (rc == 0) {
		*ret_blob = blob_make(bytes);
	}
	return rc;
}

/* The first byte of MessagePack tells the type. */
static bool is_map(const struct blob *blob)
{
	unsigned char first = (unsigned char)blob->data[0];

	return (first & 0xf0) == 0x80 || first == 0xde || first == 0xdf;
}

int host_document_read(struct slice bytes, int32_t encoding, size_t limit,
		       enum host_document_kind kind, struct blob **ret_blob,
		       struct err *reterr)
{
	struct blob *blob = NULL;
	int rc;

	if (encoding != TUTTI_JSON && encoding != TUTTI_MSGPACK) {
		return err_set(reterr, E_INVALID, "%d is no encoding",
			       (int)encoding);
	}
	rc = encoding == TUTTI_JSON ? read_json(bytes, limit, &blob, reterr)
				    : read_msgpack(bytes, limit, &blob, reterr);
	if (rc == 0 && kind == HOST_DOCUMENT_MAP && !is_map(blob)) {
		blob_unref(blob);
		return err_set(reterr, E_INVALID, "it must be a map");
	}
	if (rc == 0) {
		*ret_blob = blob;
	}
	return rc;
}
