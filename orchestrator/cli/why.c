#include "cli/why.h"

#include <stdlib.h>

#include "base/alloc.h"

static void add(struct why *why, struct why_item item, struct buf *sentence)
{
	item.sentence = buf_take(sentence);
	alloc_grow(why->items, why->len, why->cap);
	why->items[why->len++] = item;
}

static void add_task(struct why *why, const struct reason_context *context,
		     const struct task_record *task)
{
	struct buf sentence = { 0 };

	reason_put_task(&sentence, context, task);
	add(why,
	    (struct why_item){
		.kind = OBJECT_TASK,
		.activity = task->activity,
		.phase = task->phase,
		.task = task,
		.name = task->name,
	    },
	    &sentence);
}

static void add_phase(struct why *why, const struct reason_context *context,
		      size_t activity, enum phase_kind phase)
{
	struct task_list list =
	    run_index_phase(context->index, activity, phase);
	struct buf sentence = { 0 };

	reason_put_phase(&sentence, context, activity, phase);
	add(why,
	    (struct why_item){
		.kind = OBJECT_PHASE,
		.activity = activity,
		.phase = phase,
	    },
	    &sentence);
	for (size_t i = 0; i < list.len; i++) {
		if (list.tasks[i]->state != TASK_SUCCEEDED) {
			add_task(why, context, list.tasks[i]);
		}
	}
}

/* A phase that is empty because it was not reached is worth a word only when
 * the config binds something to it. */
static bool phase_counts(const struct reason_context *context, size_t activity,
			 enum phase_kind phase)
{
	const struct definition *definition = context->run->definition;
	const struct phase_record *record =
	    &context->run->activities[activity].phases[phase];

	if (record->state == GROUP_SUCCEEDED) {
		return false;
	}
	if (record->opened || record->state != GROUP_PENDING) {
		return true;
	}
	return definition && activity < definition->len &&
	       definition->activities[activity].phases[phase].len > 0;
}

/* The phases below say the rest. */
static void put_activity(struct buf *out, const struct reason_context *context,
			 size_t activity)
{
	const struct activity_record *record =
	    &context->run->activities[activity];
	enum phase_kind phase = reason_telling_phase(record);

	if (record->state == GROUP_PENDING || phase == PHASE_KINDS ||
	    reason_awaits_registration(record)) {
		reason_put_activity(out, context, activity);
	} else {
		buf_printf(out, "%s phase %s",
			   group_state_final(record->state) ? "because of"
							    : "in",
			   phase_kind_name(phase));
	}
}

static void add_activity(struct why *why, const struct reason_context *context,
			 size_t activity)
{
	enum group_state state = context->run->activities[activity].state;
	struct buf sentence = { 0 };

	if (state == GROUP_SUCCEEDED) {
		return;
	}
	put_activity(&sentence, context, activity);
	add(why,
	    (struct why_item){
		.kind = OBJECT_ACTIVITY,
		.activity = activity,
	    },
	    &sentence);
	for (int p = 0; p < PHASE_KINDS && state != GROUP_PENDING; p++) {
		if (phase_counts(context, activity, (enum phase_kind)p)) {
			add_phase(why, context, activity, (enum phase_kind)p);
		}
	}
}

void why_explain(struct why *why, const struct reason_context *context)
{
	struct buf sentence = { 0 };

	*why = (struct why){ 0 };
	reason_put_run(&sentence, context);
	add(why, (struct why_item){ .kind = OBJECT_RUN }, &sentence);
	for (size_t i = 0; i < context->run->activity_count; i++) {
		add_activity(why, context, i);
	}
}

static void add_unborn(struct why *why, const struct reason_context *context,
		       const struct task_pattern *pattern)
{
	struct buf sentence = { 0 };
	size_t activity;
	enum phase_kind phase;

	if (!task_pattern_find_bound(pattern, context->run, &activity,
				     &phase)) {
		return;
	}
	buf_printf(&sentence, "comes to be with phase %s of activity '%s', ",
		   phase_kind_name(phase),
		   run_activity_name(context->run, activity));
	buf_put_text(&sentence, "which ");
	if (context->run->activities[activity].state == GROUP_PENDING) {
		reason_put_activity(&sentence, context, activity);
	} else {
		reason_put_phase(&sentence, context, activity, phase);
	}
	add(why,
	    (struct why_item){
		.kind = OBJECT_TASK,
		.activity = activity,
		.phase = phase,
		.name = pattern->name,
	    },
	    &sentence);
}

void why_explain_tasks(struct why *why, const struct reason_context *context,
		       const struct task_pattern *pattern)
{
	*why = (struct why){ 0 };
	for (size_t i = 0; i < context->run->task_count; i++) {
		const struct task_record *task = &context->run->tasks[i];

		if (!task->superseded &&
		    task_pattern_matches(
			pattern,
			run_activity_name(context->run, task->activity),
			task->phase, task->name)) {
			add_task(why, context, task);
		}
	}
	if (why->len == 0) {
		add_unborn(why, context, pattern);
	}
}

void why_fini(struct why *why)
{
	for (size_t i = 0; i < why->len; i++) {
		free(why->items[i].sentence);
	}
	free(why->items);
	*why = (struct why){ 0 };
}
