/*
 * Who takes part in a phase: the exact set, decided once when it opens.
 *
 * Candidates are the config's bindings of the phase, and the subscriptions of
 * plugins that no binding of the phase names. A candidate whose filter does
 * not match the run's attributes is counted as filtered and is no member.
 *
 * What plugins subscribe to is taken from one generation of the catalog. Of
 * its plugins that no binding names only those count that are registered.
 */
#ifndef ENGINE_MEMBERS_H
#define ENGINE_MEMBERS_H

#include "engine/state.h"

struct member {
	struct plugin *plugin;    /* NULL: nobody knows that name yet */
	struct slice plugin_name; /* borrowed, as the name */
	struct slice name;
	uint32_t binding;            /* or NO_BINDING */
	uint32_t place;              /* of its subscription, with NO_BINDING */
	const struct filter *filter; /* that decided; NULL: everybody */
	bool mandatory;
	int order;
	uint32_t rank; /* place among equal orders; 0: by name */
	int64_t timeout_ms;
	enum run_on run_on;
};

struct members {
	struct member *list; /* by order, rank, name */
	size_t len;
	size_t cap;
	uint32_t filtered;
	size_t candidates; /* of this situation, filtered or not */
};

/* What came before a post phase: decides which of its plugins run. */
enum situation {
	SITUATION_WELL,
	SITUATION_FAILED,
	SITUATION_CANCELLED,
	SITUATION_ANY, /* whoever may run in one of them, for explanations */
};

struct members_query {
	const struct catalog *catalog;
	const struct plan *plan;
	uint32_t activity;
	enum phase_kind phase;
	enum situation situation;
	uint64_t generation;
	struct slice attributes; /* MessagePack; empty: none */
};

/* Costs about as much as there are members. Changes nothing but caches. */
void members_find(const struct members_query *query,
		  struct members *ret_members);
/* The other candidates, which are as many as were filtered. Costs as much as
 * there are candidates. */
void members_find_others(const struct members_query *query,
			 const struct members *members,
			 struct members *ret_others);

void members_fini(struct members *members);

#endif
