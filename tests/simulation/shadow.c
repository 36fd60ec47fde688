#include "shadow.h"

#include "copies.h"
#include "life.h"
#include "operators.h"
#include "restart.h"
#include "sim.h"
#include "steps.h"

struct shadow {
	struct engine *engine;
	struct output out;
};

static struct shadow shadow;

static int step_there(struct sim *sim, struct engine *engine,
		      struct event *event)
{
	return engine_step(engine, event, sim->now_us, &shadow.out, NULL);
}

static int pause_there(struct sim *sim, struct event *event)
{
	return step_there(sim, shadow.engine, event);
}

/* The same plugins are there, and can be given tasks. */
static void add_plugins(struct sim *sim)
{
	for (uint32_t plugin = 0; plugin < PLUGINS; plugin++) {
		struct slice name = slice_of(plugin_names[plugin]);
		struct event event = { .kind = EVENT_PLUGIN,
				       .as.plugin = { .name = name } };

		if (!sim->plugins[plugin].registered) {
			continue;
		}
		(void)step_there(sim, shadow.engine, &event);
		event = (struct event){
			.kind = EVENT_INSTANCE,
			.as.instance = { .plugin = name,
					 .name = SLICE("shadow"),
					 .max_tasks = 1 },
		};
		(void)step_there(sim, shadow.engine, &event);
	}
}

/* A restart ends what was told to stop, and what nobody could take over. */
static bool is_comparable(struct sim *sim, const struct sim_run *run)
{
	const struct run *at = engine_run(sim->engine, &run->id);
	bool held = operators_hold(sim, run);

	for (uint32_t i = 0; i < at->record.task_count; i++) {
		const struct task *task = at->tasks[i];

		/* What was handed out by a queue goes back there. */
		if (task->instance &&
		    (held || task->record.cancel_requested ||
		     task->record.queue.len > 0 ||
		     !engine_has_plugin(sim->engine, task->record.plugin))) {
			return false;
		}
	}
	return true;
}

static bool same_blob(const struct blob *a, const struct blob *b)
{
	return slice_equal(blob_slice(a), blob_slice(b));
}

#define ALIKE(field)                                                         \
	sim_check(sim, a->field == b->field,                                 \
		  "a restart gives the same as going on",                    \
		  "r%u%s: " #field " is %lld, after a restart %lld", number, \
		  where, (long long)a->field, (long long)b->field)

static void compare_tasks(struct sim *sim, uint32_t number,
			  const struct task *left, const struct task *right)
{
	const struct task_record *a = &left->record;
	const struct task_record *b = &right->record;
	const char *where = ", a task";

	ALIKE(state);
	ALIKE(attempt);
	ALIKE(deaths);
	ALIKE(failures);
	ALIKE(superseded);
	ALIKE(wakes);
	ALIKE(wake_us);
	ALIKE(expires_us);
	ALIKE(ended_us);
	ALIKE(mandatory);
	sim_check(sim, left->run_on == right->run_on,
		  "a restart gives the same as going on",
		  "r%u/%u: when it runs", number, a->number);
	sim_check(sim, same_blob(left->output, right->output),
		  "a restart gives the same as going on", "r%u/%u: its output",
		  number, a->number);
	if (a->wake_us) {
		sim_check(sim, left->timer.due_us == right->timer.due_us,
			  "timers keep their absolute time",
			  "r%u/%u: %lld, not %lld", number, a->number,
			  (long long)right->timer.due_us,
			  (long long)left->timer.due_us);
	}
}

static void compare_phases(struct sim *sim, uint32_t number,
			   const struct phase *a, const struct phase *b)
{
	const char *where = ", a phase";

	for (int state = 0; state < TASK_STATES; state++) {
		ALIKE(counts[state]);
	}
	ALIKE(first);
	ALIKE(mandatory_open);
	ALIKE(mandatory_failed);
	ALIKE(optional_failed);
}

static void compare_activities(struct sim *sim, uint32_t number,
			       const struct activity *left,
			       const struct activity *right)
{
	const struct activity_record *a = &left->record;
	const struct activity_record *b = &right->record;
	const char *where = ", an activity";

	ALIKE(state);
	ALIKE(visit);
	ALIKE(deadline_us);
	ALIKE(expired);
	for (int p = 0; p < PHASE_KINDS; p++) {
		ALIKE(phases[p].state);
		ALIKE(phases[p].opened);
		ALIKE(phases[p].curtailed);
		ALIKE(phases[p].expected);
		ALIKE(phases[p].finished);
		if (a->phases[p].opened) {
			compare_phases(sim, number, &left->phases[p],
				       &right->phases[p]);
		}
	}
}

static void compare_runs(struct sim *sim, uint32_t number,
			 const struct run *left, const struct run *right)
{
	const struct run_record *a = &left->record;
	const struct run_record *b = &right->record;
	const char *where = "";

	ALIKE(state);
	ALIKE(cancel_requested);
	ALIKE(cancel_forced);
	ALIKE(paused);
	ALIKE(task_count);
	ALIKE(deadline_us);
	sim_check(sim,
		  left->current == right->current &&
		      left->optional_failed == right->optional_failed,
		  "a restart gives the same as going on", "r%u: where it is",
		  number);
	sim_check(sim,
		  same_blob(left->stash, right->stash) &&
		      same_blob(left->attributes, right->attributes) &&
		      value_equal(&left->skips, &right->skips),
		  "a restart gives the same as going on", "r%u: a document",
		  number);
	for (uint32_t i = 0; i < a->activity_count; i++) {
		compare_activities(sim, number, &left->activities[i],
				   &right->activities[i]);
	}
	for (uint32_t i = 0; i < a->task_count; i++) {
		compare_tasks(sim, number, left->tasks[i], right->tasks[i]);
	}
}

static void compare(struct sim *sim, const struct sim_run *run)
{
	const struct run *here = engine_run(sim->engine, &run->id);

	if (!here) {
		return;
	}
	sim_check(sim,
		  restart_restore(sim, shadow.engine, run, step_there) == 0,
		  "what is on the disk can go on", "r%u", run->number);
	if (is_comparable(sim, run)) {
		compare_runs(sim, run->number, here,
			     engine_run(shadow.engine, &run->id));
	}
}

void shadow_compare(struct sim *sim)
{
	struct event event = {
		.kind = EVENT_EXPECT,
		.as.expect = { .until_us = sim->expect_until_us },
	};

	if (!steps_allowed(sim)) {
		return;
	}
	life_pass(sim, 0);
	commit_all(sim);
	sim->totals.shadows++;
	shadow.engine = restart_engine();
	engine_hold(shadow.engine);
	(void)step_there(sim, shadow.engine, &event);
	operators_pause_again(sim, pause_there);
	add_plugins(sim);
	for (size_t i = 0; i < sim->run_count; i++) {
		compare(sim, sim->runs[i]);
	}
	engine_destroy(shadow.engine);
	output_fini(&shadow.out);
}
