/* Queues that plugins have, made by chance. See queues.h. */
#include <stdlib.h>

#include "base/alloc.h"
#include "copies.h"
#include "document/json.h"
#include "sim.h"

static const char *const names[QUEUES] = { "p0", "p1", "p2", "p3",
					   "p4", "q0", "q1", "q2" };

const char *queues_name(uint32_t queue)
{
	return names[queue];
}

uint32_t queues_find(struct slice name)
{
	uint32_t queue = 0;

	while (queue < QUEUES && !slice_is(name, names[queue])) {
		queue++;
	}
	return queue;
}

static void choose_order(struct sim *sim, struct queue_policy *policy)
{
	static const char *const groups[] = { "attributes.k", "run.uid",
					      "stash.k0" };
	static const char *const priorities[] = { "attributes.k", "stash.k1" };

	if (dice_one_in(&sim->dice, 2)) {
		policy->fifo_key =
		    alloc_string(groups[dice_below(&sim->dice, 3)]);
	}
	if (dice_one_in(&sim->dice, 3)) {
		policy->priority = (int)dice_below(&sim->dice, 5) - 2;
	} else if (dice_one_in(&sim->dice, 3)) {
		policy->priority_key =
		    alloc_string(priorities[dice_below(&sim->dice, 2)]);
	}
}

static void choose_limits(struct sim *sim, struct queue_policy *policy)
{
	if (dice_one_in(&sim->dice, 2)) {
		policy->visibility_ms = 200 + dice_below(&sim->dice, 8000);
	}
	if (dice_one_in(&sim->dice, 4)) {
		policy->delay_ms = 1 + dice_below(&sim->dice, 3000);
	}
	if (dice_one_in(&sim->dice, 3)) {
		policy->concurrency = 1 + dice_below(&sim->dice, 3);
	}
	if (dice_one_in(&sim->dice, 3)) {
		policy->rate = 1 + dice_below(&sim->dice, 20);
		policy->rate_per_ms = dice_one_in(&sim->dice, 3) ? 7000 : 1000;
	}
}

struct queue_policy queues_choose_policy(struct sim *sim)
{
	struct queue_policy policy = queue_policy_default();

	if (dice_one_in(&sim->dice, 4)) {
		policy.name = alloc_string(
		    names[PLUGINS + dice_below(&sim->dice, OTHER_QUEUES)]);
	} else if (dice_one_in(&sim->dice, 16)) {
		policy.name =
		    alloc_string(names[dice_below(&sim->dice, PLUGINS)]);
	}
	policy.retry.attempts = 1 + dice_below(&sim->dice, 5);
	policy.retry.backoff_ms = dice_below(&sim->dice, 3000);
	policy.retry.factor = 1 + (double)dice_below(&sim->dice, 4) / 2;
	policy.retry.max_ms = 3000 + dice_below(&sim->dice, 4000);
	policy.retry.jitter = (double)dice_below(&sim->dice, 10) / 10;
	choose_limits(sim, &policy);
	choose_order(sim, &policy);
	return policy;
}

struct queue_policy queues_read_policy(struct sim *sim, struct slice json)
{
	struct value document = value_null();
	struct queue_policy policy = queue_policy_default();
	struct err err = { 0 };
	int rc = json_read(json, NULL, &document, &err);

	if (rc == 0) {
		rc = queue_policy_from_value(&document, &policy, &err);
	}
	value_clear(&document);
	sim_check(sim, rc == 0, "records can be read", "a queue's policy: %s",
		  err.msg);
	return policy;
}

/* ---- who has which ---- */

static void drop_registered(struct sim *sim, uint32_t plugin)
{
	struct queue_policy **registered = &sim->queues.registered[plugin];

	if (*registered) {
		queue_policy_fini(*registered);
		free(*registered);
		*registered = NULL;
	}
}

static bool is_wanted(const struct sim_queue *queue)
{
	return queue->there && !queue->retired;
}

/* It stays as long as it holds something. */
static void retire(struct sim *sim, uint32_t plugin, uint32_t but)
{
	for (uint32_t i = 0; i < QUEUES; i++) {
		struct sim_queue *queue = &sim->queues.list[i];

		if (is_wanted(queue) && queue->plugin == plugin && i != but) {
			queue->retired = true;
		}
	}
}

