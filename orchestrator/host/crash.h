/*
 * Who is to blame when this process dies of a fault. While a thread is inside
 * a plugin it says so (the scene); each plugin has an entry in a list of the
 * process that is only ever appended to (the blame). A signal handler can read
 * both at any time: nothing in them is freed. See host_watch_crashes().
 */
#ifndef HOST_CRASH_H
#define HOST_CRASH_H

#include "base/limits.h"
#include "host/host.h"
#include "host/image.h"

struct host_blame;

/* An entry for a plugin whose code lies in this range. [loop] */
struct host_blame *host_blame_take(const char *plugin, struct host_range range);
/* Is used for another plugin later. NULL is fine. [loop] */
void host_blame_give(struct host_blame *blame);
/* Tasks in its hands: one more (1) or less (-1). [any thread] */
void host_blame_count(struct host_blame *blame, int change);

/* What the calling thread does. */
struct host_scene {
	struct host_blame *blame; /* NULL: nothing of a plugin's */
	bool has_task;
	struct host_key key;
};

/* From now on it works for a plugin, on a task unless `key` is NULL. Scenes
 * nest: `ret_before` is for host_scene_leave(). */
void host_scene_enter(struct host_blame *blame, const struct host_key *key,
		      struct host_scene *ret_before);
void host_scene_leave(const struct host_scene *before);

/*
 * A stack for signal handlers of the calling thread, so that an overflow of
 * its own can be told. Threads that have one are known as the host's. To be
 * taken off by the same thread before it ends.
 */
struct host_stack {
	void *memory; /* NULL: there was one already */
	size_t size;
};

void host_stack_init(struct host_stack *ret_stack);
void host_stack_fini(struct host_stack *stack);

/* Ends what host_watch_crashes() began; an empty note goes. [loop] */
void host_unwatch_crashes(void);

#endif
