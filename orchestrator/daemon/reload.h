/*
 * A changed config, changed modules and changed programs taken up while runs
 * go on: all of it, or nothing. Runs that have started keep their definition;
 * tasks that are in hand finish on the code they began with.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "daemon/state.h"

/*
 * Fills `result`: {"changed": [{"entry", "what"}], "workflows": [names],
 * "notes": [sentences]}.
 * E_INVALID with the diagnostics as the sentence, E_UNCHANGED.
 */
int reload(struct daemon *daemon, bool dry_run, struct value *result,
	   struct err *reterr);

#endif
