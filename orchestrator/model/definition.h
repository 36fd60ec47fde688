/*
 * Definitions: a workflow with its activities and what the config binds to
 * their phases. A definition is complete in itself and immutable once made; a
 * run keeps the one it started with, named by the hash of its document.
 * Reference-counted, one thread.
 */
#ifndef MODEL_DEFINITION_H
#define MODEL_DEFINITION_H

#include <stdint.h>

#include "base/err.h"
#include "document/value.h"
#include "model/retry.h"
#include "model/state.h"

#define DEFINITION_HASH_SIZE 32

/* A setting that a binding makes, or leaves to the plugin's declaration. */
enum choice { CHOICE_UNSET, CHOICE_NO, CHOICE_YES };

/* A plugin bound to a phase by the config. */
struct binding {
	char *plugin;
	char *name;          /* of the task: `as`, else the plugin */
	struct value filter; /* null: the plugin's own, else everything */
	struct value with;   /* null: none */
	enum choice mandatory;
	int order;           /* 0: not given; then the list's order decides */
	int64_t timeout_ms;  /* of one attempt; 0: none */
	int64_t deadline_ms; /* of all, from the first on; 0: none */
	struct retry_policy retry;
	enum run_on run_on; /* post only */
};

enum on_failure { ON_FAILURE_DRAIN, ON_FAILURE_CANCEL };

struct phase_definition {
	struct binding *bindings;
	size_t len;
};

struct activity_definition {
	char *name;
	struct phase_definition phases[PHASE_KINDS];
	enum on_failure on_failure;
	bool fail_on_empty;            /* on_empty: fail */
	bool fail_on_optional_failure; /* optional_failure: fail */
	char **require; /* plugins it waits for, in the file's order */
	size_t require_len;
	int64_t register_window_ms; /* 0: none; a workflow's is put here too */
	int64_t deadline_ms;        /* from its start on; 0: none */
};

struct definition {
	unsigned references;
	unsigned char hash[DEFINITION_HASH_SIZE];
	char *workflow;
	struct activity_definition *activities;
	size_t len;
	int64_t deadline_ms; /* of a run, from its start on; 0: none */
};

/* Owned activity of a definition under construction; see definition_make. */
void activity_definition_fini(struct activity_definition *activity);
struct activity_definition
activity_definition_copy(const struct activity_definition *activity);

/*
 * Takes `activities` (heap array and contents) over, computes the hash, and
 * returns a definition with one reference.
 */
struct definition *definition_make(const char *workflow,
				   struct activity_definition *activities,
				   size_t len, int64_t deadline_ms);
/*
 * What an ended run is of when it goes on with a newer definition: the first
 * `reached` activities of the old one, as the newest describes them, then the
 * others of the newest, in its order. E_CONFLICT when it lacks one of them.
 */
int definition_extend(const struct definition *old, size_t reached,
		      const struct definition *newest,
		      struct definition **ret_definition, struct err *reterr);

struct definition *definition_ref(struct definition *definition);
void definition_unref(struct definition *definition); /* NULL is fine */

/* The document that is hashed, stored and shown; only what is not default. */
struct value definition_to_value(const struct definition *definition);

/* The inverse, for documents out of the store. E_CORRUPT. */
int definition_from_value(const struct value *document,
			  struct definition **ret_definition,
			  struct err *reterr);

/* "sha256:" and 64 hex digits. */
#define DEFINITION_VERSION_SIZE 72
void definition_version(const unsigned char hash[DEFINITION_HASH_SIZE],
			char text[DEFINITION_VERSION_SIZE]);

/* SHA-256 of bytes. */
void definition_hash(struct slice bytes,
		     unsigned char hash[DEFINITION_HASH_SIZE]);

/* Names: 1 to 128 bytes of UTF-8 without control characters or '/'. */
bool name_valid(struct slice name);

#endif
