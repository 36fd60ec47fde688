/*
 * Which queue a registered plugin has: the one that its entry in the config
 * says, whole, else the one it declares.
 */
#ifndef DAEMON_REGISTRATION_QUEUE_H
#define DAEMON_REGISTRATION_QUEUE_H

#include "daemon/registrations.h"

/* The entry of the config that says something of the plugin; NULL: none. */
const struct config_module *
registration_entry(const struct config *config,
		   const struct registration *registration);

/*
 * Could the plugin have what it declares, or what the config gives it?
 * E_INVALID, E_CONFLICT (it is another plugin's), with the plugin.
 */
int registration_check_queue(const struct daemon *daemon,
			     const struct registration_about *about,
			     struct err *reterr);

/* The plugin has the queue that the config of now and its declaration give.
 * E_CONFLICT: it keeps what it had. */
int registration_settle_queue(struct daemon *daemon,
			      struct registration *registration,
			      struct err *reterr);

/* The plugin has none, until it is settled again. */
void registration_release_queue(struct daemon *daemon,
				struct registration *registration);

/* Is it to have another queue than it has, by the config of now, or none? */
bool registration_queue_goes(const struct daemon *daemon,
			     const struct registration *registration);

/*
 * Could all that are registered have the queues that this config gives them?
 * E_CONFLICT: two would have the same, or one the messages of another.
 */
int registrations_check_queues(const struct daemon *daemon,
			       const struct config *config, struct err *reterr);

/* Policies on the heap; NULL stands for none everywhere. */
struct queue_policy *queue_dup(const struct queue_policy *policy);
void queue_destroy(struct queue_policy *policy);

/* What is declared: NULL and null are none. E_INVALID. */
int queue_from(const struct value *document, struct queue_policy **ret_policy,
	       struct err *reterr);

/* JSON as in plugin_record; what cannot be read is none. */
char *queue_write(const struct queue_policy *policy);
struct queue_policy *queue_read(struct slice json);

#endif
