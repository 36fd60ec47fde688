/*
 * This program again, in other processes. They are killed when they are no
 * longer needed, and when this one ends in another way.
 */
#ifndef FLOOR_CHILDREN_H
#define FLOOR_CHILDREN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct children {
	pid_t *pids;
	size_t len;
};

void children_init(struct children *children, size_t cap);

/* Sends them away and waits for them. */
void children_fini(struct children *children);

/* By the main thread: they do not outlive the one that starts them. */
void children_start(struct children *children, char *const *argv);

/* That all of them have used so far, with all their threads. */
int64_t children_cpu_ns(const struct children *children);

/* In the child, before anything else. */
void children_follow(void);

#endif
