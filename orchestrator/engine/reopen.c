#include "engine/reopen.h"

#include <string.h>

#include "engine/mark.h"
#include "engine/move.h"
#include "engine/queue.h"
#include "engine/runs.h"
#include "engine/shared_text.h"

static bool is_reached(const struct activity_record *record)
{
	bool opened = false;

	for (int p = 0; p < PHASE_KINDS; p++) {
		opened |= record->phases[p].opened;
	}
	return opened || record->state != GROUP_PENDING;
}

uint32_t reopen_reached(const struct event *event)
{
	uint32_t reached = 0;

	for (uint32_t a = 0; a < event->as.restore.run->activity_count; a++) {
		if (is_reached(&event->as.restore.activities[a])) {
			reached = a + 1;
		}
	}
	return reached;
}

int reopen_definition(const struct event *event,
		      struct definition **ret_definition, struct err *reterr)
{
	struct definition *old = event->as.restore.definition;
	const struct definition *newest = event->as.restore.reopen->definition;

	if (!newest || !memcmp(old->hash, newest->hash, DEFINITION_HASH_SIZE)) {
		*ret_definition = definition_ref(old);
		return 0;
	}
	return definition_extend(old, reopen_reached(event), newest,
				 ret_definition, reterr);
}

/* One reopening while it is worked out. */
struct work {
	struct engine *engine;
	struct run *run;
	struct engine_reopen *reopen;
	struct mark mark; /* when the reopening has one */
	bool marked;
	uint32_t from; /* this activity and those after it start over */
	struct slice actor;
	enum reason reason;
	bool apply; /* else only count */
};

/* Was it stopped or left out because something else had failed, or because
 * the run was cancelled? */
static bool fell_victim(const struct task_record *record)
{
	return record->state == TASK_CANCELLED ||
	       (record->state == TASK_SKIPPED &&
		record->reason == REASON_MANDATORY_FAILED);
}

static bool is_dead_letter(const struct task *task, struct slice queue)
{
	return task->record.reason == REASON_DEAD_LETTER &&
	       slice_equal(task->record.queue, queue) &&
	       !task->record.superseded;
}

static bool is_to_be_done(const struct work *work, const struct task *task)
{
	const struct task_record *record = &task->record;

	if (work->marked && !mark_fits(&work->mark, task)) {
		return false;
	}
	if (record->state == TASK_FAILED && work->reopen->queue.len) {
		return is_dead_letter(task, work->reopen->queue);
	}
	if (record->state == TASK_FAILED || fell_victim(record)) {
		return true;
	}
	/* Who names one that an operator has skipped wants it after all. */
	if (work->marked && record->state == TASK_SKIPPED) {
		return true;
	}
	return work->reopen->kind == REOPEN_RERUN &&
	       record->state == TASK_SUCCEEDED && task->plugin->always_run;
}

static void note_group(const struct work *work, enum object_kind kind,
		       uint32_t activity, enum phase_kind phase,
		       enum group_state from, enum reason reason)
{
	output_transition(work->engine->out, &work->run->record.id,
			  &(struct transition_record){
			      .time_us = work->engine->now_us,
			      .kind = kind,
			      .activity = activity,
			      .phase = phase,
			      .from = (int)from,
			      .to = GROUP_PENDING,
			      .reason = reason,
			      .actor = work->actor,
			  });
}

/* ---- tasks ---- */

static void clear_record(struct task_record *record)
{
	record->failures = 0;
	record->deaths = 0;
	record->cancel_requested = false;
	record->progress = -1;
	record->started_us = 0;
	record->ended_us = 0;
	record->wake_us = 0;
	record->deadline_us = 0;
	record->expires_us = 0;
	shared_text_unref(&record->instance);
	slice_own(&record->message, SLICE(""));
	slice_own(&record->note, SLICE(""));
}

static void uncount(struct task *task)
{
	struct phase *phase = task_phase(task);
	struct phase_record *of_phase = task_phase_record(task);

	phase->counts[task->record.state]--;
	phase->counts[TASK_PENDING]++;
	of_phase->finished--;
	if (task->record.mandatory) {
		phase->mandatory_failed -= task->record.state == TASK_FAILED;
		phase->mandatory_open++;
	} else {
		phase->optional_failed -= task->record.state == TASK_FAILED;
	}
	of_phase->mandatory_done = phase->mandatory_open == 0;
}

