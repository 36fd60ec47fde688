#include "engine/skip.h"

#include "base/alloc.h"
#include "engine/advance.h"
#include "engine/mark.h"

static bool is_bound(const struct phase_definition *phase, struct slice name)
{
	for (size_t i = 0; i < phase->len; i++) {
		if (slice_is(name, phase->bindings[i].name) ||
		    slice_is(name, phase->bindings[i].plugin)) {
			return true;
		}
	}
	return false;
}

static bool is_subscribed(const struct engine *engine, const struct run *run,
			  const struct door *door, struct slice name)
{
	const struct plugin *plugin = catalog_find(&engine->catalog, name);

	return plugin && plugin->registered &&
	       catalog_own(door, plugin,
			   run->pin ? run->pin->generation
				    : engine->catalog.generation);
}

/* Could a task that fits still come to be? */
static bool may_come(const struct engine *engine, const struct mark *mark,
		     const struct run *run)
{
	for (uint32_t a = run->current; a < run->record.activity_count; a++) {
		const struct activity_definition *activity =
		    run_activity_definition(run, a);

		for (int p = 0; p < PHASE_KINDS; p++) {
			if (run->activities[a].record.phases[p].opened ||
			    !mark_fits_place(mark, run, a, p)) {
				continue;
			}
			if (is_bound(&activity->phases[p], mark->name) ||
			    is_subscribed(engine, run,
					  catalog_door(&engine->catalog,
						       slice_of(activity->name),
						       (enum phase_kind)p),
					  mark->name)) {
				return true;
			}
		}
	}
	return false;
}

static void skip(struct engine *engine, struct task *task, struct slice actor)
{
	task_move(engine, task, TASK_SKIPPED,
		  (struct cause){ .reason = REASON_OPERATOR, .actor = actor });
}

static void add_mark(struct engine *engine, struct run *run, struct slice text)
{
	if (run->skips.type != VALUE_ARRAY) {
		run->skips = value_array();
	}
	value_push(&run->skips, value_string(text));
	output_change(engine->out, run, CHANGE_SKIPS, 0);
}

static bool is_marked(const struct run *run, struct slice text)
{
	for (size_t i = 0; i < value_len(&run->skips); i++) {
		if (slice_equal(value_at(&run->skips, i)->as.text, text)) {
			return true;
		}
	}
	return false;
}

static bool has_not_begun(const struct task_record *record)
{
	return record->state == TASK_PENDING ||
	       (record->state == TASK_QUEUED && record->attempt == 0);
}

/* Lists what can be skipped now; returns how many fit in any state. */
static size_t find_tasks(const struct run *run, const struct mark *mark,
			 struct event *event)
{
	size_t fitting = 0;
	size_t cap = 0;

	for (uint32_t i = 0; i < run->record.task_count; i++) {
		if (!mark_fits(mark, run->tasks[i])) {
			continue;
		}
		fitting++;
		if (has_not_begun(&run->tasks[i]->record)) {
			alloc_grow(event->as.skip.ret_tasks,
				   event->as.skip.ret_count, cap);
			event->as.skip.ret_tasks[event->as.skip.ret_count++] =
			    i;
		}
	}
	return fitting;
}

int skip_tasks(struct engine *engine, struct run *run, struct event *event,
	       struct err *reterr)
{
	struct slice text = event->as.skip.task;
	struct mark mark = { .phase = -1 };
	int rc = mark_parse(text, &mark, reterr);

	if (rc < 0) {
		return rc;
	}
	size_t fitting = find_tasks(run, &mark, event);
	bool coming = fitting == 0 && may_come(engine, &mark, run);

	if (fitting == 0 && !coming) {
		return err_set(reterr, E_NOT_FOUND,
			       "the run has no task '%.*s', and none of that "
			       "name can still come",
			       SLICE_ARG(text));
	}
	if (event->as.skip.ret_count == 0 &&
	    (!coming || is_marked(run, text))) {
		return err_set(reterr, E_UNCHANGED,
			       coming ? "'%.*s' is marked already"
				      : "'%.*s' has started or ended already; "
					"only what is pending can be skipped",
			       SLICE_ARG(text));
	}
	event->as.skip.ret_marked = coming;
	if (event->as.skip.dry_run) {
		return 0;
	}
	for (size_t i = 0; i < event->as.skip.ret_count; i++) {
		skip(engine, run->tasks[event->as.skip.ret_tasks[i]],
		     event->actor);
	}
	if (coming) {
		add_mark(engine, run, text);
	}
	run_advance(engine, run);
	return 0;
}

void skip_marked(struct engine *engine, struct run *run, enum phase_kind kind)
{
	const struct phase_record *record =
	    &run->activities[run->current].record.phases[kind];
	struct phase *phase = &run->activities[run->current].phases[kind];

	for (size_t m = 0; m < value_len(&run->skips); m++) {
		struct mark mark = { .phase = -1 };

		if (mark_parse(value_at(&run->skips, m)->as.text, &mark, NULL) <
		    0) {
			continue;
		}
		for (uint32_t i = 0; i < record->expected; i++) {
			struct task *task = &phase->tasks[i];

			if (task->record.state == TASK_PENDING &&
			    mark_fits(&mark, task)) {
				skip(engine, task, SLICE("operator"));
			}
		}
	}
}
