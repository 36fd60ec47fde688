/*
 * Finding runs by the end of their id. Ids rise with time, so `runs` is in
 * order of their beginnings; a table in order of their ends would be written
 * all over with each new run. Instead the ends of some hundred runs that follow
 * each other are gathered once, as a row of `tails`:
 *
 *	the last id -> format, the first id, ends of ids, sorted
 *
 * Such a segment speaks for all runs from the first id to the last: only if the
 * end is in it they need to be looked at. It may name runs that are gone. What
 * no segment speaks for is always looked at: the newest runs, and everything in
 * a store that has none yet. So a segment can be left out, or deleted, at any
 * time. It is small: a value that takes more than a page of LMDB's needs free
 * pages side by side, for which it searches all that are free.
 */
#ifndef STORE_TAILS_H
#define STORE_TAILS_H

#include "base/buf.h"
#include "store/env.h"

/* So many runs that no segment speaks for are gathered at a time, and so many
 * in one segment. */
#define TAILS_GATHERED 4096
#define TAILS_SEGMENT  480

/* In rows of `tails`, and valid as long as these. */
struct segment {
	struct id first;
	struct id last;
	const char *tails; /* four bytes each */
	size_t len;
};

void segment_encode(struct buf *out, const struct id *first,
		    const struct id *ids, size_t len);
/* 0 or E_CORRUPT; only the form, not the order. */
int segment_decode(struct slice key, struct slice value,
		   struct segment *ret_segment);
bool segment_is_sorted(const struct segment *segment);

/* Does it have an end from that of `from` to that of `to`? */
bool segment_has(const struct segment *segment, const struct id *from,
		 const struct id *to);

/* What the writer knows of `tails`. */
struct tails {
	bool look;        /* there may be many after the last segment */
	size_t waiting;   /* new runs since it was looked at */
	size_t in_batch;  /* of them */
	bool inspect;     /* some segments: others were added */
	struct id at;     /* from here on */
	struct id last;   /* of all segments; zeros: there is none */
	struct id lowest; /* of the new runs in the batch; zeros: none */
	bool gathered;    /* segments are in the batch */
	/* The last that were put there, one after another: from here on, up to
	 * each of these. */
	struct id made_from;
	struct id made[TAILS_GATHERED / TAILS_SEGMENT + 1];
	size_t made_len;
};

struct store;

/* At the beginning. */
int tails_load(struct store *store, struct err *reterr);
/* A new run is put into the batch. */
void tails_new_run(struct store *store, const struct id *run);
/* The batch is on its way. */
void tails_leaving(struct store *store);

#endif
