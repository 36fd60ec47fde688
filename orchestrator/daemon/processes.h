/*
 * Plugin processes that the config wants: what the supervisor is told, and what
 * follows when one of them ends.
 */
#ifndef DAEMON_PROCESSES_H
#define DAEMON_PROCESSES_H

#include "daemon/state.h"

/* The command line of an isolated or process entry, for people; NULL for
 * modules in this process. free() it. */
char *processes_command(const struct config_module *module);

/* SHA-256 in hex over the program and those of its arguments that are files,
 * or over the module's file: changes when the code does. free() it. */
char *processes_hash(const struct config_module *module);

/* Open the bus when the config needs one. Nothing is started yet. */
int processes_prepare(struct daemon *daemon, struct err *reterr);

/* Start what the config wants. */
void processes_start(struct daemon *daemon);

/* Tell the supervisor of one entry: again with other numbers, or (renew) with
 * other code, whose old processes leave when the new ones are ready. */
void processes_set(struct daemon *daemon, const struct config_module *module,
		   enum supervisor_renew renew);

/* What the supervisor says of an entry; false: it has none of that name. */
bool processes_status(const struct daemon *daemon, const char *entry,
		      struct supervisor_status *ret_status);

/* No process of it is wanted any more. */
void processes_remove(struct daemon *daemon, const char *entry);

/* Those that run old code, or are too many, finish what they have and go. */
void processes_retire(struct daemon *daemon, const char *entry);

/* The processes are told to finish; true once all have gone. */
bool processes_stop(struct daemon *daemon);

/* The code that the entry's processes were started with: its hash; NULL when
 * not known. */
const char *processes_known_hash(const struct daemon *daemon,
				 const char *entry);
void processes_keep_hash(struct daemon *daemon,
			 const struct config_module *module);

/* Tell the engine until when programs are awaited, by their windows. */
void processes_expect(struct daemon *daemon);

/* The config's entry of that name, isolated or process; NULL: none. */
const struct config_module *processes_entry(const struct daemon *daemon,
					    struct slice name);

#endif