static void drop_output(const struct work *work, struct task *task)
{
	if (task->output) {
		blob_unref(task->output);
		task->output = NULL;
		output_change(work->engine->out, work->run, CHANGE_OUTPUT,
			      task->record.number);
	}
}

static void redo_task(const struct work *work, struct task *task)
{
	struct task_record *record = &task->record;
	enum reason reason =
	    record->state == TASK_SUCCEEDED ? REASON_ALWAYS_RUN : work->reason;

	output_transition(work->engine->out, &work->run->record.id,
			  &(struct transition_record){
			      .time_us = work->engine->now_us,
			      .kind = OBJECT_TASK,
			      .activity = record->activity,
			      .phase = record->phase,
			      .task = record->number,
			      .attempt = record->attempt,
			      .from = (int)record->state,
			      .to = TASK_PENDING,
			      .reason = reason,
			      .actor = work->actor,
			  });
	queue_forget(work->engine, task);
	uncount(task);
	clear_record(record);
	drop_output(work, task);
	record->state = TASK_PENDING;
	record->reason = reason;
	task_touch(work->engine, task);
	if (task->unbound) {
		/* Nobody can say any more what it should be given. */
		task_move(work->engine, task, TASK_SKIPPED,
			  (struct cause){
			      .reason = REASON_SUPERSEDED,
			      .message = SLICE("the workflow no longer has "
					       "it") });
	}
}

/* ---- phases ---- */

static uint32_t count_tasks(const struct work *work, uint32_t activity,
			    enum phase_kind kind)
{
	const struct activity *at = &work->run->activities[activity];
	const struct phase_record *record = &at->record.phases[kind];
	uint32_t count = 0;

	for (uint32_t i = 0; record->opened && i < record->expected; i++) {
		count += is_to_be_done(work, &at->phases[kind].tasks[i]);
	}
	return count;
}

/* Back to where it was before it opened. */
static void take_back(const struct work *work, uint32_t activity,
		      enum phase_kind kind)
{
	struct run *run = work->run;
	struct phase *phase = &run->activities[activity].phases[kind];
	struct phase_record *record =
	    &run->activities[activity].record.phases[kind];

	if (group_state_final(record->state)) {
		note_group(work, OBJECT_PHASE, activity, kind, record->state,
			   REASON_SUPERSEDED);
	}
	for (uint32_t i = 0; record->opened && i < record->expected; i++) {
		queue_forget(work->engine, &phase->tasks[i]);
		phase->tasks[i].record.superseded = true;
		task_touch(work->engine, &phase->tasks[i]);
	}
	if (phase->tasks) {
		run_keep_superseded(run, phase->tasks);
	}
	*phase = (struct phase){ 0 };
	*record = (struct phase_record){ .state = GROUP_PENDING };
}

static void redo_phase(const struct work *work, uint32_t activity,
		       enum phase_kind kind)
{
	struct activity *at = &work->run->activities[activity];
	struct phase_record *record = &at->record.phases[kind];

	if (group_state_final(record->state)) {
		note_group(work, OBJECT_PHASE, activity, kind, record->state,
			   work->reason);
	}
	record->state = GROUP_PENDING;
	record->reason = work->reason;
	record->ended_us = 0;
	for (uint32_t i = 0; i < record->expected; i++) {
		if (is_to_be_done(work, &at->phases[kind].tasks[i])) {
			redo_task(work, &at->phases[kind].tasks[i]);
		}
	}
}

/* ---- activities ---- */

static void reset_activity(const struct work *work, uint32_t activity)
{
	struct activity_record *record =
	    &work->run->activities[activity].record;

	if (group_state_final(record->state)) {
		note_group(work, OBJECT_ACTIVITY, activity, PHASE_PRE,
			   record->state, work->reason);
	}
	record->state = GROUP_PENDING;
	record->reason = work->reason;
	record->expired = false;
	record->ended_us = 0;
	record->deadline_us = 0;
	activity_touch(work->engine, work->run, activity);
}

/* A post phase for a failure, or one that failed because it was empty. */
static bool is_to_be_taken_back(const struct phase_record *record)
{
	return record->curtailed || (record->opened && record->expected == 0 &&
				     record->state == GROUP_FAILED);
}

