#include "check.h"
#include "sim.h"

#define WHERE(run, a, p) \
	(run)->number, (a), phase_kind_name((enum phase_kind)(p))

static void check_hands(struct sim *sim, const struct sim_run *run,
			const struct task *task)
{
	const struct task_record *record = &task->record;
	const struct sim_task *known =
	    record->number < run->task_cap ? &run->tasks[record->number] : NULL;
	bool held = known && known->holder;

	sim_check(sim, (task->instance != NULL) == held,
		  "the engine knows who has a task", "r%u/%u: %s", run->number,
		  record->number, held ? "somebody" : "nobody");
	sim_check(sim, !known || record->deaths == known->deaths,
		  "deaths are counted", "r%u/%u: %u", run->number,
		  record->number, record->deaths);
	sim_check(sim, !held || record->state == TASK_RUNNING,
		  "what is in hands is running", "r%u/%u is %s", run->number,
		  record->number, task_state_name(record->state));
	sim_check(sim, held || record->state != TASK_RUNNING || task->ready,
		  "what is running is in hands", "r%u/%u", run->number,
		  record->number);
	sim_check(sim, !task->ready || !task_state_final(record->state),
		  "what has ended waits for nobody", "r%u/%u", run->number,
		  record->number);
}

struct tally {
	uint32_t counts[TASK_STATES];
	uint32_t finished;
	uint32_t mandatory_open;
	uint32_t mandatory_failed;
	uint32_t optional_failed;
	bool earlier_open;
	bool begun; /* something is, and has not ended */
};

static void count_task(struct sim *sim, const struct sim_run *run,
		       const struct task_record *task, struct tally *tally)
{
	bool final = task_state_final(task->state);
	bool failed = task->state == TASK_FAILED;

	tally->counts[task->state]++;
	tally->finished += final;
	tally->mandatory_open += !final && task->mandatory;
	tally->mandatory_failed += failed && task->mandatory;
	tally->optional_failed += failed && !task->mandatory;
	tally->begun |= !final && task->state != TASK_PENDING;
	sim_check(sim,
		  task->phase == PHASE_PARALLEL ||
		      task->state == TASK_PENDING || final ||
		      !tally->earlier_open,
		  "one at a time in pre and post, by order",
		  "r%u/%u is %s while one before it is open", run->number,
		  task->number, task_state_name(task->state));
	tally->earlier_open |= !final;
}

static void check_counts(struct sim *sim, const struct sim_run *run, uint32_t a,
			 int p, const struct phase *phase,
			 const struct tally *tally)
{
	for (int state = 0; state < TASK_STATES; state++) {
		sim_check(sim, phase->counts[state] == tally->counts[state],
			  "counts equal the tasks",
			  "r%u, activity %u, %s: %u %s, not %u",
			  WHERE(run, a, p), phase->counts[state],
			  task_state_name((enum task_state)state),
			  tally->counts[state]);
	}
	sim_check(sim,
		  phase->mandatory_open == tally->mandatory_open &&
		      phase->mandatory_failed == tally->mandatory_failed &&
		      phase->optional_failed == tally->optional_failed,
		  "counts equal the tasks",
		  "r%u, activity %u, %s: mandatory or optional ones",
		  WHERE(run, a, p));
}

/* What a phase's tasks say of its state. */
static void check_phase_state(struct sim *sim, const struct sim_run *run,
			      uint32_t a, int p,
			      const struct activity_record *activity,
			      const struct tally *tally)
{
	const struct phase_record *record = &activity->phases[p];
	/* Of a run that goes on from an earlier activity. */
	bool waits = activity->state == GROUP_PENDING;
	/* Only some of its failed tasks are done again. */
	bool reopened = record->state == GROUP_PENDING;
	bool ended = record->opened && record->finished == record->expected;

	sim_check(sim, !ended || waits || group_state_final(record->state),
		  "a phase whose tasks have ended has ended",
		  "r%u, activity %u, %s is %s", WHERE(run, a, p),
		  group_state_name(record->state));
	sim_check(sim, !ended || waits || record->ended_us,
		  "what has ended has a time of its end",
		  "r%u, activity %u, %s", WHERE(run, a, p));
	sim_check(sim,
		  ended || record->state == GROUP_FAILED ||
		      !group_state_final(record->state),
		  "a phase ends when every expected task has",
		  "r%u, activity %u, %s is %s, %u of %u", WHERE(run, a, p),
		  group_state_name(record->state), record->finished,
		  record->expected);
	sim_check(sim,
		  tally->mandatory_failed == 0 || reopened ||
		      record->state == GROUP_FAILED,
		  "a mandatory failure shows at once",
		  "r%u, activity %u, %s is %s", WHERE(run, a, p),
		  group_state_name(record->state));
}

static void check_phase(struct sim *sim, const struct sim_run *run,
			const struct run *at, uint32_t a, int p)
{
	const struct activity *activity = &at->activities[a];
	const struct phase_record *record = &activity->record.phases[p];
	const struct phase *phase = &activity->phases[p];
	struct tally tally = { 0 };

	if (!record->opened) {
		return;
	}
	for (uint32_t i = 0; i < record->expected; i++) {
		check_hands(sim, run, &phase->tasks[i]);
		count_task(sim, run, &phase->tasks[i].record, &tally);
	}
	sim_check(sim, tally.finished == record->finished,
		  "expected = finished + unfinished",
		  "r%u, activity %u, %s: %u finished, not %u", WHERE(run, a, p),
		  record->finished, tally.finished);
	sim_check(sim, record->mandatory_done == (tally.mandatory_open == 0),
		  "mandatory_done says so", "r%u, activity %u, %s",
		  WHERE(run, a, p));
	check_counts(sim, run, a, p, phase, &tally);
	check_phase_state(sim, run, a, p, &activity->record, &tally);
	bool goes_on = at->record.resumes == 0 || tally.begun;

	for (int before = 0; before < p; before++) {
		const struct phase_record *earlier =
		    &activity->record.phases[before];

		sim_check(sim,
			  !goes_on || earlier->finished == earlier->expected,
			  "phases in order", "r%u, activity %u: %s before %s",
			  run->number, a, phase_kind_name((enum phase_kind)p),
			  phase_kind_name((enum phase_kind)before));
	}
}

