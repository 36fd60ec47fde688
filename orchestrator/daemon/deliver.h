/*
 * The engine's effects as calls of the plugin host.
 */
#ifndef DAEMON_DELIVER_H
#define DAEMON_DELIVER_H

#include "daemon/state.h"

/* How the names of instances in this process begin. */
#define INSIDE_PREFIX "in-process:"

/* Carry out all effects of the output; their changes are committed. */
void deliver_effects(struct daemon *daemon);

/* The host's callbacks: they only post to the inbox. */
struct host_callbacks deliver_callbacks(struct daemon *daemon);

#endif
