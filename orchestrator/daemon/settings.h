/*
 * Settings of the config that are no module's and no workflow's, and that a
 * reload takes over. Those that it cannot are refused by reload().
 */
#ifndef DAEMON_SETTINGS_H
#define DAEMON_SETTINGS_H

#include "daemon/state.h"

/* Appends {"entry": SETTING, "what": "BEFORE -> AFTER"} for each that is
 * another one. */
void settings_compare(const struct config *before, const struct config *after,
		      struct value *changed);

/*
 * A sentence for each program that has registered filters beyond the limits of
 * `config`: array of texts. It keeps them until it says hello again, which will
 * be refused. Programs whose entry `config` does not have are left out.
 */
struct value settings_beyond(const struct daemon *daemon,
			     const struct config *config);

#endif