static void check_activity(struct sim *sim, const struct sim_run *run,
			   const struct run *at, uint32_t a)
{
	enum group_state state = at->activities[a].record.state;

	for (int p = 0; p < PHASE_KINDS; p++) {
		check_phase(sim, run, at, a, p);
	}
	if (a > 0 && state != GROUP_PENDING &&
	    !(at->record.resumes && group_state_final(state))) {
		enum group_state before = at->activities[a - 1].record.state;

		sim_check(sim,
			  before == GROUP_SUCCEEDED || before == GROUP_DEGRADED,
			  "activities in order", "r%u: %u is %s, %u is %s",
			  run->number, a, group_state_name(state), a - 1,
			  group_state_name(before));
	}
}

void check_run(struct sim *sim, struct sim_run *run)
{
	const struct run *at = engine_run(sim->engine, &run->id);

	for (uint32_t a = 0; at && a < at->record.activity_count; a++) {
		check_activity(sim, run, at, a);
	}
	check_taken_up(sim, run);
	if (commit_turn(sim)->output.order_count == 0) {
		queues_check_run(sim, run);
	}
	if (at && group_state_final(at->record.state)) {
		for (uint32_t i = 0; i < at->record.task_count; i++) {
			const struct task_record *task = &at->tasks[i]->record;

			sim_check(sim, task_state_final(task->state),
				  "a run ends after its tasks", "r%u/%u is %s",
				  run->number, i, task_state_name(task->state));
		}
	}
}

/* ---- times ---- */

static void check_task_time(struct sim *sim, const struct sim_run *run,
			    const struct task *task)
{
	const struct task_record *record = &task->record;
	const struct sim_task *known = &run->tasks[record->number];

	if (task_state_final(record->state)) {
		sim_check(sim, !task->timer.due_us,
			  "what has ended waits for no time", "r%u/%u",
			  run->number, record->number);
		return;
	}
	sim_check(sim, !task->timer.due_us || task->timer.due_us > sim->now_us,
		  "nothing waits for a time that is over", "r%u/%u",
		  run->number, record->number);
	sim_check(sim,
		  !task->progress_pending ||
		      (task->timer.due_us &&
		       task->timer.due_us <= sim->now_us + 200000),
		  "progress is written soon", "r%u/%u: at %lld", run->number,
		  record->number, (long long)task->timer.due_us);
	sim_check(sim, !record->wake_us || record->wake_us > sim->now_us,
		  "nothing waits for a time that is over",
		  "r%u/%u is to wake at %lld", run->number, record->number,
		  (long long)record->wake_us);
	sim_check(sim,
		  !record->deadline_us || record->cancel_requested ||
		      record->deadline_us > sim->now_us,
		  "nothing waits for a time that is over",
		  "r%u/%u has a deadline at %lld", run->number, record->number,
		  (long long)record->deadline_us);
	sim_check(sim,
		  !record->expires_us || record->cancel_requested ||
		      record->expires_us > sim->now_us,
		  "nothing waits for a time that is over",
		  "r%u/%u expires at %lld", run->number, record->number,
		  (long long)record->expires_us);
	sim_check(sim,
		  !known->told_us ||
		      sim->now_us < known->told_us + GRACE_MS * 1000,
		  "who was told to stop has only the grace period",
		  "r%u/%u was told at %lld", run->number, record->number,
		  (long long)known->told_us);
}

void check_times(struct sim *sim)
{
	int64_t due_us = engine_next_due(sim->engine);

	sim_check(sim, due_us == 0 || due_us > sim->now_us,
		  "nothing waits for a time that is over", "due at %lld",
		  (long long)due_us);
	for (size_t i = 0; i < sim->run_count; i++) {
		const struct sim_run *run = sim->runs[i];
		const struct run *at = engine_run(sim->engine, &run->id);

		for (uint32_t t = 0; at && t < at->record.task_count; t++) {
			struct sim_task *known = sim_task(sim->runs[i], t);

			if (known->until_us <= sim->now_us) {
				/* It has come, wherever the clock goes. */
				known->until_us = 0;
				known->retries = false;
			}
			check_task_time(sim, run, at->tasks[t]);
		}
	}
}

/* ---- hands ---- */

void check_step(struct sim *sim)
{
	static const char *const names[PLUGINS] = { "p0", "p1", "p2", "p3",
						    "p4" };

	for (size_t i = 0; i < COPIES; i++) {
		const struct copy *copy = &sim->copies[i];

		if (!copy->serial || !copy->known) {
			continue;
		}
		uint32_t in_flight =
		    engine_in_flight(sim->engine, slice_of(names[copy->plugin]),
				     slice_of(copy->name));

		sim_check(sim, in_flight == copy->held + copy->lost,
			  "the engine knows what an instance has",
			  "%s has %u and %u given up, the engine says %u",
			  copy->name, copy->held, copy->lost, in_flight);
	}
}
