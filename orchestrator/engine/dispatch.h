/*
 * From "could run" to "is in an instance's hands". An instance never has more
 * than its max_tasks; the tasks of all runs that wait for a plugin stand in one
 * line, first come, first served, and go to the instance that has the least to
 * do. Those of a plugin with a queue go there instead (queue.h), and come to an
 * instance when it hands them out.
 */
#ifndef ENGINE_DISPATCH_H
#define ENGINE_DISPATCH_H

#include "engine/move.h"

/* Put a task that may run now into its plugin's queue, unless its run is
 * paused: take_up_phase() does it then. */
void dispatch_ready(struct engine *engine, struct task *task);

/* The same, but before all others: it has waited its turn already. */
void dispatch_first(struct engine *engine, struct task *task);

/* Take it out again, if it is there; task_move() does it when it ends. */
void dispatch_withdraw(struct task *task);

/* A slot of the plugin has become free. */
void dispatch_look(struct engine *engine, struct plugin *plugin);

/* The plugin was registered or removed, or has other instances: its queue is
 * told what it waits for now. Costs the queue's length when that changes. */
void dispatch_changed(struct engine *engine, struct plugin *plugin);

/* The task goes to this instance, which has a free slot. */
void dispatch_deliver(struct engine *engine, struct task *task,
		      struct instance *instance);

/* A task in nobody's hands cannot go on. */
void dispatch_fail(struct engine *engine, struct task *task,
		   struct cause cause);

/* No instance has the task any more. */
void dispatch_release(struct engine *engine, struct task *task);

/* Deliver what can be delivered: at the end of every step. */
void dispatch_all(struct engine *engine);

#endif
