/*
 * A definition made ready to run: filters and templates compiled once, shared
 * by all runs of that definition.
 */
#ifndef ENGINE_PLAN_H
#define ENGINE_PLAN_H

#include "base/hash.h"
#include <uthash.h>

#include "document/template.h"
#include "filter/filter.h"
#include "model/definition.h"

struct plugin;
struct subscription;

struct plan_binding {
	struct filter *filter;     /* NULL: the plugin's own, else everything */
	struct template *template; /* NULL: no `with` */
	struct plan_plugin *plugin;
	/* The next of its plugin's without a filter. */
	struct plan_binding *next_open;
};

/* A plugin that is bound to a phase, once or more often. */
struct plan_plugin {
	const char *name;
	struct plan_binding *first_open; /* its bindings without a filter */
	struct plan_binding *last_open;
	/* What the audience found. */
	struct plugin *known;           /* NULL: nobody knows that name */
	const struct subscription *own; /* to the same door, or NULL */
	struct plan_plugin *next_easy;
	UT_hash_handle by_name;
};

/*
 * What the plugins of a phase have of their own at its door, for one
 * generation: kept until something registers, or another generation is asked
 * for.
 */
struct audience {
	bool filled;
	uint64_t generation;
	uint64_t newest; /* generation when it was found */
	size_t replaced; /* subscriptions that do not count: bound here */
	bool lent;       /* a binding goes by its plugin's own filter */
	/* Those whose bindings without a filter take everybody. */
	struct plan_plugin *first_easy;
};

struct plan_phase {
	struct plan_binding *bindings; /* beside the definition's */
	struct filter_index *index;    /* of those with a filter; or NULL */
	struct plan_plugin *plugins;   /* plan_plugin::by_name */
	size_t counts[RUN_ON_KINDS];   /* of bindings */
	struct audience audience;
};

struct plan {
	struct definition *definition;
	struct plan_phase *phases; /* by activity * PHASE_KINDS + phase */
	size_t bindings;           /* of all phases */
	unsigned runs;             /* that use it */
	UT_hash_handle by_hash;
	struct plan *next_idle;
	struct plan *prev_idle;
};

/*
 * All plans, by the hash of their definition. Those that no run uses are kept
 * for the next one, as long as they are few and small: a definition with
 * 100,000 filters takes a while to compile.
 */
#define PLANS_IDLE_MAX    64
#define BINDINGS_IDLE_MAX 250000

struct plans {
	struct plan *by_hash;
	struct plan *idle; /* the one idle for longest first */
	size_t idle_count;
	size_t idle_bindings;
};

/* No run uses any of them. */
void plans_fini(struct plans *plans);

/* Finds or makes the plan and counts one more run. */
int plan_acquire(struct plans *plans, struct definition *definition,
		 struct plan **ret_plan, struct err *reterr);
void plan_release(struct plans *plans, struct plan *plan); /* NULL is fine */

struct plan_phase *plan_phase(const struct plan *plan, uint32_t activity,
			      enum phase_kind phase);

/* NULL when the phase binds no such plugin. */
struct plan_plugin *plan_plugin(const struct plan_phase *phase,
				struct slice name);

#endif
