#include <ctype.h>
#include <string.h>

#include "store/handle.h"
#include "store/id_stream.h"
#include "store/read.h"

/* The bits that the last digits stand for, and what they are to be. */
struct ending {
	struct id mask;
	struct id bits;
	struct id last; /* of all ids with this end, by their ends */
};

/* The ids found so far, and what is looked for. */
struct finding {
	struct env *env;
	MDB_txn *txn;
	struct id_stream runs;
	struct slice text; /* lower case */
	struct ending ending;
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
	for (int i = 0; i < ID_SIZE; i++) {
		ending.last.bytes[i] = (unsigned char)(ending.bits.bytes[i] |
						       ~ending.mask.bytes[i]);
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

static void try_suffix(struct finding *finding, const struct id *id)
{
	if (id_ends_with(id, &finding->ending) &&
	    !id_starts_with(id, finding->text)) {
		finding->ids[finding->len++] = *id;
	}
}

/* Runs that no segment speaks for, one by one: from `bound` down to `after`,
 * which is not one of them; NULL: to the first. */
static int find_between(struct finding *finding, struct id *bound,
			const struct id *after)
{
	while (finding->len < finding->max) {
		int rc = id_stream_at_most(&finding->runs, bound, bound);

		if (rc || (after && id_compare(bound, after) <= 0)) {
			return rc;
		}
		try_suffix(finding, bound);
		if (!id_before(bound)) {
			return MDB_NOTFOUND;
		}
	}
	return 0;
}

/* Runs between the segments, of which the newest is up to `bound`, and those of
 * the segment if one of them may be meant. MDB_NOTFOUND: nothing is before. */
static int find_in_segment(struct finding *finding, struct id *bound,
			   const struct segment *segment)
{
	const struct ending *ending = &finding->ending;
	struct id before = segment->first;
	bool more = id_before(&before);
	int rc = 0;

	if (!id_equal(bound, &segment->last)) {
		rc = find_between(finding, bound, &segment->last);
	}
	if (rc == 0 && segment_has(segment, &ending->bits, &ending->last)) {
		*bound = segment->last;
		rc = find_between(finding, bound, more ? &before : NULL);
	}
	*bound = before;
	return rc == 0 && !more ? MDB_NOTFOUND : rc;
}

/* From the newest run on. */
static int find_by_segments(struct finding *finding, MDB_cursor *segments)
{
	struct id bound;
	struct segment segment;
	MDB_val key;
	MDB_val value;
	int rc = mdb_cursor_get(segments, &key, &value, MDB_LAST);

	memset(bound.bytes, 0xff, ID_SIZE);
	while (rc == 0 && finding->len < finding->max) {
		rc = segment_decode(slice_of_val(&key), slice_of_val(&value),
				    &segment);
		if (rc == 0) {
			rc = find_in_segment(finding, &bound, &segment);
		}
		if (rc) {
			return rc;
		}
		rc = mdb_cursor_get(segments, &key, &value, MDB_PREV);
	}
	return rc == MDB_NOTFOUND ? find_between(finding, &bound, NULL) : rc;
}

static int find_suffix(struct finding *finding)
{
	struct id bound;
	MDB_cursor *segments;

	if (make_ending(finding->text, &finding->ending)) {
		return 0;
	}
	if (finding->env->tables[TABLE_TAILS] == NO_TABLE) {
		memset(bound.bytes, 0xff, ID_SIZE);
		return find_between(finding, &bound, NULL);
	}
	int rc = mdb_cursor_open(finding->txn,
				 finding->env->tables[TABLE_TAILS], &segments);

	if (rc == 0) {
		rc = find_by_segments(finding, segments);
		mdb_cursor_close(segments);
	}
	return rc;
}

typedef int (*find_function)(struct finding *finding);

static int find(struct finding *finding, find_function function)
{
	struct key prefix = { .len = 0 };
	int rc = id_stream_add(&finding->runs, finding->env, finding->txn,
			       TABLE_RUNS, &prefix);

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
		.env = view->env,
		.text = { lower, text.len },
		.ids = ret_ids,
		.max = max,
	};

	if (text.len >= sizeof(lower)) {
		return 0;
	}
	for (size_t i = 0; i < text.len; i++) {
		lower[i] = (char)tolower((unsigned char)text.ptr[i]);
	}
	int rc = env_read(view->env, &finding.txn, reterr);

	if (rc) {
		return rc;
	}
	rc = find(&finding, find_prefix);
	/* All of an id is its own prefix. */
	if (rc == 0 && text.len < ID_TEXT_SIZE - 1) {
		rc = find(&finding, find_suffix);
	}
	mdb_txn_abort(finding.txn);
	return rc ? read_failed(rc, reterr, table_name(TABLE_RUNS))
		  : (int)finding.len;
}
