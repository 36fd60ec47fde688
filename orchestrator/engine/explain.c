#include <stdlib.h>

#include "base/alloc.h"
#include "engine/members.h"

static struct engine_candidate describe(const struct member *member)
{
	return (struct engine_candidate){
		.task = slice_dup(member->name),
		.plugin = slice_dup(member->plugin_name),
		.bound = member->binding != NO_BINDING,
		.registered = member->plugin && member->plugin->registered,
		.mandatory = member->mandatory,
		.order = member->order,
		.run_on = member->run_on,
	};
}

static int compare_names(const void *a, const void *b)
{
	const struct member *x = a;
	const struct member *y = b;
	int order = slice_compare(x->name, y->name);

	return order ? order : slice_compare(x->plugin_name, y->plugin_name);
}

static struct engine_candidate *describe_all(const struct members *members,
					     const struct members *others,
					     const struct value *attributes)
{
	struct engine_candidate *candidates =
	    alloc_zeroed(members->len + others->len, sizeof(*candidates));
	struct engine_candidate *next = candidates;

	for (size_t i = 0; i < members->len; i++, next++) {
		*next = describe(&members->list[i]);
		next->takes_part = true;
		filter_explain(members->list[i].filter, attributes, &next->why);
	}
	for (size_t i = 0; i < others->len; i++, next++) {
		*next = describe(&others->list[i]);
		filter_explain(others->list[i].filter, attributes, &next->why);
	}
	return candidates;
}

/* That of the next phase it opens: who waits takes the newest then. */
static uint64_t generation_of(const struct engine *engine, const struct id *id)
{
	const struct run *run = id ? engine_run(engine, id) : NULL;

	return run && run->pin && !run->gated ? run->pin->generation
					      : engine->catalog.generation;
}

int engine_explain(struct engine *engine,
		   const struct engine_question *question,
		   struct engine_candidate **ret_candidates, size_t *ret_len,
		   struct err *reterr)
{
	struct plan *plan;
	struct members members;
	struct members others;
	int rc =
	    plan_acquire(&engine->plans, question->definition, &plan, reterr);

	if (rc < 0) {
		return rc;
	}
	struct members_query query = {
		.catalog = &engine->catalog,
		.plan = plan,
		.activity = question->activity,
		.phase = question->phase,
		.situation = SITUATION_ANY,
		.generation = generation_of(engine, question->run),
		.attributes = question->packed,
	};

	members_find(&query, &members);
	members_find_others(&query, &members, &others);
	if (others.len) {
		qsort(others.list, others.len, sizeof(*others.list),
		      compare_names);
	}
	*ret_len = members.len + others.len;
	*ret_candidates = describe_all(&members, &others, question->attributes);
	members_fini(&members);
	members_fini(&others);
	plan_release(&engine->plans, plan);
	return 0;
}

void engine_candidates_free(struct engine_candidate *candidates, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		free(candidates[i].task);
		free(candidates[i].plugin);
		filter_explanation_fini(&candidates[i].why);
	}
	free(candidates);
}
