/*
 * The plugins that are linked into the orchestrator, by name. Constant data,
 * any thread.
 */
#ifndef PLUGINS_SHIPPED_H
#define PLUGINS_SHIPPED_H

#include <tutti/plugin.h>

struct shipped_plugin {
	const char *name;
	const struct tutti_module *(*entry)(void);
};

/* Ends with an element whose name is NULL. */
extern const struct shipped_plugin shipped_plugins[];

#endif
