/* Sentences about phases; see reason.h. */
#include <inttypes.h>

#include "cli/reason.h"
#include "cli/text.h"

#define NAMED 3 /* tasks named in one sentence */

static struct task_list phase_tasks(const struct reason_context *context,
				    size_t activity, enum phase_kind phase)
{
	return run_index_phase(context->index, activity, phase);
}

static const struct phase_record *phase_of(const struct reason_context *context,
					   size_t activity,
					   enum phase_kind phase)
{
	return &context->run->activities[activity].phases[phase];
}

static const struct task_record *first_failed(struct task_list list,
					      bool mandatory)
{
	for (size_t i = 0; i < list.len; i++) {
		if (list.tasks[i]->state == TASK_FAILED &&
		    list.tasks[i]->mandatory == mandatory) {
			return list.tasks[i];
		}
	}
	return NULL;
}

/* "'a' (running), 'b' (waiting) and 4 more" */
static void put_open(struct buf *out, struct task_list list)
{
	size_t open = 0;

	for (size_t i = 0; i < list.len; i++) {
		const struct task_record *task = list.tasks[i];

		if (task_state_final(task->state)) {
			continue;
		}
		if (open < NAMED) {
			buf_printf(out, "%s'%.*s' (%s)", open ? ", " : "",
				   SLICE_ARG(task->name),
				   task_state_name(task->state));
		}
		open++;
	}
	if (open > NAMED) {
		buf_printf(out, " and %zu more", open - NAMED);
	}
}

static void put_phase_running(struct buf *out,
			      const struct reason_context *context,
			      size_t activity, enum phase_kind phase)
{
	const struct phase_record *record = phase_of(context, activity, phase);
	struct task_list list = phase_tasks(context, activity, phase);

	if (record->mandatory_done) {
		buf_put_text(out, "all mandatory tasks have ended; optional "
				  "ones are open: ");
	} else {
		buf_printf(
		    out, "%" PRIu32 " of %" PRIu32 " tasks have ended; open: ",
		    record->finished, record->expected);
	}
	put_open(out, list);
}

static void put_failure(struct buf *out, const struct reason_context *context,
			const struct task_record *task)
{
	buf_printf(
	    out, "%s task '%.*s': ", task->mandatory ? "mandatory" : "optional",
	    SLICE_ARG(task->name));
	reason_put_task(out, context, task);
}

static void put_phase_failed(struct buf *out,
			     const struct reason_context *context,
			     size_t activity, enum phase_kind phase)
{
	const struct phase_record *record = phase_of(context, activity, phase);
	struct task_list list = phase_tasks(context, activity, phase);
	const struct task_record *failed = first_failed(list, true);

	if (!failed) {
		failed = first_failed(list, false);
	}
	if (failed) {
		put_failure(out, context, failed);
	} else if (record->expected == 0) {
		buf_put_text(out, "no plugin matched, and the activity demands "
				  "one (on_empty: fail)");
	} else {
		buf_put_text(out, reason_words(record->reason));
	}
	if (record->finished < record->expected) {
		buf_put_text(out, "; still to end: ");
		put_open(out, list);
	}
}

static void put_phase_degraded(struct buf *out,
			       const struct reason_context *context,
			       struct task_list list)
{
	const struct task_record *failed = first_failed(list, false);

	if (failed) {
		put_failure(out, context, failed);
	} else {
		buf_put_text(out, reason_words(REASON_OPTIONAL_FAILED));
	}
}

static void put_phase_pending(struct buf *out,
			      const struct reason_context *context,
			      size_t activity, enum phase_kind phase)
{
	const struct activity_record *record =
	    &context->run->activities[activity];

	if (group_state_final(context->run->run.state) ||
	    group_state_final(record->state)) {
		buf_put_text(out, "was not reached");
	} else if (record->phases[phase].reason == REASON_REGISTER_WINDOW) {
		buf_put_text(out, reason_words(REASON_REGISTER_WINDOW));
	} else if (record->phases[phase].opened) {
		buf_put_text(out, "none of its tasks has started: ");
		put_open(out, phase_tasks(context, activity, phase));
	} else if (record->state == GROUP_PENDING || phase == PHASE_PRE) {
		buf_put_text(out, "waits until its activity begins");
	} else {
		enum phase_kind before =
		    phase == PHASE_POST ? PHASE_PARALLEL : PHASE_PRE;

		buf_printf(out, "waits until phase %s has ended",
			   phase_kind_name(before));
	}
}

static void put_phase_succeeded(struct buf *out,
				const struct phase_record *record)
{
	if (record->expected == 0) {
		buf_put_text(out, "no plugin matched");
		if (record->filtered) {
			buf_printf(out, ", %" PRIu32 " filtered out",
				   record->filtered);
		}
	} else {
		text_put_count(out, record->expected, "task ended well",
			       "tasks ended well");
	}
}

/* Is one of them parked no more, but in nobody's hands either? */
static bool any_woken(struct task_list list)
{
	for (size_t i = 0; i < list.len; i++) {
		if ((list.tasks[i]->state == TASK_WAITING ||
		     list.tasks[i]->state == TASK_RETRYING) &&
		    list.tasks[i]->wake_us == 0) {
			return true;
		}
	}
	return false;
}

void reason_put_phase(struct buf *out, const struct reason_context *context,
		      size_t activity, enum phase_kind phase)
{
	const struct phase_record *record = phase_of(context, activity, phase);
	struct task_list list = phase_tasks(context, activity, phase);

	switch (record->state) {
	case GROUP_PENDING:
		put_phase_pending(out, context, activity, phase);
		break;
	case GROUP_RUNNING:
		put_phase_running(out, context, activity, phase);
		break;
	case GROUP_WAITING:
		if (list.len == 0) {
			buf_put_text(out, reason_words(record->reason));
			break;
		}
		buf_put_text(out, record->reason == REASON_PAUSED
				      ? "held back by a pause: "
				  : any_woken(list)
				      ? "nothing can go on before a slot or "
					"a time is there for: "
				      : "time must pass for: ");
		put_open(out, list);
		break;
	case GROUP_CANCELLING:
		buf_put_text(out, "the run is being cancelled; still to end: ");
		put_open(out, list);
		break;
	case GROUP_SUCCEEDED:
		put_phase_succeeded(out, record);
		break;
	case GROUP_FAILED:
		put_phase_failed(out, context, activity, phase);
		break;
	case GROUP_DEGRADED:
		put_phase_degraded(out, context, list);
		break;
	default:
		buf_put_text(out, reason_words(record->reason != REASON_NONE
						   ? record->reason
						   : REASON_CANCEL_REQUESTED));
	}
}
