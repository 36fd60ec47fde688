/*
 * Before the loop: plugins loaded, known to the engine and written down.
 */
#ifndef DAEMON_SETUP_H
#define DAEMON_SETUP_H

#include "daemon/state.h"

/*
 * Load the config's modules, then the linked-in plugins whose names are still
 * free; ask isolated modules, in a process of their own, what they hold; check
 * that every plugin the config binds exists. All mistakes are appended to
 * `diagnostics`; E_INVALID when there was one. `isolated` (a map from entry to
 * description) is filled.
 */
int setup_plugins(struct host *host, const struct daemon_options *options,
		  struct value *isolated, struct buf *diagnostics);

/* The parts of it that a reload needs as well. */
int setup_describe(const struct config *config, const struct host *host,
		   struct value *isolated, struct buf *diagnostics);
/* Are the filters that the plugins of a module declare sound, and within the
 * limits of the config? Of one that has described itself, and of one that is
 * loaded into this process. */
bool setup_check_described(const struct config *config,
			   const struct config_module *module,
			   const struct value *description,
			   struct buf *diagnostics);
bool setup_check_loaded(const struct config *config,
			const struct config_module *module,
			const struct host *host, struct buf *diagnostics);

/* `provided` is a map with the names of all plugins that there are. */
int setup_check_references(const struct config *config,
			   const struct value *provided,
			   struct buf *diagnostics);

/* The entry of the config that a plugin of this process comes from, or that is
 * about it; NULL: none. */
const struct config_module *setup_entry_of(const struct config *config,
					   const struct host_plugin_info *info);

/* Has each queue one plugin, of those that are there before any program
 * registers? `isolated` as from setup_describe(). */
bool setup_check_queues(const struct config *config, const struct host *host,
			const struct value *isolated, struct buf *diagnostics);

/* Tell the engine about the plugins, and the store for those who look. */
int setup_register(struct daemon *daemon, const struct value *isolated,
		   struct err *reterr);

/* One plugin of this process: registered, and its instance takes tasks. What
 * was its instance before is drained. */
int setup_register_inside(struct daemon *daemon,
			  const struct host_plugin_info *info,
			  struct err *reterr);

/* What is linked in under this name made room for another, which is gone. */
void setup_linked_again(struct daemon *daemon, const char *name);

/* The plugins of one isolated module, without an instance yet. */
int setup_register_isolated(struct daemon *daemon,
			    const struct config_module *module,
			    const struct value *description,
			    struct err *reterr);

#endif
