#include "cli/reason.h"

static enum reason task_default(const struct task_record *task)
{
	switch (task->state) {
	case TASK_PENDING:
		return task->phase == PHASE_PARALLEL ? REASON_NO_FREE_SLOT
						     : REASON_EARLIER_TASK;
	case TASK_QUEUED:
		return REASON_IN_QUEUE;
	case TASK_RUNNING:
		return REASON_IN_PLUGIN;
	case TASK_WAITING:
		return REASON_UNTIL_TIME;
	case TASK_RETRYING:
		return REASON_BACKOFF;
	default:
		return REASON_NONE;
	}
}

static enum reason group_default(enum group_state state, enum reason pending)
{
	switch (state) {
	case GROUP_PENDING:
		return pending;
	case GROUP_RUNNING:
		return REASON_TASKS_RUNNING;
	case GROUP_WAITING:
		return REASON_UNTIL_TIME;
	case GROUP_CANCELLING:
		return REASON_CANCEL_REQUESTED;
	default:
		return REASON_NONE;
	}
}

static enum reason group_reason(enum group_state state, enum reason known,
				enum reason pending)
{
	if (state == GROUP_SUCCEEDED) {
		return REASON_NONE;
	}
	return known != REASON_NONE ? known : group_default(state, pending);
}

enum reason reason_of_task(const struct reason_context *context,
			   const struct task_record *task)
{
	(void)context;
	if (task->state == TASK_SUCCEEDED) {
		return REASON_NONE;
	}
	return task->reason != REASON_NONE ? task->reason : task_default(task);
}

enum reason reason_of_phase(const struct reason_context *context,
			    size_t activity, enum phase_kind phase)
{
	const struct activity_record *record =
	    &context->run->activities[activity];
	const struct phase_record *it = &record->phases[phase];

	return group_reason(it->state, it->reason,
			    record->state == GROUP_PENDING
				? REASON_EARLIER_ACTIVITY
				: REASON_EARLIER_PHASE);
}

enum reason reason_of_activity(const struct reason_context *context,
			       size_t activity)
{
	const struct activity_record *record =
	    &context->run->activities[activity];

	return group_reason(record->state, record->reason,
			    REASON_EARLIER_ACTIVITY);
}

enum reason reason_of_run(const struct run_record *run)
{
	return group_reason(run->state, run->reason, REASON_STARTED);
}

const char *reason_words(enum reason reason)
{
	static const char *const words[REASONS] = {
		[REASON_NONE] = "as it should be",
		[REASON_EARLIER_PHASE] = "an earlier phase has not ended",
		[REASON_EARLIER_ACTIVITY] = "an earlier activity has not ended",
		[REASON_EARLIER_TASK] = "an earlier task has not ended",
		[REASON_NO_FREE_SLOT] = "the plugin has no free slot",
		[REASON_NO_PLUGIN] = "the plugin is not registered",
		[REASON_IN_PLUGIN] = "handed to the plugin",
		[REASON_TASKS_RUNNING] = "tasks are running",
		[REASON_DRAINING] =
		    "a mandatory task failed, the others end first",
		[REASON_UNTIL_TIME] = "parked until a time",
		[REASON_CANCEL_REQUESTED] = "the run was cancelled",
		[REASON_DEADLINE] = "its time was over",
		[REASON_ABANDONED] =
		    "told to stop, did not in time, and was given up",
		[REASON_PLUGIN_FAILED] = "the plugin failed",
		[REASON_MANDATORY_FAILED] = "a mandatory task failed",
		[REASON_OPTIONAL_FAILED] = "an optional task failed",
		[REASON_EMPTY_PHASE] = "no plugin matched",
		[REASON_OPERATOR] = "an operator asked for it",
		[REASON_SIBLING_FAILED] =
		    "a mandatory task of the same phase failed",
		[REASON_REDELIVERED] = "delivered again after a restart",
		[REASON_TEMPLATE] = "its 'with' could not be filled in",
		[REASON_COMPLETED] = "the plugin completed it",
		[REASON_STARTED] = "accepted",
		[REASON_PARKED] = "parked by the plugin",
		[REASON_WOKEN] = "its time had come",
		[REASON_NO_INSTANCE] = "the plugin has no live instance",
		[REASON_INSTANCE_LOST] =
		    "the instance that had it was lost, it is given to another",
		[REASON_RETURNED] = "given back by the plugin, not begun",
		[REASON_CRASHED] =
		    "too many instances died with it in their hands",
		[REASON_REMOVED] = "the plugin was removed",
		[REASON_QUARANTINED] = "the plugin is quarantined",
		[REASON_REGISTER_WINDOW] =
		    "waits for plugins that are about to register",
		[REASON_BACKOFF] = "an attempt failed, another one follows",
		[REASON_RETRY] = "another attempt is due",
		[REASON_ATTEMPTS] = "all its attempts have failed",
		[REASON_PAUSED] = "an operator paused it",
		[REASON_RESUMED] = "an operator ended its pause",
		[REASON_RETRIED] = "an operator has it tried again",
		[REASON_RERUN] = "the run was started again",
		[REASON_ALWAYS_RUN] = "its plugin runs in every re-run",
		[REASON_SUPERSEDED] = "its activity was started over",
		[REASON_LATE] = "it ended after it had been given up",
		[REASON_IN_QUEUE] = "in its queue",
		[REASON_LEASE_EXPIRED] = "nothing was heard of it for too long",
		[REASON_DEAD_LETTER] =
		    "all its attempts have failed, its queue has given it up",
		[REASON_PURGED] = "an operator threw it out of its queue",
	};

	return reason < REASONS && words[reason] ? words[reason]
						 : "for a reason unknown here";
}
