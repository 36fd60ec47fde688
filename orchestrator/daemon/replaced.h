/*
 * Versions of plugins in this process that were replaced: they finish the tasks
 * they have, then they are over.
 */
#ifndef DAEMON_REPLACED_H
#define DAEMON_REPLACED_H

#include "daemon/registrations.h"

struct replaced {
	char *plugin;
	char *instance;
};

/* This instance is drained. Copies the names. */
void replaced_add(struct daemon *daemon, const char *plugin,
		  const char *instance);

/* The plugin's instance in this process, if it has one, is drained: its
 * successor is elsewhere. */
void replaced_inside(struct daemon *daemon, struct registration *registration);

/* End those that have no task left. After each turn. */
void replaced_reap(struct daemon *daemon);

void replaced_fini(struct daemon *daemon);

#endif
