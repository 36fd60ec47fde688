/* Sentences about activities and runs; see reason.h. */
#include <inttypes.h>

#include "cli/reason.h"
#include "cli/text.h"

enum phase_kind reason_telling_phase(const struct activity_record *activity)
{
	static const enum group_state order[] = {
		GROUP_FAILED,  GROUP_CANCELLING, GROUP_RUNNING,
		GROUP_WAITING, GROUP_CANCELLED,  GROUP_DEGRADED,
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		for (int p = 0; p < PHASE_KINDS; p++) {
			if (activity->phases[p].state == order[i]) {
				return (enum phase_kind)p;
			}
		}
	}
	for (int p = 0; p < PHASE_KINDS; p++) {
		if (activity->phases[p].opened &&
		    !group_state_final(activity->phases[p].state)) {
			return (enum phase_kind)p;
		}
	}
	return PHASE_KINDS;
}

/* The first activity that has neither ended well nor is `last`, before it. */
static const struct activity_record *
blocking_activity(const struct reason_context *context, size_t last)
{
	for (size_t i = 0; i < last; i++) {
		const struct activity_record *it = &context->run->activities[i];

		if (!group_state_final(it->state) ||
		    it->state == GROUP_FAILED || it->state == GROUP_CANCELLED) {
			return it;
		}
	}
	return NULL;
}

static void put_activity_pending(struct buf *out,
				 const struct reason_context *context,
				 size_t activity)
{
	const struct activity_record *before =
	    blocking_activity(context, activity);
	bool ended = group_state_final(context->run->run.state);

	buf_put_text(out, ended ? "was not reached: " : "waits ");
	if (!before) {
		buf_put_text(out,
			     ended ? "the run ended before" : "for its turn");
		return;
	}
	buf_printf(out, "%sactivity '%s' ", ended ? "" : "until ",
		   run_activity_name(context->run, before->index));
	buf_put_text(out, !ended                          ? "has ended"
			  : before->state == GROUP_FAILED ? "failed"
							  : "was cancelled");
}

static void put_activity_succeeded(struct buf *out,
				   const struct reason_context *context,
				   size_t activity)
{
	const struct activity_record *record =
	    &context->run->activities[activity];
	size_t tasks = run_index_activity(context->index, activity).len;

	if (tasks == 0) {
		buf_put_text(out, "no plugin matched");
		return;
	}
	text_put_count(out, tasks, "task ended well", "tasks ended well");
	if (record->started_us && record->ended_us) {
		buf_put_text(out, " after ");
		text_put_duration(out, record->ended_us - record->started_us);
	}
}

void reason_put_activity(struct buf *out, const struct reason_context *context,
			 size_t activity)
{
	const struct activity_record *record =
	    &context->run->activities[activity];
	enum phase_kind phase = reason_telling_phase(record);

	if (record->state == GROUP_PENDING) {
		put_activity_pending(out, context, activity);
	} else if (record->state == GROUP_SUCCEEDED) {
		put_activity_succeeded(out, context, activity);
	} else if (record->state == GROUP_SKIPPED) {
		buf_put_text(out, "skipped: its 'when' was false");
	} else if (reason_awaits_registration(record)) {
		reason_put_registration(out, context, activity);
	} else if (phase != PHASE_KINDS) {
		buf_printf(out, "phase %s: ", phase_kind_name(phase));
		reason_put_phase(out, context, activity, phase);
	} else if (group_state_final(record->state)) {
		buf_put_text(
		    out, reason_words(reason_of_activity(context, activity)));
	} else {
		buf_put_text(out, "its next phase is about to begin");
	}
}

/* The activity that speaks for the run, or NULL. */
static const struct activity_record *
telling_activity(const struct reason_context *context)
{
	enum group_state state = context->run->run.state;

	for (size_t i = 0; i < context->run->activity_count; i++) {
		const struct activity_record *it = &context->run->activities[i];

		if (group_state_final(state) ? it->state == state
					     : !group_state_final(it->state) &&
						   it->state != GROUP_PENDING) {
			return it;
		}
	}
	return NULL;
}

static void put_telling(struct buf *out, const struct reason_context *context)
{
	const struct activity_record *activity = telling_activity(context);
	const struct run_record *run = &context->run->run;

	if (activity) {
		buf_printf(out, "activity '%s', ",
			   run_activity_name(context->run, activity->index));
		reason_put_activity(out, context, activity->index);
	} else if (run->message.len) {
		buf_put_slice(out, run->message);
	} else if (run->state == GROUP_PENDING) {
		buf_put_text(out, "accepted, not begun yet");
	} else if (group_state_final(run->state)) {
		buf_put_text(out, reason_words(reason_of_run(run)));
	} else {
		buf_put_text(out, "the next activity is about to begin");
	}
}

static void put_run_succeeded(struct buf *out,
			      const struct reason_context *context)
{
	const struct run_record *run = &context->run->run;

	text_put_count(out, context->run->activity_count, "activity ended well",
		       "activities ended well");
	if (run->started_us && run->ended_us) {
		buf_put_text(out, " after ");
		text_put_duration(out, run->ended_us - run->started_us);
	}
}

static void put_run_cancelled(struct buf *out,
			      const struct reason_context *context)
{
	bool done = context->run->run.state == GROUP_CANCELLED;

	buf_put_text(out, done ? "cancelled" : "being cancelled");
	if (context->cancelled_by.len) {
		buf_printf(out, " by %.*s", SLICE_ARG(context->cancelled_by));
	}
	if (!done) {
		buf_put_text(out, "; ");
		put_telling(out, context);
	}
}

void reason_put_run(struct buf *out, const struct reason_context *context)
{
	const struct run_record *run = &context->run->run;

	if (run->state == GROUP_SUCCEEDED) {
		put_run_succeeded(out, context);
	} else if (run->state == GROUP_CANCELLED ||
		   run->state == GROUP_CANCELLING) {
		put_run_cancelled(out, context);
	} else {
		if (context->paused.scope) {
			paused_put(out, &context->paused, context->now_us);
			buf_put_text(out, "; ");
		}
		put_telling(out, context);
	}
	if (!group_state_final(run->state) && !context->daemon_alive) {
		buf_put_text(out, "; no daemon runs, so nothing goes on until "
				  "one is started (tutti serve -c FILE)");
	}
}
