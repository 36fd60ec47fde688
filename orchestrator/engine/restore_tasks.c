#include "engine/restore_tasks.h"

#include "base/alloc.h"
#include "engine/move.h"
#include "engine/open.h"
#include "engine/runs.h"
#include "engine/shared_text.h"

static void own_texts(struct task *task)
{
	struct task_record *record = &task->record;
	struct slice *texts[] = { &record->queue, &record->message,
				  &record->note };
	struct slice name = record->name;

	record->plugin = slice_of(task->plugin->name);
	record->name = (struct slice){ NULL, 0 };
	task_name(task, name);
	record->instance =
	    shared_text_like(&task->plugin->restored, record->instance);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct slice borrowed = *texts[i];

		*texts[i] = (struct slice){ NULL, 0 };
		slice_own(texts[i], borrowed);
	}
}

static bool is_same_binding(const struct binding *binding,
			    const struct task_record *record)
{
	return slice_is(record->name, binding->name) &&
	       slice_is(record->plugin, binding->plugin);
}

/* The definition may have changed since: by place, else by names. */
static void find_binding(struct task *task)
{
	struct task_record *record = &task->record;
	const struct phase_definition *phase =
	    &run_activity_definition(task->run, record->activity)
		 ->phases[record->phase];
	uint32_t place = record->binding;

	if (place == NO_BINDING ||
	    (place < phase->len &&
	     is_same_binding(&phase->bindings[place], record))) {
		return;
	}
	record->binding = NO_BINDING;
	task->unbound = true;
	for (uint32_t i = 0; i < phase->len; i++) {
		if (is_same_binding(&phase->bindings[i], record)) {
			record->binding = i;
			task->unbound = false;
			return;
		}
	}
}

static void take_record(struct engine *engine, struct task *task,
			const struct event *event, uint32_t number)
{
	const struct binding *binding;

	task->record = event->as.restore.tasks[number];
	task->record.output = SLICE("");
	task->plugin = catalog_plugin(&engine->catalog, task->record.plugin);
	own_texts(task);
	task->output = blob_ref(event->as.restore.outputs[number]);
	task->plugin->fed |= task->record.queue.len > 0;
	find_binding(task);
	binding = task_binding(task);
	/* When a post plugin runs is the definition's to say. */
	task->run_on = binding ? binding->run_on : RUN_ON_SUCCESS;
}

static void count(struct task *task)
{
	const struct task_record *record = &task->record;
	struct phase *phase = task_phase(task);
	struct phase_record *of_phase = task_phase_record(task);
	bool final = task_state_final(record->state);

	phase->counts[record->state]++;
	of_phase->finished += final;
	phase->mandatory_open += record->mandatory && !final;
	if (record->state == TASK_FAILED) {
		phase->mandatory_failed += record->mandatory;
		phase->optional_failed += !record->mandatory;
	}
}

/* Before schema 3 tasks stood in the order of their phases, without gaps. */
static uint32_t find_first(const struct phase_record *record, uint32_t at)
{
	return record->first == UNKNOWN_FIRST ? at : record->first;
}

static int check_place(const struct run *run, const struct event *event,
		       uint32_t activity, enum phase_kind kind, uint32_t number,
		       struct err *reterr)
{
	const struct task_record *stored = &event->as.restore.tasks[number];

	if (run->tasks[number] || stored->superseded ||
	    stored->activity != activity || stored->phase != kind) {
		return err_set(reterr, E_CORRUPT,
			       "task %u is not where its phase says", number);
	}
	return 0;
}

static int restore_phase(struct engine *engine, struct run *run,
			 uint32_t activity, enum phase_kind kind,
			 const struct event *event, uint32_t *at,
			 struct err *reterr)
{
	struct phase_record *record =
	    &run->activities[activity].record.phases[kind];
	uint32_t count_all = event->as.restore.run->task_count;

	if (!record->opened) {
		return 0;
	}
	uint32_t first = find_first(record, *at);

	if (first > count_all || record->expected > count_all - first) {
		return err_set(reterr, E_CORRUPT,
			       "activity %u expects %u tasks in %s, the run "
			       "has fewer",
			       activity, record->expected,
			       phase_kind_name(kind));
	}
	for (uint32_t i = 0; i < record->expected; i++) {
		int rc =
		    check_place(run, event, activity, kind, first + i, reterr);

		if (rc < 0) {
			return rc;
		}
	}
	struct task *tasks =
	    phase_make_tasks(run, activity, kind, first, record->expected);

	/* The tasks are the truth. */
	record->finished = 0;
	for (uint32_t i = 0; i < record->expected; i++) {
		take_record(engine, &tasks[i], event, first + i);
		count(&tasks[i]);
	}
	record->mandatory_done =
	    run->activities[activity].phases[kind].mandatory_open == 0;
	*at = first + record->expected;
	return 0;
}

/* What is in no phase must belong to a visit that was taken back. */
static int restore_superseded(struct engine *engine, struct run *run,
			      const struct event *event, struct err *reterr)
{
	for (uint32_t i = 0; i < event->as.restore.run->task_count; i++) {
		const struct task_record *stored = &event->as.restore.tasks[i];

		if (run->tasks[i]) {
			continue;
		}
		if (!stored->superseded ||
		    stored->activity >= run->record.activity_count) {
			return err_set(reterr, E_CORRUPT,
				       "task %u is in no phase", i);
		}
		struct task *task = alloc_zeroed(1, sizeof(*task));

		task->run = run;
		task->timer.owner = TIMER_TASK;
		run->tasks[i] = task;
		run_keep_superseded(run, task);
		take_record(engine, task, event, i);
	}
	return 0;
}

int restore_tasks(struct engine *engine, struct run *run,
		  const struct event *event, struct err *reterr)
{
	uint32_t at = 0;
	int rc = 0;

	run_make_room(run, event->as.restore.run->task_count);
	for (uint32_t a = 0; rc == 0 && a < run->record.activity_count; a++) {
		for (int p = 0; rc == 0 && p < PHASE_KINDS; p++) {
			rc = restore_phase(engine, run, a, (enum phase_kind)p,
					   event, &at, reterr);
		}
	}
	return rc == 0 ? restore_superseded(engine, run, event, reterr) : rc;
}
