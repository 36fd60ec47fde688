/*
 * The table of deliveries that are not completed. Being in it is the one test
 * of "may still be finished": whoever takes a delivery out, under the lock,
 * is the one that completes it. [any thread]
 *
 * Two attempts of one task can be in it at once, when the older was given up
 * but its plugin has not let go of it.
 */
#ifndef HOST_TASKS_H
#define HOST_TASKS_H

#include "host/delivery.h"

struct host_tasks {
	pthread_mutex_t lock; /* "tasks lock" */
	struct delivery **buckets;
	size_t bucket_count; /* a power of two */
	size_t len;
	_Atomic size_t pinned; /* deliveries in memory, completed or not */
};

void host_tasks_init(struct host_tasks *tasks);
void host_tasks_fini(struct host_tasks *tasks);

/*
 * Adds a delivery and gives it a door. Older attempts of the same task are
 * over from now on. E_BUSY beyond max_tasks, E_CONFLICT for an attempt that is
 * there already.
 */
int host_tasks_add(struct host_tasks *tasks, struct delivery *delivery,
		   struct err *reterr);

/* Has nobody completed it? */
bool host_tasks_listed(struct host_tasks *tasks,
		       const struct delivery *delivery);

enum host_taken {
	HOST_NOT_MINE,   /* somebody else has completed it */
	HOST_TAKEN,      /* complete it */
	HOST_TAKEN_OVER, /* complete it; a newer attempt has been delivered */
};

/* The table's reference goes to the caller when it has taken the delivery. */
enum host_taken host_tasks_take(struct host_tasks *tasks,
				struct delivery *delivery);

/*
 * What a plugin's call is about, with a reference, or NULL: the delivery of the
 * door it came through when the id is that one's, else the plugin's oldest
 * attempt with this id.
 */
struct delivery *host_tasks_find(struct host_tasks *tasks,
				 const struct host_door *door,
				 struct tutti_task_id id);

/* By its full name, with a reference, or NULL. */
struct delivery *host_tasks_find_key(struct host_tasks *tasks,
				     const struct host_key *key);

/* The delivery's memory goes: its door is free again. */
void host_tasks_release(struct host_tasks *tasks, struct delivery *delivery);

struct tutti_task_id host_task_id(const struct host_key *key);

#endif
