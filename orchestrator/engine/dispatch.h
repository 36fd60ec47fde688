/*
 * From "could run" to "is in a plugin's hands". A plugin never holds more than
 * its max_tasks; the tasks of all runs that wait for it stand in one queue,
 * first come, first served.
 */
#ifndef ENGINE_DISPATCH_H
#define ENGINE_DISPATCH_H

#include "engine/state.h"

/* Put a task that may run now into its plugin's queue. */
void dispatch_ready(struct engine *engine, struct task *task);

/* Take it out again, if it is there. */
void dispatch_withdraw(struct task *task);

/* A slot of the plugin has become free, or it has come to be. */
void dispatch_look(struct engine *engine, struct plugin *plugin);

/* The plugin no longer holds the task. */
void dispatch_release(struct engine *engine, struct task *task);

/* Deliver what can be delivered: at the end of every step. */
void dispatch_all(struct engine *engine);

#endif
