/*
 * Blames and scenes as the signal handler sees them: async-signal-safe.
 */
#ifndef HOST_CRASH_INSIDE_H
#define HOST_CRASH_INSIDE_H

#include <stdatomic.h>

#include "host/crash.h"

/* First line of a note; "signal", "task", "plugin" and "end" follow. */
#define CRASH_NOTE_HEAD "tutti crash 1"

struct host_blame {
	struct host_blame *next;
	atomic_bool used; /* the rest is constant while it is */
	char plugin[LIMIT_NAME + 1];
	struct host_range range;
	atomic_int tasks;
};

/* Of the calling thread; NULL outside plugins. */
const struct host_scene *host_scene_here(void);

/* Is it the loop's or a worker? */
bool host_thread_is_ours(void);

/* Whose code or data is there? "" when it could be several plugins'. */
const char *host_blame_find(uintptr_t address, bool *ret_found);

#endif
