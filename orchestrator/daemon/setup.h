/*
 * Before the loop: plugins loaded, known to the engine and written down.
 */
#ifndef DAEMON_SETUP_H
#define DAEMON_SETUP_H

#include "daemon/state.h"

/*
 * Load the config's modules, then the linked-in plugins whose names are still
 * free, and check that every plugin the config binds exists. All mistakes are
 * appended to `diagnostics`; E_INVALID when there was one.
 */
int setup_plugins(struct host *host, const struct daemon_options *options,
		  struct buf *diagnostics);

/* Tell the engine about the plugins, and the store for those who look. */
int setup_register(struct daemon *daemon, struct err *reterr);

#endif
