/*
 * A copy of a whole environment. Private to the room.
 */
#ifndef STORE_COPY_H
#define STORE_COPY_H

#include "store/env.h"
#include "store/upkeep.h"

/* What is committed, to an empty file. LMDB's code. */
int copy_to_file(struct env *env, int fd, enum backup_form form);

#endif
