/*
 * What a commit costs where a store would be: a store of its own, into which
 * the records are put that the steps of an activity of one plugin before, eight
 * at once and one after write, without an engine, plugins or a daemon.
 *
 * The two inner steps take turns: the first plugin has answered and eight are
 * called; those have answered and the last is called. One thread.
 */
#ifndef STORE_PROBE_H
#define STORE_PROBE_H

#include "store/store.h"

struct probe;

/* In a directory as store_open() takes it, with its codes; nobody else's. */
int probe_open(const char *directory, enum durability durability,
	       struct probe **ret_probe, struct err *reterr);

/* Puts the records of the next step and commits them. E_FULL, E_IO. */
int probe_commit(struct probe *probe, struct err *reterr);

/* How long the last one took, from its first record until it was on disk. */
int64_t probe_commit_ns(const struct probe *probe);

void probe_close(struct probe *probe); /* NULL is fine */

#endif
