/*
 * Status records in LMDB: the main table alone, keys that rise with time, one
 * write transaction at a time. What a record holds beyond its status is filler
 * of the length that is asked for.
 */
#ifndef FLOOR_STATUS_STORE_H
#define FLOOR_STATUS_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "options.h"

#define STATUS_BYTES 200

enum status { STATUS_RUNNING = 1, STATUS_DONE, STATUS_INPUT };

/* Stored with the numbers in network order, so that they sort. */
struct status_key {
	uint64_t activity;
	uint64_t plugin; /* 0: the activity itself */
};

/* What lies on disk, as a reader that opens it anew finds it. */
struct status_counts {
	uint64_t records;
	uint64_t done;
	uint64_t commits;
	uint64_t bytes; /* of the file */
};

struct status_store;

/* `most`: bytes that a record has beyond STATUS_BYTES. */
struct status_store *status_store_open(const char *folder,
				       enum durability durability, size_t most);
void status_store_close(struct status_store *store);

void status_store_begin(struct status_store *store);

/* Between begin and commit. Overwrites. */
void status_store_put(struct status_store *store, struct status_key key,
		      enum status status, size_t more);

/* Returns once the commit is as durable as it gets. */
void status_store_commit(struct status_store *store);

void status_store_count(const char *folder, struct status_counts *ret_counts);

#endif
