/*
 * The heap of this process: jemalloc's where the program is linked with it, as
 * `tutti` is, else the C library's. jemalloc because documents and tasks are
 * allocated on one thread and freed on another, for which it takes half of what
 * glibc does. Any thread.
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stddef.h>

/* Before there are other threads: no more arenas than are of use here, since
 * each keeps memory of its own. */
void heap_prepare(void);

/* How many bytes are allocated. */
size_t heap_allocated(void);

/* What is free goes back to the system. Takes a while. */
void heap_give_back(void);

#endif
