#include "engine/plan.h"

#include <stdlib.h>
#include <utlist.h>

#include "base/alloc.h"

static void phase_fini(struct plan_phase *phase, size_t len)
{
	struct plan_plugin *plugin;
	struct plan_plugin *next;

	filter_index_destroy(phase->index);
	for (size_t i = 0; phase->bindings && i < len; i++) {
		filter_destroy(phase->bindings[i].filter);
		template_destroy(phase->bindings[i].template);
	}
	free(phase->bindings);
	HASH_ITER(by_name, phase->plugins, plugin, next)
	{
		HASH_DELETE(by_name, phase->plugins, plugin);
		free(plugin);
	}
}

static void plan_destroy(struct plan *plan)
{
	const struct definition *definition = plan->definition;

	for (size_t a = 0; a < definition->len; a++) {
		for (int p = 0; p < PHASE_KINDS; p++) {
			phase_fini(&plan->phases[a * PHASE_KINDS + (size_t)p],
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

struct plan_plugin *plan_plugin(const struct plan_phase *phase,
				struct slice name)
{
	struct plan_plugin *plugin = NULL;

	HASH_FIND(by_name, phase->plugins, name.ptr, name.len, plugin);
	return plugin;
}

static struct plan_plugin *make_plugin(struct plan_phase *phase,
				       const char *name)
{
	struct slice text = slice_of(name);
	struct plan_plugin *plugin = plan_plugin(phase, text);

	if (!plugin) {
		plugin = alloc_zeroed(1, sizeof(*plugin));
		plugin->name = name;
		HASH_ADD_KEYPTR(by_name, phase->plugins, plugin->name, text.len,
				plugin);
	}
	return plugin;
}

/* Generation 0 sees all: definitions never change. */
static void enter_filter(struct plan_phase *phase, const struct filter *filter,
			 size_t place)
{
	static const char purpose[] = "plan";

	if (!phase->index) {
		phase->index =
		    filter_index_create(hash_bytes(purpose, sizeof(purpose)));
	}
	filter_index_add(phase->index, filter, (uint32_t)place, 0);
}

static void enter_binding(struct plan_phase *phase,
			  const struct binding *binding, size_t place)
{
	struct plan_binding *compiled = &phase->bindings[place];
	struct plan_plugin *plugin = make_plugin(phase, binding->plugin);

	phase->counts[binding->run_on]++;
	compiled->plugin = plugin;
	if (compiled->filter) {
		enter_filter(phase, compiled->filter, place);
	} else if (plugin->last_open) {
		plugin->last_open->next_open = compiled;
		plugin->last_open = compiled;
	} else {
		plugin->first_open = compiled;
		plugin->last_open = compiled;
	}
}

static int compile_phase(struct plan *plan, size_t activity, size_t kind,
			 struct err *reterr)
{
	const struct activity_definition *definition =
	    &plan->definition->activities[activity];
	const struct phase_definition *bound = &definition->phases[kind];
	struct plan_phase *phase = &plan->phases[activity * PHASE_KINDS + kind];
	int rc = 0;

	phase->bindings = alloc_zeroed(bound->len, sizeof(*phase->bindings));
	plan->bindings += bound->len;
	for (size_t i = 0; rc == 0 && i < bound->len; i++) {
		rc = compile_binding(&bound->bindings[i], &phase->bindings[i],
				     reterr);
		if (rc == 0) {
			enter_binding(phase, &bound->bindings[i], i);
		}
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

static void leave_idle(struct plans *plans, struct plan *plan)
{
	DL_DELETE2(plans->idle, plan, prev_idle, next_idle);
	plans->idle_count--;
	plans->idle_bindings -= plan->bindings;
}

static void drop_idle(struct plans *plans)
{
	struct plan *plan = plans->idle;

	leave_idle(plans, plan);
	HASH_DELETE(by_hash, plans->by_hash, plan);
	plan_destroy(plan);
}

void plans_fini(struct plans *plans)
{
	while (plans->idle) {
		drop_idle(plans);
	}
}

int plan_acquire(struct plans *plans, struct definition *definition,
		 struct plan **ret_plan, struct err *reterr)
{
	struct plan *plan = NULL;

	HASH_FIND(by_hash, plans->by_hash, definition->hash,
		  DEFINITION_HASH_SIZE, plan);
	if (!plan) {
		int rc = plan_make(definition, &plan, reterr);

		if (rc < 0) {
			return rc;
		}
		HASH_ADD_KEYPTR(by_hash, plans->by_hash, plan->definition->hash,
				DEFINITION_HASH_SIZE, plan);
	} else if (plan->runs == 0) {
		leave_idle(plans, plan);
	}
	plan->runs++;
	*ret_plan = plan;
	return 0;
}

void plan_release(struct plans *plans, struct plan *plan)
{
	if (!plan || --plan->runs) {
		return;
	}
	DL_APPEND2(plans->idle, plan, prev_idle, next_idle);
	plans->idle_count++;
	plans->idle_bindings += plan->bindings;
	while (plans->idle_count > PLANS_IDLE_MAX ||
	       (plans->idle_bindings > BINDINGS_IDLE_MAX &&
		plans->idle_count > 1)) {
		drop_idle(plans);
	}
}

struct plan_phase *plan_phase(const struct plan *plan, uint32_t activity,
			      enum phase_kind phase)
{
	return &plan->phases[activity * PHASE_KINDS + (size_t)phase];
}