/* The activity ended badly, and not (only) because of the tasks it lists. */
static bool is_to_go_on(const struct work *work,
			const struct activity_record *record)
{
	return !work->marked && (record->state == GROUP_FAILED ||
				 record->state == GROUP_CANCELLED);
}

/* What of it is to be done again; returns how many tasks. */
static uint32_t redo_activity(const struct work *work, uint32_t activity,
			      bool *ret_reopened)
{
	const struct activity_record *record =
	    &work->run->activities[activity].record;
	uint32_t counts[PHASE_KINDS] = { 0 };
	uint32_t total = 0;
	bool goes_on = is_to_go_on(work, record);

	for (int p = 0; p < PHASE_KINDS; p++) {
		if (!is_to_be_taken_back(&record->phases[p]) || work->marked) {
			counts[p] =
			    count_tasks(work, activity, (enum phase_kind)p);
			total += counts[p];
		}
	}
	*ret_reopened = total > 0 || goes_on;
	for (int p = 0; work->apply && *ret_reopened && p < PHASE_KINDS; p++) {
		if (counts[p]) {
			redo_phase(work, activity, (enum phase_kind)p);
		} else if (is_to_be_taken_back(&record->phases[p])) {
			take_back(work, activity, (enum phase_kind)p);
		}
	}
	if (work->apply && *ret_reopened) {
		reset_activity(work, activity);
	}
	return total;
}

/* Returns how many of its tasks will not count any more. */
static uint32_t start_over(const struct work *work, uint32_t activity)
{
	struct activity_record *record =
	    &work->run->activities[activity].record;
	uint32_t total = 0;
	/* It can be pending, and yet have been reached before. */
	bool reached = is_reached(record);

	for (int p = 0; p < PHASE_KINDS; p++) {
		total +=
		    record->phases[p].opened ? record->phases[p].expected : 0;
		if (work->apply && record->phases[p].opened) {
			take_back(work, activity, (enum phase_kind)p);
		}
	}
	if (work->apply && reached) {
		reset_activity(work, activity);
		record->visit++;
		record->started_us = 0;
	}
	return total;
}

/* Fills the counts of the reopening, and does it when it is to be applied. */
static void go_through(const struct work *work)
{
	struct engine_reopen *reopen = work->reopen;
	const struct run *run = work->run;

	reopen->ret_tasks = 0;
	reopen->ret_activities = 0;
	for (uint32_t a = 0; a < run->record.activity_count; a++) {
		bool pending = run->activities[a].record.state == GROUP_PENDING;
		bool reopened = false;

		if (a >= work->from) {
			reopen->ret_tasks += start_over(work, a);
			reopened = true;
		} else {
			reopen->ret_tasks += redo_activity(work, a, &reopened);
		}
		reopen->ret_activities += reopened || pending;
	}
}

/* ---- the run ---- */

static int find_from(struct work *work, const struct event *event,
		     struct err *reterr)
{
	const struct engine_reopen *reopen = work->reopen;

	work->from = UINT32_MAX;
	if (reopen->kind == REOPEN_ALL) {
		work->from = 0;
	}
	if (reopen->kind != REOPEN_FROM) {
		return 0;
	}
	for (uint32_t a = 0; a < work->run->record.activity_count; a++) {
		if (slice_is(reopen->from,
			     run_activity_definition(work->run, a)->name)) {
			work->from = a;
		}
	}
	if (work->from == UINT32_MAX) {
		return err_set(reterr, E_NOT_FOUND,
			       "the run has no activity '%.*s'",
			       SLICE_ARG(reopen->from));
	}
	if (work->from >= reopen_reached(event)) {
		return err_set(reterr, E_UNCHANGED,
			       "the run has not come to activity '%.*s'",
			       SLICE_ARG(reopen->from));
	}
	return 0;
}

static int find_mark(struct work *work, struct err *reterr)
{
	if (work->reopen->task.len == 0) {
		return 0;
	}
	int rc = mark_parse(work->reopen->task, &work->mark, reterr);

	for (uint32_t i = 0; rc == 0 && i < work->run->record.task_count; i++) {
		if (mark_fits(&work->mark, work->run->tasks[i])) {
			work->marked = true;
		}
	}
	if (rc == 0 && !work->marked) {
		return err_set(reterr, E_NOT_FOUND,
			       "the run has no task '%.*s'",
			       SLICE_ARG(work->reopen->task));
	}
	return rc;
}

