/*
 * Between the engine, which says what is to become of tasks with a queue, and
 * the driver that keeps their messages: carries out the engine's orders, knows
 * which queues may have something to hand out, and hands out no more than
 * consumers have room for. One thread, the loop's.
 *
 * A turn of the loop, after the engine's steps: bridge_obey() with their
 * orders; then bridge_next() as long as it has something, each followed by a
 * step and bridge_obey() of it. Nothing is polled: bridge_next() looks only at
 * queues that have become ready and at those of plugins that have become
 * hungry.
 */
#ifndef BRIDGE_BRIDGE_H
#define BRIDGE_BRIDGE_H

#include "bridge/driver.h"
#include "engine/engine.h"

struct bridge;

struct bridge_options {
	const struct queue_driver *driver;
	struct store *store;
	/* Wakes the loop. [any thread] */
	void (*wake)(void *arg);
	void *arg;
};

int bridge_open(const struct bridge_options *options, int64_t now_us,
		struct bridge **ret_bridge, struct err *reterr);
void bridge_close(struct bridge *bridge); /* NULL is fine */

/* The plugin has this queue from now on (policy->name, else its own name);
 * `policy` NULL: none. E_CONFLICT when it is another plugin's. */
int bridge_check_plugin(const struct bridge *bridge, struct slice plugin,
			const struct queue_policy *policy, struct err *reterr);
int bridge_set_plugin(struct bridge *bridge, struct slice plugin,
		      const struct queue_policy *policy, int64_t now_us,
		      struct err *reterr);

int bridge_pause(struct bridge *bridge, struct slice queue, struct slice by,
		 int64_t now_us, struct err *reterr);

/* The orders in the output, which are dropped. */
void bridge_obey(struct bridge *bridge, struct output *output, int64_t now_us);

/* What there is to tell the engine. */
enum bridge_kind { BRIDGE_NOTHING, BRIDGE_LEASED, BRIDGE_EXPIRED };

/* The next of it. Expired leases first; of queues that have something each in
 * turn. */
enum bridge_kind bridge_next(struct bridge *bridge, struct engine *engine,
			     int64_t now_us, struct message_key *ret_key);

/* What EVENT_LEASED returned for it, when that was not 0. */
void bridge_refused(struct bridge *bridge, const struct message_key *key,
		    int code, int64_t now_us);

/* When bridge_next() is wanted without a wake; 0: not at all. A time that is
 * over when it has more to say now. */
int64_t bridge_next_due(const struct bridge *bridge);
void bridge_clock_step(struct bridge *bridge, int64_t step_us);

/* As the driver's. */
int bridge_parts(struct bridge *bridge, const struct message_key *key,
		 struct blob *ret_parts[MESSAGE_PARTS], struct err *reterr);
size_t bridge_waiting(const struct bridge *bridge, struct slice queue,
		      struct message_key *ret_keys, size_t max);
/* A dead letter is thrown away; of a message that is not dead nothing changes.
 */
void bridge_drop_dead(struct bridge *bridge, const struct message_key *key);
/* A run that has ended is about to be deleted; before store_delete_run(). */
void bridge_forget_run(struct bridge *bridge, const struct id *run);
/* Is there a queue of that name? */
bool bridge_has_queue(const struct bridge *bridge, struct slice queue);
/* Of each queue that is there. */
void bridge_each_depth(const struct bridge *bridge,
		       void (*each)(void *arg, struct slice queue,
				    struct slice plugin,
				    const struct queue_depth *depth),
		       void *arg);
void bridge_committing(struct bridge *bridge);
void bridge_committed(struct bridge *bridge);

#endif
