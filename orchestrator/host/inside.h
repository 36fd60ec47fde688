/*
 * The host itself, for the files of this room.
 */
#ifndef HOST_INSIDE_H
#define HOST_INSIDE_H

#include "host/delivery.h"
#include "host/registry.h"
#include "host/tasks.h"
#include "host/workers.h"

/*
 *	LOADING ──start──> RUNNING ──stop──> STOPPING
 *	   ^                  |
 *	   └── an init fails ─┘
 */
enum host_state { HOST_LOADING, HOST_RUNNING, HOST_STOPPING };

struct host {
	struct host_callbacks callbacks;
	enum host_state state; /* [loop] */
	pthread_t loop;        /* the thread in host_start() [loop] */
	struct host_registry registry;
	struct host_tasks tasks;
	struct host_workers workers;
	struct host *stuck_next; /* in the list of those left behind */
};

#endif
