#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "store/attributes.h"
#include "store/codec.h"
#include "store/handle.h"
#include "store/id_stream.h"
#include "store/read.h"

/* With more (tenant, workflow) pairs than this their index is not used. */
#define MAX_FLOWS 256

#define ALL_STATES ((1u << GROUP_STATES) - 1)

/*
 * A listing under way. Streams that the query can use are intersected; the
 * record then has the last word on everything, so that an index only ever
 * saves work.
 */
struct listing {
	struct env *env;
	MDB_txn *txn;
	const struct view_query *query;
	struct id_stream states; /* no ranges: not used */
	struct id_stream flows;
	struct id_stream all;
	struct rows rows; /* what was found, newest first */
	bool counts;      /* only how many: no rows */
	size_t count;
	struct id failed; /* the run whose record could not be read */
};

/* ---- does a run belong to the list? ---- */

static bool is_or_any(struct slice wanted, struct slice actual)
{
	return wanted.len == 0 || slice_equal(wanted, actual);
}

static bool record_matches(const struct view_query *query,
			   const struct run_record *run)
{
	return (query->states == 0 || query->states & 1u << run->state) &&
	       run->created_us >= query->since_us &&
	       is_or_any(query->tenant, run->tenant) &&
	       is_or_any(query->workflow, run->workflow) &&
	       is_or_any(query->uid, run->uid);
}

static int read_attributes(struct listing *listing, const struct id *run,
			   struct value *ret_value)
{
	struct key key = key_tree(run, TREE_DOCUMENT, DOCUMENT_ATTRIBUTES);
	MDB_val at = val_of(key_slice(&key));
	MDB_val value;
	int rc = mdb_get(listing->txn, listing->env->tables[TABLE_TREE], &at,
			 &value);

	if (rc == MDB_NOTFOUND) {
		*ret_value = value_null();
		return 0;
	}
	return rc ? rc : read_document(slice_of_val(&value), ret_value, NULL);
}

static int check_attributes(struct listing *listing, const struct id *run,
			    bool *ret_match)
{
	const struct value *wanted = listing->query->attributes;
	struct value attributes;

	if (!wanted) {
		*ret_match = true;
		return 0;
	}
	int rc = read_attributes(listing, run, &attributes);

	if (rc == 0) {
		*ret_match = attributes_match(&attributes, wanted);
		value_clear(&attributes);
	}
	return rc;
}

/* MDB_NOTFOUND from an index that points nowhere is damage. */
static int consider(struct listing *listing, const struct id *id)
{
	struct key key = key_run(id);
	MDB_val at = val_of(key_slice(&key));
	MDB_val value;
	struct run_record run;
	bool match = false;
	int rc = mdb_get(listing->txn, listing->env->tables[TABLE_RUNS], &at,
			 &value);

	if (rc == 0) {
		rc = run_decode(slice_of_val(&value), id, &run);
	}
	if (rc == 0 && record_matches(listing->query, &run)) {
		rc = check_attributes(listing, id, &match);
	}
	listing->count += rc == 0 && match;
	if (rc == 0 && match && !listing->counts) {
		rows_add(&listing->rows, &at, &value);
	}
	if (rc) {
		listing->failed = *id;
	}
	return rc == MDB_NOTFOUND ? E_CORRUPT : rc;
}

/* ---- which indexes help ---- */

static int add_states(struct listing *listing)
{
	unsigned states = listing->query->states & ALL_STATES;

	if (states == 0 || states == ALL_STATES) {
		return 0;
	}
	for (unsigned state = 0; state < GROUP_STATES; state++) {
		struct key prefix = { .len = 0 };
		int rc = 0;

		key_put_byte(&prefix, state);
		if (states & 1u << state) {
			rc = id_stream_add(&listing->states, listing->env,
					   listing->txn, TABLE_IX_STATE,
					   &prefix);
		}
		if (rc) {
			return rc;
		}
	}
	return 0;
}

/* "tenant 0 workflow 0" at the start of a key of ix_flow. */
static int flow_prefix(struct slice key, struct key *ret_prefix)
{
	if (key.len < ID_SIZE + 2 || key.len > KEY_SIZE) {
		return E_CORRUPT;
	}
	*ret_prefix = key_text((struct slice){ key.ptr, key.len - ID_SIZE });
	return ret_prefix->bytes[ret_prefix->len - 1] == 0 ? 0 : E_CORRUPT;
}

static bool flow_wanted(const struct view_query *query,
			const struct key *prefix)
{
	struct slice tenant = slice_of((const char *)prefix->bytes);
	struct slice workflow =
	    slice_of((const char *)prefix->bytes + tenant.len + 1);

	return is_or_any(query->tenant, tenant) &&
	       is_or_any(query->workflow, workflow);
}

