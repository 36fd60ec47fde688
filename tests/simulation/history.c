#include "history.h"

#include <string.h>

#include "base/alloc.h"
#include "sim.h"

struct history_task *history_task(struct history *history, uint32_t task)
{
	if (task >= history->task_cap) {
		uint32_t cap = task + 16;

		history->tasks =
		    alloc_resize(history->tasks, cap, sizeof(*history->tasks));
		memset(history->tasks + history->task_cap, 0,
		       (cap - history->task_cap) * sizeof(*history->tasks));
		history->task_cap = cap;
	}
	return &history->tasks[task];
}

static int *state_of(struct history *history,
		     const struct transition_record *move)
{
	switch (move->kind) {
	case OBJECT_RUN:
		return &history->run;
	case OBJECT_ACTIVITY:
		return &history->activities[move->activity];
	case OBJECT_PHASE:
		return &history->phases[move->activity][move->phase];
	case OBJECT_TASK:
		break;
	}
	return &history_task(history, move->task)->state;
}

static bool reopens(const struct transition_record *move)
{
	return move->kind == OBJECT_TASK
		   ? task_state_reopens((enum task_state)move->from,
					(enum task_state)move->to)
		   : group_state_reopens((enum group_state)move->from,
					 (enum group_state)move->to);
}

/* The run has ended, or goes on again since this very batch. */
static bool may_reopen(const struct history *history)
{
	return history->reopening ||
	       group_state_final((enum group_state)history->run);
}

static bool is_allowed(const struct history *history,
		       const struct transition_record *move)
{
	if (move->kind == OBJECT_TASK) {
		enum task_state from = (enum task_state)move->from;
		enum task_state to = (enum task_state)move->to;

		return task_state_allowed(from, to) ||
		       (may_reopen(history) && task_state_reopens(from, to));
	}
	enum group_state from = (enum group_state)move->from;
	enum group_state to = (enum group_state)move->to;

	return group_state_allowed(from, to) ||
	       (may_reopen(history) && group_state_reopens(from, to));
}

static const char *name_of(const struct transition_record *move, int state)
{
	if (state < 0) {
		return "nothing";
	}
	return move->kind == OBJECT_TASK
		   ? task_state_name((enum task_state)state)
		   : group_state_name((enum group_state)state);
}

/* A delivery is one more attempt, unless the task has only slept. */
static void check_attempt(struct sim *sim, const struct sim_run *run,
			  struct history_task *task,
			  const struct transition_record *move)
{
	bool delivered =
	    move->to == TASK_RUNNING && move->reason != REASON_WOKEN;
	uint32_t expected = task->attempt + delivered;

	sim_check(sim, !task->superseded, "what was taken back stays as it is",
		  "r%u/%u is %s", run->number, move->task,
		  name_of(move, move->to));

	sim_check(sim, move->attempt == expected, "attempts rise by one",
		  "r%u/%u is %s with attempt %u, not %u", run->number,
		  move->task, name_of(move, move->to), move->attempt, expected);
	task->attempt = expected;
}

/* What is worth a line but moves nothing: an operator's wish, and the end of a
 * task that was given up, whatever has become of it since. */
static bool is_note(struct sim *sim, struct sim_run *run,
		    const struct transition_record *move)
{
	bool wish =
	    move->kind == OBJECT_RUN &&
	    (move->reason == REASON_PAUSED || move->reason == REASON_RESUMED);
	bool late = move->kind == OBJECT_TASK && move->reason == REASON_LATE;

	if (move->from != move->to || (!wish && !late)) {
		return false;
	}
	sim_check(sim,
		  wish ? move->from == run->image.history.run
		       : move->from == *state_of(&run->image.history, move),
		  "every move begins where the object is",
		  "r%u, %s %u: %s, but it is %s", run->number,
		  object_kind_name(move->kind), move->task,
		  reason_name(move->reason),
		  name_of(move, *state_of(&run->image.history, move)));
	return true;
}

void history_take(struct sim *sim, struct sim_run *run,
		  const struct transition_record *move)
{
	struct history *history = &run->image.history;

	sim_check(sim, move->activity < HISTORY_ACTIVITIES,
		  "records can be read", "activity %u", move->activity);
	if (history->len++ == 0) {
		history->run = -1;
	}
	if (is_note(sim, run, move)) {
		return;
	}
	int *state = state_of(history, move);

	sim_check(sim, move->from == *state,
		  "every move begins where the "
		  "object is",
		  "r%u, %s %u: %s > %s (%s), but it is %s", run->number,
		  object_kind_name(move->kind),
		  move->kind == OBJECT_TASK ? move->task : move->activity,
		  name_of(move, move->from), name_of(move, move->to),
		  reason_name(move->reason), name_of(move, *state));
	if (move->kind == OBJECT_RUN && move->from >= 0 &&
	    group_state_reopens((enum group_state)move->from,
				(enum group_state)move->to)) {
		history->reopening = true;
	}
	sim_check(sim, move->from < 0 || is_allowed(history, move),
		  "every move is in its table", "r%u, %s %u: %s > %s (%s)",
		  run->number, object_kind_name(move->kind),
		  move->kind == OBJECT_TASK ? move->task : move->activity,
		  name_of(move, move->from), name_of(move, move->to),
		  reason_name(move->reason));
	*state = move->to;
	history->reopened |= move->from >= 0 && reopens(move);
	if (move->kind == OBJECT_TASK) {
		check_attempt(sim, run, history_task(history, move->task),
			      move);
	}
}
