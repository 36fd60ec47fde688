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
	char *subscriptions; /* JSON, as in plugin_record */
	char *params;        /* JSON */
	char *message;       /* why it is quarantined */
	char *inside;        /* in-process: name of its instance, else NULL */
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
#define LINKED_IN        "tutti" /* module of what the program has inside */

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
};

/* NULL when there is none. */
struct registration *registration_find(const struct daemon *daemon,
				       struct slice name);

/* Is a program's plugin known that registered for that entry? */
bool registrations_has_entry(const struct daemon *daemon, const char *entry);

/*
 * Is there somebody else of that name? E_CONFLICT with a sentence. E_INVALID
 * for a name, subscription or filter that cannot be.
 */
int registration_check(const struct daemon *daemon,
		       const struct registration_about *about,
		       struct err *reterr);

/* Register or replace, in the engine and in the store's batch. */
int registration_put(struct daemon *daemon,
		     const struct registration_about *about,
		     struct err *reterr);

/* Take what the store remembers of earlier lives: crashes and quarantine of all
 * plugins, and the registrations of programs. */
int registrations_recall(struct daemon *daemon, struct err *reterr);

/* The config's overrides may be others: tell the engine again of the plugins of
 * processes. Filters that are beyond limits of now stay. */
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
