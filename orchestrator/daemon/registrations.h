/*
 * The plugins that are known, by name: those of modules in this process, of
 * isolated modules, and of programs that registered themselves, now or in the
 * life of an earlier daemon. Each is written down in the store when it changes.
 */
#ifndef DAEMON_REGISTRATIONS_H
#define DAEMON_REGISTRATIONS_H

#include "daemon/state.h"

struct registration {
	char *name;
	char *version;
	char *help;
	char *module; /* file, command line, or REGISTERS_ITSELF */
	char *hash;
	enum config_form form;
	char *entry;  /* isolated and process: the config's; NULL: none */
	char *source; /* in-process and isolated: the module's file; or NULL */
	char *subscriptions;           /* JSON, as in plugin_record */
	char *params;                  /* JSON */
	struct queue_policy *declared; /* its own queue; NULL: none */
	struct queue_policy *queue;    /* what holds; NULL: none. The config's
					  whole, else `declared` */
	char *message;                 /* why it is quarantined */
	char *inside; /* in-process: name of its instance, else NULL */
	uint32_t inside_version; /* of the module, as the host counts */
	uint32_t max_tasks;
	uint32_t crashes;
	bool quarantined;
	bool ephemeral;
	bool always_run;
	bool leaving; /* of a reload: its owner is gone */
	bool current; /* the code in `hash` has been seen by this daemon */
	UT_hash_handle by_name;
};

#define REGISTERS_ITSELF "registers itself"
#define LINKED_IN        "tutti"     /* module of what the program has inside */
#define ANNOUNCED        "announced" /* ... of `plugin: NAME` until it comes */

/* What a plugin says of itself, whichever way it came. Borrowed. */
struct registration_about {
	struct slice name;
	struct slice version;
	struct slice help;
	struct slice module;
	struct slice hash;
	enum config_form form;
	const char *entry;
	const char *source;
	uint32_t max_tasks;
	bool ephemeral;
	bool always_run;
	const struct value *subscriptions; /* as in plugin_record */
	const struct value *params;
	const struct value *queue; /* declared, as queue_policy_to_value(); NULL
				      or null: none */
};

/* NULL when there is none. */
struct registration *registration_find(const struct daemon *daemon,
				       struct slice name);

/* Is a program's plugin known that registered for that entry? */
bool registrations_has_entry(const struct daemon *daemon, const char *entry);

/*
 * Is there somebody else of that name, or with a queue of that name? E_CONFLICT
 * with a sentence. E_INVALID for a name, subscription, filter or queue that
 * cannot be.
 */
int registration_check(const struct daemon *daemon,
		       const struct registration_about *about,
		       struct err *reterr);

/* Register or replace, in the engine and in the store's batch. E_CONFLICT when
 * its queue is another plugin's. */
int registration_put(struct daemon *daemon,
		     const struct registration_about *about,
		     struct err *reterr);

/* Take what the store remembers of earlier lives: crashes and quarantine of all
 * plugins, and the registrations of programs. */
int registrations_recall(struct daemon *daemon, struct err *reterr);

/* Plugins of the config's entries with `plugin: NAME`, which count as
 * registered from now on, unless they are. */
void registrations_announce(struct daemon *daemon);

/* Tell the log of entries whose queue is that of a plugin that nobody knows. */
void registrations_log_unnamed(const struct daemon *daemon);

/* The config is another: plugins that are to have another queue, or none, let
 * go of theirs, so that others can have it. */
void registrations_release_queues(struct daemon *daemon);

/* The config's overrides and queues may be others: tell the engine again of the
 * plugins of processes. Filters that are beyond limits of now stay. */
void registrations_refresh(struct daemon *daemon);

/* The registration ends, in engine and store. */
void registration_remove(struct daemon *daemon, struct registration *about,
			 struct slice actor);

/* Set or lift quarantine; told to the engine, written down. */
void registration_quarantine(struct daemon *daemon,
			     struct registration *registration, bool on,
			     const char *message);

/* Write it down as it is now. */
void registration_write(struct daemon *daemon,
			const struct registration *registration);

void registrations_fini(struct daemon *daemon);

const char *registration_form_name(enum config_form form);

/* "ready", "no instance", "quarantined" */
const char *registration_state(const struct daemon *daemon,
			       const struct registration *registration);

#endif
