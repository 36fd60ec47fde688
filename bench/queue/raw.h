/*
 * LMDB itself, doing with a table what the embedded driver does with its own:
 * as many puts, updates and deletes of rows of the same size, in as many
 * commits that are synced in the same way. Ends the process when it cannot.
 */
#ifndef BENCH_QUEUE_RAW_H
#define BENCH_QUEUE_RAW_H

#include <stdbool.h>
#include <stddef.h>

#include "bridge/driver.h"

struct raw;

struct raw *raw_open(const char *directory, bool relaxed);
void raw_close(struct raw *raw);

/* One commit. */
void raw_put(struct raw *raw, const struct message_key *keys, size_t len,
	     struct slice value);
void raw_delete(struct raw *raw, const struct message_key *keys, size_t len);

#endif
