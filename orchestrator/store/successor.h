/*
 * Waiting for a store without standing still: a thread blocks in owner_wait(),
 * and a descriptor becomes readable when it has come to an end. There is no way
 * to call the thread back; the end of the process takes it along.
 */
#ifndef STORE_SUCCESSOR_H
#define STORE_SUCCESSOR_H

#include "base/err.h"

struct successor;

/* E_IO when there is no thread or descriptor to be had. */
int successor_create(const char *directory, struct successor **ret_successor,
		     struct err *reterr);

/* Readable when successor_take() will not block. Borrowed. */
int successor_fd(const struct successor *successor);

/* Waits for the thread and frees it; the result of its owner_wait(). */
int successor_take(struct successor *successor, int *ret_lock,
		   struct err *reterr);

#endif
