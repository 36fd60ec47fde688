#include "work.h"

#include "documents.h"
#include "runs.h"
#include "sim.h"
#include "steps.h"

static struct result choose_success(struct sim *sim)
{
	struct result result = { .outcome = COMPLETION_SUCCEEDED };

	if (dice_one_in(&sim->dice, 2)) {
		result.output = ++sim->serial;
	}
	if (dice_one_in(&sim->dice, 3)) {
		result.patches = true;
		result.patch_key = dice_below(&sim->dice, STASH_KEYS);
		result.patch = dice_one_in(&sim->dice, 4) ? 0 : ++sim->serial;
	}
	return result;
}

static struct result choose_result(struct sim *sim, const struct job *job)
{
	uint32_t dice = dice_below(&sim->dice, 100);
	const struct temper *temper = &sim->temper;

	if (job->told && !dice_one_in(&sim->dice, 3)) {
		return (struct result){ .outcome = COMPLETION_FAILED };
	}
	if (dice < temper->parks && !sim->well) {
		return (struct result){
			.outcome = COMPLETION_PARKED,
			.until_us =
			    sim->now_us - 100000 +
			    (int64_t)dice_below(&sim->dice, 9000) * 1000,
		};
	}
	if (dice < temper->parks + temper->fails) {
		return (struct result){
			.outcome = dice_one_in(&sim->dice, 2)
				       ? COMPLETION_FAILED
				       : COMPLETION_RETRYABLE,
			.output =
			    dice_one_in(&sim->dice, 4) ? ++sim->serial : 0,
			.late = dice_one_in(&sim->dice, 10),
		};
	}
	return choose_success(sim);
}

static bool is_idle(struct sim *sim, const struct job *job)
{
	if (job->done) {
		return true;
	}
	if (sim->well) {
		return false;
	}
	if (job->told) {
		return sim->temper.stubborn &&
		       !dice_one_in(&sim->dice, sim->temper.stubborn);
	}
	return job->hangs;
}

static bool is_busy(const struct copy *copy)
{
	for (size_t i = 0; i < copy->job_count; i++) {
		if (!copy->jobs[i].done) {
			return true;
		}
	}
	return false;
}

/* A copy that has something in hands; NULL when there is none. */
static struct copy *choose_busy(struct sim *sim)
{
	struct copy *chosen = NULL;
	uint32_t count = 0;

	for (size_t i = 0; i < COPIES; i++) {
		struct copy *copy = &sim->copies[i];

		if (copy->serial && copy->lives && is_busy(copy) &&
		    dice_one_in(&sim->dice, ++count)) {
			chosen = copy;
		}
	}
	return chosen;
}

void work_one(struct sim *sim)
{
	struct copy *copy = choose_busy(sim);

	if (!copy) {
		if (!sim->well) {
			runs_start(sim);
		}
		return;
	}
	uint32_t at = dice_below(&sim->dice, (uint32_t)copy->job_count);
	struct job *job = &copy->jobs[at];

	if (is_idle(sim, job)) {
		return;
	}
	job->result = choose_result(sim, job);
	job->done = true;
	bus_send(sim, &(struct message){ .kind = MESSAGE_DONE,
					 .copy = copy->serial,
					 .key = job->key,
					 .result = job->result });
	if (copy->inside || !copy->known) {
		copy_drop_job(copy, at);
	}
}

void work_progress(struct sim *sim)
{
	const struct copy *copy = choose_busy(sim);

	if (copy) {
		bus_send(
		    sim,
		    &(struct message){
			.kind = MESSAGE_PROGRESS,
			.copy = copy->serial,
			.key = copy->jobs[dice_below(&sim->dice,
						     (uint32_t)copy->job_count)]
				   .key });
	}
}

/* ---- reports ---- */

static const char *outcome_name(const struct result *result)
{
	static const char *const names[] = {
		[COMPLETION_SUCCEEDED] = "succeeded",
		[COMPLETION_FAILED] = "failed",
		[COMPLETION_RETRYABLE] = "failed, retryable",
		[COMPLETION_PARKED] = "parked",
	};

	return result->returned ? "returned" : names[result->outcome];
}

/* It counts: from now on the documents must have it. */
static void remember(struct sim *sim, const struct task_key *key,
		     const struct result *result)
{
	bool succeeded = result->outcome == COMPLETION_SUCCEEDED;
	struct fact fact = {
		.run = key->run,
		.task = key->task,
		.output = result->output,
		.patches = succeeded && result->patches,
		.key = result->patch_key,
		.patch = result->patch,
	};

	if (result->outcome == COMPLETION_PARKED) {
		sim_task(sim_run(sim, &key->run), key->task)->until_us =
		    result->until_us;
	}
	if (fact.output || fact.patches) {
		commit_add_fact(sim, &fact);
	}
}

static void report_returned(struct sim *sim, struct copy *copy,
			    const struct task_key *key)
{
	struct event event = {
		.kind = EVENT_RETURNED,
		.run = key->run,
		.as.returned = { .task = key->task, .attempt = key->attempt },
	};

	if (copy && steps_in_hands(sim, key)) {
		copy->draining = true; /* it gets no more */
	}
	(void)steps_take(sim, &event);
}

void work_report(struct sim *sim, struct copy *copy, const struct task_key *key,
		 const struct result *result)
{
	const struct sim_run *run = sim_run(sim, &key->run);

	sim_note(sim, "%s says: r%u/%u attempt %u %s%s",
		 copy ? copy->name : "somebody", run ? run->number : 0,
		 key->task, key->attempt, outcome_name(result),
		 steps_in_hands(sim, key) ? "" : " (stale)");
	if (result->returned) {
		report_returned(sim, copy, key);
		return;
	}
	struct event event = {
		.kind = EVENT_COMPLETED,
		.actor = SLICE("plugin p"),
		.run = key->run,
		.as.completed = {
			.task = key->task,
			.attempt = key->attempt,
			.outcome = result->outcome,
			.message = SLICE("done"),
			.output = documents_output(result->output),
			.patch = result->patches
				     ? documents_patch(result->patch_key,
						       result->patch)
				     : NULL,
			.until_us = result->until_us,
			.late = result->late,
		},
	};

	if (steps_in_hands(sim, key)) {
		remember(sim, key, result);
	}
	(void)steps_take(sim, &event);
	blob_unref(event.as.completed.output);
	blob_unref(event.as.completed.patch);
}

void work_lie(struct sim *sim)
{
	struct task_key key = { .task = dice_below(&sim->dice, 12) };

	if (!steps_allowed(sim)) {
		return;
	}
	if (sim->run_count && !dice_one_in(&sim->dice, 10)) {
		struct sim_run *run =
		    sim->runs[dice_below(&sim->dice, (uint32_t)sim->run_count)];

		key.run = run->id;
		key.attempt = sim_task(run, key.task)->attempt +
			      dice_below(&sim->dice, 3) - 1;
	}
	struct job job = { .key = key };
	struct result result = choose_result(sim, &job);

	result.returned = dice_one_in(&sim->dice, 3);
	if (!steps_in_hands(sim, &key)) {
		work_report(sim, NULL, &key, &result);
	}
}
