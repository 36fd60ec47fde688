/*
 * What a plugin must not change behind the back of the process: taken before
 * and after, compared, each property for itself.
 */
#ifndef CHECK_SNAPSHOT_H
#define CHECK_SNAPSHOT_H

#include <signal.h>
#include <sys/types.h>

#include "base/buf.h"

enum property {
	PROPERTY_THREADS,
	PROPERTY_DESCRIPTORS,
	PROPERTY_SIGNALS, /* handlers, and the mask of this thread */
	PROPERTY_ENVIRONMENT,
	PROPERTY_LOCALE,
	PROPERTY_FOLDER,
	PROPERTY_UMASK,
	PROPERTY_OUTPUT,
	PROPERTIES,
};

struct snapshot {
	size_t threads;
	struct buf descriptors; /* one line each: number and what it is */
	struct sigaction actions[65];
	sigset_t mask;
	struct buf environment;
	char *locale;
	char *folder;
	mode_t umask;
	off_t output; /* bytes in the files behind stdout and stderr */
};

void snapshot_take(struct snapshot *snapshot);
void snapshot_fini(struct snapshot *snapshot);

/* Appends what has changed and what to do; nothing when nothing has. */
void snapshot_compare(const struct snapshot *before,
		      const struct snapshot *after, enum property property,
		      struct buf *out);

size_t snapshot_threads(void);

/* Threads that have been joined vanish from the list a little later: waits a
 * moment for there to be at most `wanted`. Returns how many there are. */
size_t snapshot_threads_settled(size_t wanted);

size_t snapshot_descriptors(void);

/* Bytes that are allocated, and bytes of memory in use. */
size_t snapshot_allocated(void);
size_t snapshot_resident(void);

#endif