/* From pair to pair by seeks, whatever number of runs each has. */
static int walk_flows(struct listing *listing, MDB_cursor *cursor)
{
	const struct view_query *query = listing->query;
	struct key wanted = { .len = 0 };
	struct key prefix;

	if (query->tenant.len) {
		key_put_name(&wanted, query->tenant);
	}
	struct key start = wanted;

	for (;;) {
		MDB_val key = val_of(key_slice(&wanted));
		int rc = mdb_cursor_get(cursor, &key, NULL,
					wanted.len ? MDB_SET_RANGE : MDB_FIRST);

		if (rc ||
		    !slice_starts_with(slice_of_val(&key), key_slice(&start))) {
			return rc == MDB_NOTFOUND ? 0 : rc;
		}
		rc = flow_prefix(slice_of_val(&key), &prefix);
		if (rc == 0 && flow_wanted(query, &prefix)) {
			rc =
			    id_stream_add(&listing->flows, listing->env,
					  listing->txn, TABLE_IX_FLOW, &prefix);
		}
		if (rc) {
			return rc;
		}
		wanted = prefix;
		wanted.bytes[wanted.len - 1] = 1;
	}
}

static int add_flows(struct listing *listing)
{
	MDB_cursor *cursor;
	int rc = mdb_cursor_open(listing->txn,
				 listing->env->tables[TABLE_IX_FLOW], &cursor);

	if (rc) {
		return rc;
	}
	rc = walk_flows(listing, cursor);
	mdb_cursor_close(cursor);
	return rc;
}

static int add_all(struct listing *listing)
{
	struct key prefix = { .len = 0 };

	return id_stream_add(&listing->all, listing->env, listing->txn,
			     TABLE_RUNS, &prefix);
}

/* ---- walking them ---- */

static bool enough(const struct listing *listing)
{
	size_t limit = listing->query->limit;

	return limit && listing->rows.len >= limit;
}

/* Ids start with the millisecond in which they were made. */
static bool too_old(const struct listing *listing, const struct id *id)
{
	int64_t ms = (int64_t)(read_u64(id->bytes) >> 16);

	return ms < listing->query->since_us / 1000;
}

/* The next id that both streams have; `b` may be without ranges. */
static int next_of_both(struct id_stream *a, struct id_stream *b,
			struct id *bound)
{
	for (;;) {
		struct id first;
		struct id second;
		int rc = id_stream_at_most(a, bound, &first);

		if (rc || b->len == 0) {
			*bound = first;
			return rc;
		}
		rc = id_stream_at_most(b, &first, &second);
		if (rc) {
			return rc;
		}
		*bound = second;
		if (id_equal(&first, &second)) {
			return 0;
		}
	}
}

static int walk(struct listing *listing, struct id_stream *a,
		struct id_stream *b)
{
	struct id bound;

	memset(bound.bytes, 0xff, ID_SIZE);
	for (;;) {
		int rc = next_of_both(a, b, &bound);

		if (rc || too_old(listing, &bound)) {
			return rc == MDB_NOTFOUND ? 0 : rc;
		}
		rc = consider(listing, &bound);
		if (rc || enough(listing) || !id_before(&bound)) {
			return rc;
		}
	}
}

static int list_by_index(struct listing *listing)
{
	const struct view_query *query = listing->query;
	bool by_flow = query->tenant.len || query->workflow.len;
	int rc = add_states(listing);

	if (rc == 0 && by_flow) {
		rc = add_flows(listing);
		if (rc == 0 && listing->flows.len == 0) {
			return 0;
		}
	}
	if (rc) {
		return rc;
	}
	if (listing->flows.len > MAX_FLOWS) {
		id_stream_fini(&listing->flows);
	}
	if (listing->states.len) {
		return walk(listing, &listing->states, &listing->flows);
	}
	if (listing->flows.len) {
		return walk(listing, &listing->flows, &listing->states);
	}
	rc = add_all(listing);
	return rc ? rc : walk(listing, &listing->all, &listing->states);
}

/* ---- by uid: few, one for each tenant and workflow ---- */

static int newest_first(const void *a, const void *b)
{
	return id_compare(b, a);
}

static int consider_all(struct listing *listing, struct id *ids, size_t len)
{
	qsort(ids, len, sizeof(*ids), newest_first);
	for (size_t i = 0; i < len && !enough(listing); i++) {
		int rc = consider(listing, &ids[i]);

		if (rc) {
			return rc;
		}
	}
	return 0;
}

static int list_by_uid(struct listing *listing)
{
	struct key prefix = { .len = 0 };
	struct rows found = { 0 };

	key_put_name(&prefix, listing->query->uid);
	int rc = rows_scan(&found, listing->env, listing->txn, TABLE_IX_UID,
			   key_slice(&prefix));
	struct id *ids = alloc_zeroed(found.len, sizeof(*ids));

	for (size_t i = 0; i < found.len && rc == 0; i++) {
		rc = uid_decode(rows_value(&found, i), &ids[i]);
	}
	if (rc == 0) {
		rc = consider_all(listing, ids, found.len);
	}
	free(ids);
	rows_fini(&found);
	return rc;
}

