/*
 * Who takes part in a phase: the exact set, decided once when it opens.
 *
 * Candidates are the config's bindings of the phase, and the subscriptions of
 * plugins that no binding of the phase names. A candidate whose filter does
 * not match the run's attributes is counted as filtered and is no member.
 */
#ifndef ENGINE_MEMBERS_H
#define ENGINE_MEMBERS_H

#include "engine/state.h"

struct member {
	struct plugin *plugin;
	struct slice name; /* borrowed from binding or plugin */
	uint32_t binding;  /* or NO_BINDING */
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
enum situation { SITUATION_WELL, SITUATION_FAILED, SITUATION_CANCELLED };

void members_find(struct engine *engine, const struct run *run,
		  uint32_t activity, enum phase_kind phase,
		  enum situation situation, struct members *ret_members);
void members_fini(struct members *members);

#endif
