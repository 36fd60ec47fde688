/*
 * One delivery of a task to a plugin, from host_deliver() until nobody needs
 * its memory any more. References are held by the table while the delivery is
 * not completed, by the worker until handle() has returned, and by every call
 * of the plugin while it lasts.
 */
#ifndef HOST_DELIVERY_H
#define HOST_DELIVERY_H

#include <pthread.h>
#include <stdatomic.h>

#include "host/registry.h"
#include "host/scope.h"

struct delivery {
	struct host_work work;
	struct host_plugin *plugin;
	struct host_door *door;
	struct host_key key;
	struct tutti_task task; /* what the plugin sees; borrows from below */
	char *texts;
	struct blob *documents[HOST_DOCUMENTS];
	atomic_uint references;
	atomic_int cause; /* TUTTI_NOT_CANCELLED, ... */
	/* [tasks lock] */
	struct delivery *next; /* in its bucket */
	bool listed;           /* in the table: not completed */
	bool over;             /* a newer attempt has been delivered */
	/* [own lock] */
	pthread_mutex_t lock;
	struct host_scope scope;
	struct err refusal; /* why finish() was refused last */
};

/* A copy with one reference, the table's; a second one is for the worker. */
struct delivery *host_delivery_create(struct host_plugin *plugin,
				      const struct host_task *task);

/* At the last reference the door goes back and the memory is freed. */
void host_delivery_unref(struct delivery *delivery);

/*
 * Complete it if nobody has: the one place where completions come from.
 * Takes the contents of `completion` over in any case and sets its key.
 * TUTTI_OK or TUTTI_ESTALE. [any thread]
 */
int32_t host_delivery_complete(struct delivery *delivery,
			       struct host_completion *completion);

/* The same with an outcome and a message alone. */
enum host_fault { HOST_NOBODYS_FAULT, HOST_PLUGINS_FAULT, HOST_NEVER_CALLED };
int32_t host_delivery_end(struct delivery *delivery, int32_t outcome,
			  enum host_fault fault, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* TUTTI_NOT_CANCELLED, ...: also true once the deadline has passed. */
int32_t host_delivery_cause(const struct delivery *delivery);

/* Work of the pool: call handle() and judge what it returns. [worker] */
void host_delivery_run(struct host_work *work);

#endif
