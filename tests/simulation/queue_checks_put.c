/* What enters a queue is what there is then. See queues.h. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "document/pack.h"
#include "sim.h"

static const struct value *find(const struct value *map, const char *key)
{
	return map->type == VALUE_MAP ? value_get(map, key) : NULL;
}

/* {"k": number} or nothing: -1. */
static int64_t number_in(const struct blob *document, const char *key)
{
	struct value map = value_null();

	if (document) {
		(void)pack_read(blob_slice(document), NULL, &map, NULL);
	}
	const struct value *found = find(&map, key);
	int64_t number =
	    found && found->type == VALUE_INT ? found->as.integer : -1;

	value_clear(&map);
	return number;
}

static int64_t evaluate(const struct run *run, const char *expression)
{
	return !strcmp(expression, "attributes.k")
		   ? number_in(run->attributes, "k")
	       : !strcmp(expression, "stash.k0") ? number_in(run->stash, "k0")
						 : number_in(run->stash, "k1");
}

static void expected_group(const struct run *run,
			   const struct queue_policy *policy,
			   char group[GROUP_SIZE])
{
	*group = 0;
	if (!policy->fifo_key) {
		return;
	}
	if (!strcmp(policy->fifo_key, "run.uid")) {
		(void)snprintf(group, GROUP_SIZE, "%.*s",
			       SLICE_ARG(run->record.uid));
		return;
	}
	int64_t number = evaluate(run, policy->fifo_key);

	if (number >= 0) {
		(void)snprintf(group, GROUP_SIZE, "%lld", (long long)number);
	}
}

static int expected_priority(const struct run *run,
			     const struct queue_policy *policy)
{
	int64_t number = policy->priority_key
			     ? evaluate(run, policy->priority_key)
			     : policy->priority;

	if (policy->priority_key && number < 0) {
		return 0;
	}
	return number > QUEUE_PRIORITY_MAX ? QUEUE_PRIORITY_MAX : (int)number;
}

static void check_with(struct sim *sim, const struct run *run,
		       const struct sim_run *known, uint32_t task,
		       const struct blob *with)
{
	const struct task_record *record = &run->tasks[task]->record;
	const struct phase_definition *phase =
	    &run_activity_definition(run, record->activity)
		 ->phases[record->phase];
	bool wanted = record->binding != NO_BINDING &&
		      record->binding < phase->len &&
		      value_len(&phase->bindings[record->binding].with) > 0;

	sim_check(sim, wanted == (with != NULL),
		  "what enters a queue is what there is then", "r%u/%u: with",
		  known->number, task);
	sim_check(sim,
		  !with || number_in(with, "s") == number_in(run->stash, "k0"),
		  "what enters a queue is what there is then", "r%u/%u: with",
		  known->number, task);
}

void queues_check_put(struct sim *sim, struct sim_run *run,
		      const struct queue_order *order)
{
	const struct run *at = engine_run(sim->engine, &run->id);
	uint32_t plugin = queues_find(order->plugin);
	const struct queue_policy *policy = sim->queues.registered[plugin];
	char group[GROUP_SIZE];

	sim_check(sim,
		  policy && slice_is(order->queue, policy->name
						       ? policy->name
						       : queues_name(plugin)),
		  "what enters a queue enters its plugin's", "r%u/%u: %.*s",
		  run->number, order->task, SLICE_ARG(order->queue));
	expected_group(at, policy, group);
	sim_check(sim, slice_is(order->group, group),
		  "a message is in the group that its queue says",
		  "r%u/%u: '%.*s', not '%s'", run->number, order->task,
		  SLICE_ARG(order->group), group);
	sim_check(sim, order->priority == expected_priority(at, policy),
		  "a message has the priority that its queue says",
		  "r%u/%u: %d, not %d", run->number, order->task,
		  order->priority, expected_priority(at, policy));
	sim_check(sim,
		  slice_equal(blob_slice(order->stash), blob_slice(at->stash)),
		  "what enters a queue is what there is then", "r%u/%u: stash",
		  run->number, order->task);
	check_with(sim, at, run, order->task, order->with);
	/* One that has ended in the same step can have ended its phase. */
	if (!task_state_final(at->tasks[order->task]->record.state)) {
		check_outputs(sim, at, order->task, order->outputs);
	}
}
