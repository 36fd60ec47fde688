#include <ctype.h>
#include <string.h>

#include "store/handle.h"
#include "store/id_stream.h"
#include "store/read.h"

/* The ids found so far, and the end of what is looked at. */
struct finding {
	struct id_stream runs;
	struct slice text; /* lower case */
	struct id *ids;
	size_t len;
	size_t max;
};

/* The first or last id whose text starts with `prefix`. */
static int bound_of(struct slice prefix, char filler, struct id *ret_id)
{
	char text[ID_TEXT_SIZE];

	if (prefix.len >= ID_TEXT_SIZE) {
		return E_INVALID;
	}
	memset(text, filler, sizeof(text));
	if (filler == 'z' && prefix.len == 0) {
		text[0] = '7'; /* 26 digits hold two bits more than an id */
	}
	memcpy(text, prefix.ptr, prefix.len);
	return id_parse((struct slice){ text, ID_TEXT_SIZE - 1 }, ret_id);
}

/* The bits that the last digits stand for, and what they are to be. */
struct ending {
	struct id mask;
	struct id bits;
};

static int make_ending(struct slice suffix, struct ending *ret_ending)
{
	char text[ID_TEXT_SIZE];
	struct slice whole = { text, ID_TEXT_SIZE - 1 };
	char *end = text + whole.len - suffix.len;
	struct ending ending;

	memset(text, '0', whole.len);
	memset(end, 'z', suffix.len);
	int rc = id_parse(whole, &ending.mask);

	memcpy(end, suffix.ptr, suffix.len);
	if (rc == 0) {
		rc = id_parse(whole, &ending.bits);
	}
	if (rc == 0) {
		*ret_ending = ending;
	}
	return rc;
}

static bool id_ends_with(const struct id *id, const struct ending *ending)
{
	for (int i = ID_SIZE - 1; i >= 0 && ending->mask.bytes[i]; i--) {
		if ((id->bytes[i] & ending->mask.bytes[i]) !=
		    ending->bits.bytes[i]) {
			return false;
		}
	}
	return true;
}

static bool id_starts_with(const struct id *id, struct slice text)
{
	char own[ID_TEXT_SIZE];

	id_format(id, own);
	return slice_starts_with(slice_of(own), text);
}

/* What is not made of an id's digits is nobody's prefix. */
static int find_prefix(struct finding *finding)
{
	struct id lower;
	struct id bound;

	if (bound_of(finding->text, '0', &lower) ||
	    bound_of(finding->text, 'z', &bound)) {
		return 0;
	}
	while (finding->len < finding->max) {
		int rc = id_stream_at_most(&finding->runs, &bound, &bound);

		if (rc || id_compare(&bound, &lower) < 0) {
			return rc;
		}
		finding->ids[finding->len++] = bound;
		if (!id_before(&bound)) {
			return 0;
		}
	}
	return 0;
}

static int find_suffix(struct finding *finding)
{
	struct ending ending;
	struct id bound;

	if (make_ending(finding->text, &ending)) {
		return 0;
	}
	memset(bound.bytes, 0xff, ID_SIZE);
	while (finding->len < finding->max) {
		int rc = id_stream_at_most(&finding->runs, &bound, &bound);

		if (rc) {
			return rc;
		}
		if (id_ends_with(&bound, &ending) &&
		    !id_starts_with(&bound, finding->text)) {
			finding->ids[finding->len++] = bound;
		}
		if (!id_before(&bound)) {
			return 0;
		}
	}
	return 0;
}

typedef int (*find_function)(struct finding *finding);

static int find(struct finding *finding, struct env *env, MDB_txn *txn,
		find_function function)
{
	struct key prefix = { .len = 0 };
	int rc = id_stream_add(&finding->runs, env, txn, TABLE_RUNS, &prefix);

	if (rc == 0) {
		rc = function(finding);
	}
	id_stream_fini(&finding->runs);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

int view_find(struct view *view, struct slice text, struct id *ret_ids,
	      size_t max, struct err *reterr)
{
	char lower[ID_TEXT_SIZE];
	struct finding finding = {
		.text = { lower, text.len },
		.ids = ret_ids,
		.max = max,
	};
	MDB_txn *txn;

	if (text.len >= sizeof(lower)) {
		return 0;
	}
	for (size_t i = 0; i < text.len; i++) {
		lower[i] = (char)tolower((unsigned char)text.ptr[i]);
	}
	int rc = env_read(view->env, &txn, reterr);

	if (rc) {
		return rc;
	}
	rc = find(&finding, view->env, txn, find_prefix);
	/* All of an id is its own prefix. */
	if (rc == 0 && text.len < ID_TEXT_SIZE - 1) {
		rc = find(&finding, view->env, txn, find_suffix);
	}
	mdb_txn_abort(txn);
	return rc ? read_failed(rc, reterr, table_name(TABLE_RUNS))
		  : (int)finding.len;
}
