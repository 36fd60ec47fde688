#include "retry.h"

#include "sim.h"

/* Worked out by hand, apart from model/retry.c. */
static double longest_wait_ms(const struct retry_policy *policy,
			      uint32_t failures)
{
	double wait_ms = (double)policy->backoff_ms;

	for (uint32_t i = 1; i < failures; i++) {
		wait_ms *= policy->factor;
	}
	return wait_ms < (double)policy->max_ms ? wait_ms
						: (double)policy->max_ms;
}

/* The binding's own, else that of the queue that its plugin has. */
static const struct retry_policy *policy_of(const struct sim *sim,
					    const struct run *run,
					    const struct task_record *record)
{
	static const struct retry_policy usual = {
		.attempts = 5,
		.backoff_ms = 1000,
		.factor = 2,
		.max_ms = 60000,
	};
	const struct phase_definition *phase =
	    &run_activity_definition(run, record->activity)
		 ->phases[record->phase];
	uint32_t plugin = queues_find(record->plugin);

	if (record->binding < phase->len &&
	    phase->bindings[record->binding].retry.attempts) {
		return &phase->bindings[record->binding].retry;
	}
	if (!record->queue.len) {
		return NULL;
	}
	return sim->queues.registered[plugin]
		   ? &sim->queues.registered[plugin]->retry
		   : &usual;
}

void retry_check(struct sim *sim, struct sim_run *run, uint32_t number)
{
	const struct run *at = engine_run(sim->engine, &run->id);
	const struct task_record *record = &at->tasks[number]->record;
	struct sim_task *task = sim_task(run, number);

	if (record->state != TASK_RETRYING || record->wake_us == 0) {
		return; /* it has gone on in the same step */
	}
	const struct retry_policy *policy = policy_of(sim, at, record);

	sim_check(sim, policy, "only who has a policy is tried again", "r%u/%u",
		  run->number, number);
	double wait_ms = (double)(record->wake_us - sim->now_us) / 1000;
	double longest_ms = longest_wait_ms(policy, record->failures);

	sim_check(sim, record->failures < policy->attempts,
		  "nobody is tried more often than his policy says",
		  "r%u/%u: %u failures of %u", run->number, number,
		  record->failures, policy->attempts);
	sim_check(sim,
		  wait_ms >= longest_ms * (1 - policy->jitter) - 1 &&
		      wait_ms <= longest_ms * (1 + policy->jitter) + 1,
		  "gaps grow as configured", "r%u/%u: %.0f ms, not %.0f",
		  run->number, number, wait_ms, longest_ms);
	task->until_us = record->wake_us;
	task->retries = true;
}

/* There is somebody, and time, for another attempt. */
static bool may_go_on(const struct sim *sim, const struct run *run,
		      const struct task_record *record)
{
	const struct plugin_state *plugin =
	    &sim->plugins[queues_find(record->plugin)];

	return !run->record.cancel_requested &&
	       !run->activities[record->activity].record.expired &&
	       plugin->registered && !plugin->quarantined &&
	       (!record->expires_us || record->expires_us > sim->now_us);
}

void retry_check_dead(struct sim *sim, struct sim_run *run, uint32_t number)
{
	const struct run *at = engine_run(sim->engine, &run->id);
	const struct task_record *record = &at->tasks[number]->record;
	const struct retry_policy *policy = policy_of(sim, at, record);
	bool dead = record->reason == REASON_DEAD_LETTER;
	/* It has killed the orchestrator, which is enough. */
	bool deadly = sim->event->kind == EVENT_RESTORE &&
		      sim->event->as.restore.blame_count > 0 &&
		      sim->event->as.restore.blames[0].task == number;

	sim_check(
	    sim, record->queue.len ? record->reason != REASON_ATTEMPTS : !dead,
	    "who uses up a queue's attempts is a dead letter", "r%u/%u: %s",
	    run->number, number, reason_name(record->reason));
	sim_check(sim,
		  !record->queue.len ||
		      (record->reason != REASON_ABANDONED &&
		       record->reason != REASON_LEASE_EXPIRED) ||
		      !may_go_on(sim, at, record),
		  "a queue promises another attempt", "r%u/%u: %s", run->number,
		  number, reason_name(record->reason));
	sim_check(sim,
		  !dead || deadly ||
		      (policy && record->failures >= policy->attempts),
		  "dead letters have used up their attempts",
		  "r%u/%u: %u failures of %u", run->number, number,
		  record->failures, policy ? policy->attempts : 0);
}
