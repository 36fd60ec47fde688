/*
 * Plugin processes as the engine's instances: what they say over the bus
 * becomes events, and tasks go to them.
 */
#ifndef DAEMON_REMOTE_H
#define DAEMON_REMOTE_H

#include "daemon/state.h"

struct link_handlers remote_handlers(struct daemon *daemon);

/* The instance has come to its end, whoever says so. */
void remote_gone(struct daemon *daemon, const char *instance, bool died,
		 const char *message);

/* It has died, and what is to be blamed for that is a message that has failed
 * before: its attempts are counted, and end in a dead letter, while the program
 * is as good as before. */
bool remote_is_excused(struct daemon *daemon, const char *instance);

/* Has no plugin process a task in hand? */
bool remote_drained(const struct daemon *daemon);

/* Stop giving it tasks; it leaves when it has finished. */
void remote_retire(struct daemon *daemon, const char *instance);

#endif
