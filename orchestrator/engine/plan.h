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

struct plan_binding {
	struct filter *filter;     /* NULL: the plugin's own, else everything */
	struct template *template; /* NULL: no `with` */
};

struct plan {
	struct definition *definition;
	/* By activity * PHASE_KINDS + phase; beside the definition's. */
	struct plan_binding **phases;
	unsigned runs; /* that use it */
	UT_hash_handle by_hash;
};

/* Finds or makes the plan and counts one more run. */
int plan_acquire(struct plan **plans, struct definition *definition,
		 struct plan **ret_plan, struct err *reterr);
void plan_release(struct plan **plans, struct plan *plan);

const struct plan_binding *plan_bindings(const struct plan *plan,
					 uint32_t activity,
					 enum phase_kind phase);

#endif
