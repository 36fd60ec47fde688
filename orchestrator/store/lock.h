/*
 * Who owns a store: a lock on the file owner.lock in its directory, with the
 * owner's process id written in it. The kernel drops the lock when the owner
 * ends, however it ends. Any process can ask without taking part.
 */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include <stdbool.h>

#include "base/err.h"

/*
 * Take the lock. On success *ret_fd keeps it until it is closed. E_BUSY when
 * somebody has it, E_DENIED, E_FULL, E_IO.
 */
int owner_lock(const char *directory, int *ret_fd, struct err *reterr);
void owner_unlock(int fd);

/* The owner's pid: 0 when there is none, -1 when one is there but unknown. */
int owner_find(const char *directory);

#endif
