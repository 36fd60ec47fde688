/*
 * The plugins there are, as far as store and daemon tell: what is registered,
 * from the store's records, with the daemon's own numbers when it answers; and
 * the entries of the config that are processes. Rows are JSON documents, as
 * `tutti plugins -o json` prints them. One thread.
 */
#ifndef CLI_REGISTRY_H
#define CLI_REGISTRY_H

#include "cli/place.h"
#include "document/value.h"

struct registry {
	struct value plugins;   /* rows, entries without a plugin too */
	struct value processes; /* as the daemon tells, as is `bus` */
	struct value bus;       /* null: it listens for no plugins */
	bool live;              /* the daemon has answered */
};

/* What view_plugins() returns. */
int registry_read(struct registry *registry, const struct looking *looking,
		  struct err *reterr);
void registry_fini(struct registry *registry);

/*
 * Join what the store and the daemon (`answer`, null without one) say. Pure;
 * registry_read() is this with both asked.
 */
void registry_join(struct registry *registry, const struct plugin_list *records,
		   const struct value *answer);

/* The row of a registered plugin; of an entry; of either. NULL: none. */
const struct value *registry_plugin(const struct registry *registry,
				    struct slice name);
const struct value *registry_process(const struct registry *registry,
				     struct slice entry);
const struct value *registry_row(const struct registry *registry,
				 struct slice name);

/* "starting", "ready", "down", "gave up", "not wanted". */
const char *registry_process_state(const struct value *process);

/* What is wrong with a process, and what to type; nothing when all is well:
 * "was given up after 5 deaths, the last: killed by signal 11 (SIGSEGV); ..."
 */
void registry_put_process(struct buf *out, const struct value *process);

#endif