static void set_rate(struct sim *sim, struct sim_queue *queue,
		     const struct queue_policy *policy)
{
	bool same = queue->policy.rate == policy->rate &&
		    queue->policy.rate_per_ms == policy->rate_per_ms;

	if (!policy->rate) {
		queue->not_before_us = 0;
		queue->surely_us = 0;
	} else if (!same) {
		/* From when on the new one counts is the driver's to say. */
		int64_t gap_us = policy->rate_per_ms * 1000 / policy->rate + 1;

		queue->not_before_us = 0;
		queue->surely_us = queue->surely_us > sim->now_us
				       ? queue->surely_us
				       : sim->now_us;
		queue->surely_us += gap_us;
	}
}

void queues_need(struct sim *sim, uint32_t index, struct slice plugin)
{
	struct sim_queue *queue = &sim->queues.list[index];

	if (!queue->there) {
		*queue = (struct sim_queue){
			.there = true,
			.retired = true,
			.plugin = queues_find(plugin),
			.policy = queue_policy_default(),
		};
	}
}

static void set_queue(struct sim *sim, uint32_t plugin, uint32_t index,
		      const struct queue_policy *policy)
{
	struct sim_queue *queue = &sim->queues.list[index];

	if (!queue->there) {
		*queue = (struct sim_queue){ .there = true };
	}
	set_rate(sim, queue, policy);
	queue_policy_fini(&queue->policy);
	queue->policy = queue_policy_copy(policy);
	queue->plugin = plugin;
	queue->retired = false;
	queue->found = false;
}

static uint32_t index_of(uint32_t plugin, const struct queue_policy *policy)
{
	return policy->name ? queues_find(slice_of(policy->name)) : plugin;
}

static void look_for(struct sim *sim, struct sim_run *run, uint32_t task,
		     struct sim_message *message, void *arg)
{
	uint32_t *queue = arg;

	(void)sim;
	(void)run;
	(void)task;
	if (message->queue == *queue) {
		*queue = QUEUES;
	}
}

static bool is_empty(struct sim *sim, uint32_t index)
{
	uint32_t found = index;

	queues_each(sim, look_for, &found);
	return found == index;
}

/* Is it, or may it be, this plugin's? */
static bool may_have(struct sim *sim, uint32_t plugin, uint32_t index)
{
	const struct sim_queue *queue = &sim->queues.list[index];

	return !queue->there || queue->plugin == plugin ||
	       (queue->found && is_empty(sim, index));
}

/* By chance as it was, another one, or none. */
static bool choose(struct sim *sim, uint32_t plugin,
		   struct queue_policy *ret_policy)
{
	const struct queue_policy *before = sim->queues.registered[plugin];

	if (sim->temper.queues == 0) {
		return false;
	}
	if (before && dice_one_in(&sim->dice, 2)) {
		*ret_policy = queue_policy_copy(before);
		return true;
	}
	if (dice_below(&sim->dice, 100) >= sim->temper.queues) {
		return false;
	}
	*ret_policy = queues_choose_policy(sim);
	return true;
}

const struct queue_policy *queues_register(struct sim *sim, uint32_t plugin)
{
	struct slice name = slice_of(plugin_names[plugin]);
	struct queue_policy policy;
	struct err err = { 0 };

	/* What was ordered before is for the queue that the plugin has had. */
	queues_obey(sim);
	bool has = choose(sim, plugin, &policy);
	uint32_t index = has ? index_of(plugin, &policy) : QUEUES;
	int rc = bridge_check_plugin(sim->queues.bridge, name,
				     has ? &policy : NULL, &err);

	sim_check(sim, (rc == 0) == (!has || may_have(sim, plugin, index)),
		  "a queue belongs to one plugin", "p%u, queue %s: %s", plugin,
		  has ? names[index] : "none", err.msg);
	if (rc < 0) {
		queue_policy_fini(&policy);
		has = false;
		index = QUEUES;
	}
	drop_registered(sim, plugin);
	retire(sim, plugin, index);
	if (has) {
		struct queue_policy *kept = alloc_zeroed(1, sizeof(*kept));

		*kept = policy;
		sim->queues.registered[plugin] = kept;
		set_queue(sim, plugin, index, kept);
	}
	rc = bridge_set_plugin(sim->queues.bridge, name,
			       sim->queues.registered[plugin], sim->now_us,
			       &err);
	sim_check(sim, rc == 0, "a queue belongs to one plugin", "p%u: %s",
		  plugin, err.msg);
	queues_sweep(sim);
	return sim->queues.registered[plugin];
}

void queues_remove(struct sim *sim, uint32_t plugin)
{
	queues_obey(sim);
	drop_registered(sim, plugin);
	retire(sim, plugin, QUEUES);
	(void)bridge_set_plugin(sim->queues.bridge,
				slice_of(plugin_names[plugin]), NULL,
				sim->now_us, NULL);
	queues_sweep(sim);
}
