#include "engine/pause.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "engine/advance.h"
#include "engine/dispatch.h"
#include "engine/runs.h"
#include "engine/take_up.h"

void pauses_fini(struct pauses *pauses)
{
	struct paused_workflow *workflow;
	struct paused_workflow *next;

	HASH_ITER(by_name, pauses->workflows, workflow, next)
	{
		HASH_DELETE(by_name, pauses->workflows, workflow);
		free(workflow->name);
		free(workflow);
	}
}

static struct paused_workflow *find_workflow(const struct pauses *pauses,
					     struct slice name)
{
	struct paused_workflow *workflow = NULL;

	HASH_FIND(by_name, pauses->workflows, name.ptr, name.len, workflow);
	return workflow;
}

bool run_is_paused(const struct engine *engine, const struct run *run)
{
	return !run->record.cancel_requested &&
	       (run->record.paused || engine->pauses.all ||
		find_workflow(&engine->pauses, run->record.workflow));
}

/* Nothing of it may be given to a plugin any more. */
static void hold_run(struct engine *engine, struct run *run)
{
	struct activity *activity = &run->activities[run->current];

	for (int p = 0; p < PHASE_KINDS; p++) {
		const struct phase_record *record = &activity->record.phases[p];

		for (uint32_t i = 0; record->opened && i < record->expected;
		     i++) {
			struct task *task = &activity->phases[p].tasks[i];

			if (task->ready) {
				dispatch_withdraw(task);
				dispatch_ready(engine, task);
			}
		}
	}
	run_advance(engine, run);
}

static void release_run(struct engine *engine, struct run *run)
{
	take_up_again(run);
	run_advance(engine, run);
}

/* A wish that changes no state still has its place in the history. */
static void note_wish(struct engine *engine, const struct run *run,
		      enum reason reason, struct slice actor)
{
	output_transition(engine->out, &run->record.id,
			  &(struct transition_record){
			      .time_us = engine->now_us,
			      .kind = OBJECT_RUN,
			      .from = (int)run->record.state,
			      .to = (int)run->record.state,
			      .reason = reason,
			      .actor = actor,
			  });
}

static int set_run(struct engine *engine, const struct event *event, bool on,
		   struct err *reterr)
{
	struct run *run;
	int rc = runs_find_active(engine, event, &run, reterr);

	if (rc < 0) {
		return rc;
	}
	if (run->record.paused == on) {
		return err_set(reterr, E_UNCHANGED,
			       on ? "the run is paused already"
				  : "the run is not paused itself");
	}
	run->record.paused = on;
	run_touch(engine, run);
	note_wish(engine, run, on ? REASON_PAUSED : REASON_RESUMED,
		  event->actor);
	if (on) {
		hold_run(engine, run);
	} else {
		release_run(engine, run);
	}
	return 0;
}

static int set_workflow(struct pauses *pauses, struct slice name, bool on,
			struct err *reterr)
{
	struct paused_workflow *workflow = find_workflow(pauses, name);

	if (!workflow == !on) {
		return err_set(reterr, E_UNCHANGED, "the workflow '%.*s' is %s",
			       SLICE_ARG(name),
			       on ? "paused already" : "not paused");
	}
	if (on) {
		workflow = alloc_zeroed(1, sizeof(*workflow));
		workflow->name = slice_dup(name);
		HASH_ADD_KEYPTR(by_name, pauses->workflows, workflow->name,
				name.len, workflow);
	} else {
		HASH_DELETE(by_name, pauses->workflows, workflow);
		free(workflow->name);
		free(workflow);
	}
	return 0;
}

static int set_all(struct pauses *pauses, bool on, struct err *reterr)
{
	if (pauses->all == on) {
		return err_set(reterr, E_UNCHANGED,
			       on ? "all is paused already"
				  : "not all is paused");
	}
	pauses->all = on;
	return 0;
}

/* Of those that the event is about, the ones that have not ended. */
static bool is_meant(const struct event *event, const struct run *run)
{
	return !group_state_final(run->record.state) &&
	       (event->as.pause.scope == PAUSE_ALL ||
		slice_equal(event->as.pause.workflow, run->record.workflow));
}

static int set(struct engine *engine, const struct event *event, bool on,
	       struct err *reterr)
{
	int rc;

	if (event->as.pause.scope == PAUSE_RUN) {
		return set_run(engine, event, on, reterr);
	}
	if (event->as.pause.scope == PAUSE_WORKFLOW) {
		rc = set_workflow(&engine->pauses, event->as.pause.workflow, on,
				  reterr);
	} else {
		rc = set_all(&engine->pauses, on, reterr);
	}
	for (struct run *run = rc ? NULL : engine->runs; run;
	     run = run->by_id.next) {
		if (!is_meant(event, run)) {
			continue;
		}
		if (on) {
			hold_run(engine, run);
		} else if (!run_is_paused(engine, run)) {
			release_run(engine, run);
		}
	}
	return rc;
}

int pause_begin(struct engine *engine, const struct event *event,
		struct err *reterr)
{
	return set(engine, event, true, reterr);
}

int pause_end(struct engine *engine, const struct event *event,
	      struct err *reterr)
{
	return set(engine, event, false, reterr);
}
