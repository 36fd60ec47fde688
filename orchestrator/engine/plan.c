#include "engine/plan.h"

#include <stdlib.h>

#include "base/alloc.h"

static void bindings_destroy(struct plan_binding *bindings, size_t len)
{
	for (size_t i = 0; bindings && i < len; i++) {
		filter_destroy(bindings[i].filter);
		template_destroy(bindings[i].template);
	}
	free(bindings);
}

static void plan_destroy(struct plan *plan)
{
	const struct definition *definition = plan->definition;

	for (size_t a = 0; a < definition->len; a++) {
		for (int p = 0; p < PHASE_KINDS; p++) {
			bindings_destroy(
			    plan->phases[a * PHASE_KINDS + (size_t)p],
			    definition->activities[a].phases[p].len);
		}
	}
	free(plan->phases);
	definition_unref(plan->definition);
	free(plan);
}

static int compile_binding(const struct binding *binding,
			   struct plan_binding *compiled, struct err *reterr)
{
	int rc = 0;

	if (binding->filter.type != VALUE_NULL) {
		rc =
		    filter_compile(&binding->filter, &compiled->filter, reterr);
	}
	if (rc == 0 && binding->with.type != VALUE_NULL) {
		rc = template_compile(&binding->with, &compiled->template,
				      reterr);
	}
	if (rc < 0) {
		err_wrap(reterr, "task '%s'", binding->name);
	}
	return rc;
}

static int compile_phase(struct plan *plan, size_t activity, size_t phase,
			 struct err *reterr)
{
	const struct activity_definition *definition =
	    &plan->definition->activities[activity];
	const struct phase_definition *bound = &definition->phases[phase];
	struct plan_binding *compiled =
	    alloc_zeroed(bound->len, sizeof(*compiled));
	int rc = 0;

	plan->phases[activity * PHASE_KINDS + phase] = compiled;
	for (size_t i = 0; rc == 0 && i < bound->len; i++) {
		rc = compile_binding(&bound->bindings[i], &compiled[i], reterr);
	}
	if (rc < 0) {
		err_wrap(reterr, "activity '%s'", definition->name);
	}
	return rc;
}

static int plan_make(struct definition *definition, struct plan **ret_plan,
		     struct err *reterr)
{
	struct plan *plan = alloc_zeroed(1, sizeof(*plan));
	int rc = 0;

	plan->definition = definition_ref(definition);
	plan->phases =
	    alloc_zeroed(definition->len * PHASE_KINDS, sizeof(*plan->phases));
	for (size_t a = 0; rc == 0 && a < definition->len; a++) {
		for (size_t p = 0; rc == 0 && p < PHASE_KINDS; p++) {
			rc = compile_phase(plan, a, p, reterr);
		}
	}
	if (rc < 0) {
		plan_destroy(plan);
		return rc;
	}
	*ret_plan = plan;
	return 0;
}

int plan_acquire(struct plan **plans, struct definition *definition,
		 struct plan **ret_plan, struct err *reterr)
{
	struct plan *plan = NULL;

	HASH_FIND(by_hash, *plans, definition->hash, DEFINITION_HASH_SIZE,
		  plan);
	if (!plan) {
		int rc = plan_make(definition, &plan, reterr);

		if (rc < 0) {
			return rc;
		}
		HASH_ADD_KEYPTR(by_hash, *plans, plan->definition->hash,
				DEFINITION_HASH_SIZE, plan);
	}
	plan->runs++;
	*ret_plan = plan;
	return 0;
}

void plan_release(struct plan **plans, struct plan *plan)
{
	if (plan && --plan->runs == 0) {
		HASH_DELETE(by_hash, *plans, plan);
		plan_destroy(plan);
	}
}

const struct plan_binding *
plan_bindings(const struct plan *plan, uint32_t activity, enum phase_kind phase)
{
	return plan->phases[activity * PHASE_KINDS + (size_t)phase];
}
