#include "filter/read.h"

#include "document/json.h"

int filter_read(struct slice text, struct value *ret_document,
		struct err *reterr)
{
	struct value document;
	struct buf path = { 0 };
	size_t offset;
	int rc = json_read(text, NULL, ret_document, reterr);

	/* Well-formed but for a key that is there twice? */
	if (rc != E_INVALID || json_read_last(text, NULL, &document, NULL)) {
		return rc;
	}
	value_clear(&document);
	if (json_repeat_find(text, &path, &offset)) {
		rc = err_set(reterr, E_INVALID,
			     "filter%.*s: the key is there twice",
			     SLICE_ARG(buf_slice(&path)));
	}
	buf_fini(&path);
	return rc;
}
