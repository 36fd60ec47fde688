/*
 * The queues in the loop: what the engine's steps have ordered goes to the
 * bridge right after them, so that a message and its task change in one commit;
 * what the bridge hands out goes back to the engine as long as consumers have
 * room.
 */
#ifndef DAEMON_QUEUES_H
#define DAEMON_QUEUES_H

#include "daemon/state.h"

/* After the store, before the first plugin is registered. */
int queues_open(struct daemon *daemon, struct err *reterr);

/* The plugin has this queue from now on, in the store too; NULL: none.
 * E_CONFLICT when it is another plugin's. */
int queues_set_plugin(struct daemon *daemon, struct slice plugin,
		      const struct queue_policy *policy, struct err *reterr);

/* What has been ordered so far; before it is committed. */
void queues_obey(struct daemon *daemon);

/* ... and what can be handed out now. */
void queues_turn(struct daemon *daemon);

#endif