static int check_dead(const struct work *work, struct err *reterr)
{
	struct slice queue = work->reopen->queue;

	for (uint32_t i = 0; i < work->run->record.task_count; i++) {
		if (is_dead_letter(work->run->tasks[i], queue)) {
			return 0;
		}
	}
	return queue.len ? err_set(reterr, E_UNCHANGED,
				   "queue '%.*s' has no dead letter of the run",
				   SLICE_ARG(queue))
			 : 0;
}

static int check_worth(const struct work *work, struct err *reterr)
{
	if (work->marked && work->reopen->ret_tasks == 0) {
		return err_set(reterr, E_UNCHANGED, "'%.*s' has not failed",
			       SLICE_ARG(work->reopen->task));
	}
	if (work->reopen->ret_tasks == 0 && work->reopen->ret_activities == 0) {
		return err_set(reterr, E_UNCHANGED,
			       "nothing of the run is to be done again");
	}
	return 0;
}

/* What starts over does so without the marks of operators. */
static void drop_marks(const struct work *work)
{
	if (work->from != UINT32_MAX && value_len(&work->run->skips)) {
		value_clear(&work->run->skips);
		output_change(work->engine->out, work->run, CHANGE_SKIPS, 0);
	}
}

static void reset_run(const struct work *work)
{
	struct run *run = work->run;
	struct run_record *record = &run->record;

	note_group(work, OBJECT_RUN, 0, PHASE_PRE, record->state, work->reason);
	record->state = GROUP_PENDING;
	record->reason = work->reason;
	record->cancel_requested = false;
	record->cancel_forced = false;
	record->paused = false;
	record->resumes++;
	record->ended_us = 0;
	record->deadline_us = 0;
	slice_own(&record->message, SLICE(""));
	run_touch(work->engine, run);
	run_find_current(run);
}

/* Their bindings stand elsewhere in the newer definition. Of those that are not
 * in it any more the old place says so again. */
static void write_moved(const struct work *work, const struct event *event)
{
	for (uint32_t i = 0; i < work->run->record.task_count; i++) {
		struct task *task = work->run->tasks[i];

		if (!task->unbound && task->record.binding !=
					  event->as.restore.tasks[i].binding) {
			task_touch(work->engine, task);
		}
	}
}

/* Documents and activities that the store does not have like this. */
static void write_changed(const struct work *work, const struct event *event)
{
	const struct run_record *stored = event->as.restore.run;
	struct run *run = work->run;
	bool extended = memcmp(stored->version, run->record.version,
			       DEFINITION_HASH_SIZE) != 0;

	if (extended || work->reopen->documents_changed) {
		output_change(work->engine->out, run, CHANGE_CREATED, 0);
	}
	if (extended) {
		write_moved(work, event);
	}
	for (uint32_t a = 0; extended && a < run->record.activity_count; a++) {
		activity_touch(work->engine, run, a);
	}
	for (uint32_t a = run->record.activity_count;
	     a < stored->activity_count; a++) {
		output_change(work->engine->out, run, CHANGE_ACTIVITY_GONE, a);
	}
}

int reopen_run(struct engine *engine, struct run *run, struct event *event,
	       struct err *reterr)
{
	struct work work = {
		.engine = engine,
		.run = run,
		.reopen = event->as.restore.reopen,
		.actor = event->actor,
		.reason = event->as.restore.reopen->kind == REOPEN_RERUN
			      ? REASON_RERUN
			      : REASON_RETRIED,
	};
	int rc = find_from(&work, event, reterr);

	if (rc == 0) {
		rc = find_mark(&work, reterr);
	}
	if (rc == 0) {
		rc = check_dead(&work, reterr);
	}
	if (rc < 0) {
		return rc;
	}
	go_through(&work);
	rc = check_worth(&work, reterr);
	if (rc < 0 || work.reopen->dry_run) {
		return rc;
	}
	work.apply = true;
	go_through(&work);
	drop_marks(&work);
	reset_run(&work);
	write_changed(&work, event);
	return 0;
}
