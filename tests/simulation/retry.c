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

void retry_check(struct sim *sim, struct sim_run *run, uint32_t number)
{
	const struct run *at = engine_run(sim->engine, &run->id);
	const struct task_record *record = &at->tasks[number]->record;
	const struct phase_definition *phase =
	    &run_activity_definition(at, record->activity)
		 ->phases[record->phase];
	struct sim_task *task = sim_task(run, number);

	if (record->state != TASK_RETRYING || record->wake_us == 0) {
		return; /* it has gone on in the same step */
	}
	sim_check(sim, record->binding < phase->len,
		  "only who has a policy is tried again", "r%u/%u", run->number,
		  number);
	const struct retry_policy *policy =
	    &phase->bindings[record->binding].retry;
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
