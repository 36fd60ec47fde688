/*
 * Who owns a store: a lock on the file owner.lock in its directory, with the
 * owner's process id written in it. The kernel drops the lock when the owner
 * ends, however it ends. Any process can ask without taking part.
 *
 * The directory itself is locked too (flock()), so that who deletes owner.lock
 * under a living owner does not make room for a second one. A process forked
 * off the owner that execs nothing does not keep the locks.
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

/*
 * The same, but wait until the owner has ended, and with it its sockets, as far
 * as its process can be seen from here. Blocks without polling, on any thread
 * that takes no signals. E_NOT_FOUND when the directory has gone, E_DENIED,
 * E_FULL, E_IO.
 */
int owner_wait(const char *directory, int *ret_fd, struct err *reterr);

/* Of either. */
void owner_unlock(int fd);

/* The owner's pid: 0 when there is none, -1 when one is there but unknown. */
int owner_find(const char *directory);

#endif