/* ---- the result ---- */

static int list_take(struct rows *rows, struct run_list *ret_list)
{
	struct run_record *runs = alloc_zeroed(rows->len, sizeof(*runs));

	for (size_t i = 0; i < rows->len; i++) {
		struct id id;
		int rc = key_last_id(rows_key(rows, i), &id);

		if (rc == 0) {
			rc = run_decode(rows_value(rows, i), &id, &runs[i]);
		}
		if (rc) {
			free(runs);
			return rc;
		}
	}
	ret_list->runs = runs;
	ret_list->len = rows->len;
	ret_list->memory = rows_take(rows);
	return 0;
}

static int list_failed(const struct listing *listing, int code,
		       struct err *reterr)
{
	static const struct id none;
	char what[ID_TEXT_SIZE + 8] = "an index";

	if (!id_equal(&listing->failed, &none)) {
		char text[ID_TEXT_SIZE];

		id_format(&listing->failed, text);
		(void)snprintf(what, sizeof(what), "runs/%s", text);
	}
	return read_failed(code, reterr, what);
}

/* A uid or name that cannot be in the store, or be made a key of. */
static bool impossible(const struct view_query *query)
{
	return query->uid.len > LIMIT_UID || query->tenant.len > LIMIT_NAME ||
	       query->workflow.len > LIMIT_NAME;
}

static int collect(struct listing *listing)
{
	if (impossible(listing->query)) {
		return 0;
	}
	return listing->query->uid.len ? list_by_uid(listing)
				       : list_by_index(listing);
}

/* ---- how many ---- */

/* Is the state, or nothing, all that is asked for? */
static bool is_of_states(const struct view_query *query)
{
	return query->tenant.len == 0 && query->workflow.len == 0 &&
	       query->uid.len == 0 && query->since_us == 0 &&
	       !query->attributes;
}

static int count_all(struct listing *listing)
{
	MDB_stat stat;
	int rc =
	    mdb_stat(listing->txn, listing->env->tables[TABLE_RUNS], &stat);

	if (rc == 0) {
		listing->count = stat.ms_entries;
	}
	return rc;
}

/* The keys of ix_state say it all. */
static int count_state(struct listing *listing, MDB_cursor *cursor,
		       unsigned state)
{
	unsigned char first = (unsigned char)state;
	MDB_val key = { .mv_size = 1, .mv_data = &first };
	int rc = mdb_cursor_get(cursor, &key, NULL, MDB_SET_RANGE);

	while (rc == 0 && *(const unsigned char *)key.mv_data == state) {
		listing->count++;
		rc = mdb_cursor_get(cursor, &key, NULL, MDB_NEXT);
	}
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int count_states(struct listing *listing)
{
	MDB_cursor *cursor;
	int rc = mdb_cursor_open(listing->txn,
				 listing->env->tables[TABLE_IX_STATE], &cursor);

	if (rc) {
		return rc;
	}
	for (unsigned state = 0; state < GROUP_STATES && rc == 0; state++) {
		if (listing->query->states & 1u << state) {
			rc = count_state(listing, cursor, state);
		}
	}
	mdb_cursor_close(cursor);
	return rc;
}

static int count(struct listing *listing)
{
	uint32_t states = listing->query->states & ALL_STATES;

	if (!is_of_states(listing->query)) {
		return collect(listing);
	}
	return states == 0 || states == ALL_STATES ? count_all(listing)
						   : count_states(listing);
}

static void listing_fini(struct listing *listing)
{
	id_stream_fini(&listing->states);
	id_stream_fini(&listing->flows);
	id_stream_fini(&listing->all);
	mdb_txn_abort(listing->txn);
}

int view_count(struct view *view, const struct view_query *query,
	       size_t *ret_count, struct err *reterr)
{
	struct view_query all = *query;
	struct listing listing = {
		.env = view->env,
		.query = &all,
		.counts = true,
	};
	int rc = env_read(view->env, &listing.txn, reterr);

	if (rc) {
		return rc;
	}
	all.limit = 0;
	rc = count(&listing);
	listing_fini(&listing);
	if (rc) {
		return list_failed(&listing, rc, reterr);
	}
	*ret_count = listing.count;
	return 0;
}

int view_list(struct view *view, const struct view_query *query,
	      struct run_list *ret_list, struct err *reterr)
{
	struct listing listing = { .env = view->env, .query = query };
	int rc = env_read(view->env, &listing.txn, reterr);

	if (rc) {
		return rc;
	}
	rc = collect(&listing);
	listing_fini(&listing);
	if (rc == 0) {
		rc = list_take(&listing.rows, ret_list);
	}
	rows_fini(&listing.rows);
	return rc ? list_failed(&listing, rc, reterr) : 0;
}

void run_list_fini(struct run_list *list)
{
	free(list->runs);
	free(list->memory);
	*list = (struct run_list){ 0 };
}
