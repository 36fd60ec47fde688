/*
 * The pages of the data file that are mapped into this process: they count as
 * its memory although they are the system's cache of the file. Linux says where
 * they are; LMDB does not. The loop's thread.
 */
#ifndef STORE_MAPPED_H
#define STORE_MAPPED_H

#include "store/env.h"

/* Take them all out of the map; what is looked at again comes back by itself,
 * from the cache. Never changes what is in the file. */
void mapped_release(struct env *env);

#endif
