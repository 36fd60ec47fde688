/*
 * The engine's effects as calls of the plugin host.
 */
#ifndef DAEMON_DELIVER_H
#define DAEMON_DELIVER_H

#include "daemon/state.h"

/* How the names of instances in this process begin. */
#define INSIDE_PREFIX "in-process:"

/* Carry out all effects of the output; their changes are committed. */
void deliver_effects(struct daemon *daemon, const struct output *output);

/* Only those for plugins inside this process, ahead of the commit. Called
 * again, or followed by deliver_effects(), it is the rest that is done. */
void deliver_inside(struct daemon *daemon, struct output *output);

/* The host's callbacks: they only post to the inbox. */
struct host_callbacks deliver_callbacks(struct daemon *daemon);

#endif
