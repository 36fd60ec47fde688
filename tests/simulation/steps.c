#include "steps.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "check.h"
#include "retry.h"
#include "sim.h"

bool steps_allowed(const struct sim *sim)
{
	return !sim->committer.blocked;
}

bool steps_in_hands(struct sim *sim, const struct task_key *key)
{
	struct sim_run *run = sim_run(sim, &key->run);

	return run && key->task < run->task_cap &&
	       run->tasks[key->task].holder &&
	       run->tasks[key->task].attempt == key->attempt;
}

/* ---- who has what ---- */

static void let_go(struct sim *sim, struct sim_task *task)
{
	struct copy *copy = bus_copy(sim, task->holder);

	if (copy) {
		copy->held--;
	}
	task->holder = 0;
	task->told_us = 0;
}

/* It goes on without its copy, whose slot stays taken. */
static void lose(struct sim *sim, struct sim_run *run, uint32_t number)
{
	struct sim_task *task = sim_task(run, number);
	struct copy *copy = bus_copy(sim, task->holder);

	alloc_grow(sim->lost, sim->lost_count, sim->lost_cap);
	sim->lost[sim->lost_count++] = (struct lost_task){
		.key = { .run = run->id,
			 .task = number,
			 .attempt = task->attempt },
		.copy = task->holder,
	};
	if (copy) {
		copy->lost++;
	}
	let_go(sim, task);
}

static void give_up(struct sim *sim, struct sim_run *run, uint32_t number)
{
	const struct sim_task *task = sim_task(run, number);

	sim_check(sim, task->told_us, "only who was told to stop is given up",
		  "r%u/%u", run->number, number);
	sim_check(sim, sim->now_us >= task->told_us + GRACE_MS * 1000,
		  "nobody is given up before the grace period is over",
		  "r%u/%u: told at %lld", run->number, number,
		  (long long)task->told_us);
	lose(sim, run, number);
}

/* The copy says that it has not got it any more. */
static void lost_is_back(struct sim *sim, const struct id *run, uint32_t task,
			 uint32_t attempt)
{
	for (size_t i = 0; i < sim->lost_count; i++) {
		struct lost_task *lost = &sim->lost[i];

		if (lost->key.task == task && lost->key.attempt == attempt &&
		    id_equal(&lost->key.run, run)) {
			struct copy *copy = bus_copy(sim, lost->copy);

			if (copy) {
				copy->lost--;
			}
			*lost = sim->lost[--sim->lost_count];
			return;
		}
	}
}

static void lost_with_copy(struct sim *sim, struct copy *copy)
{
	for (size_t i = sim->lost_count; i-- > 0;) {
		if (sim->lost[i].copy == copy->serial) {
			sim->lost[i] = sim->lost[--sim->lost_count];
		}
	}
	copy->lost = 0;
}

/* Does the event take the task out of the hands of its holder? */
static bool event_releases(struct sim *sim, const struct sim_run *run,
			   uint32_t number, const struct sim_task *task)
{
	const struct event *event = sim->event;
	const struct copy *copy = bus_copy(sim, task->holder);

	switch (event->kind) {
	case EVENT_COMPLETED:
		return id_equal(&event->run, &run->id) &&
		       event->as.completed.task == number &&
		       event->as.completed.attempt == task->attempt;
	case EVENT_RETURNED:
		return id_equal(&event->run, &run->id) &&
		       event->as.returned.task == number &&
		       event->as.returned.attempt == task->attempt;
	case EVENT_GONE:
		return copy && slice_is(event->as.instance.name, copy->name);
	default:
		return false;
	}
}

/* ---- what the engine did ---- */

static void see_delivery(struct sim *sim, struct sim_run *run,
			 const struct transition_record *move)
{
	struct sim_task *task = sim_task(run, move->task);
	bool woken = move->reason == REASON_WOKEN;

	sim_check(sim, !task->holder, "no task runs twice at once",
		  "r%u/%u: attempt %u begins, c%u has attempt %u", run->number,
		  move->task, move->attempt, task->holder, task->attempt);
	sim_check(sim,
		  !(woken || move->reason == REASON_RETRY) ||
		      sim->now_us >= task->until_us,
		  "nothing wakes before its time", "r%u/%u: until %lld",
		  run->number, move->task, (long long)task->until_us);
	check_begin(sim, run, move->task);
	task->retries = false;
	task->attempt = move->attempt;
	task->holder = UINT32_MAX; /* the effect says who */
	task->told_us = 0;
	task->taken_us = woken ? task->taken_us : sim->now_us;
	task->wakes += woken;
}

/* The end of its lease was said. */
static bool is_expired(const struct sim *sim, const struct sim_run *run,
		       const struct transition_record *move)
{
	const struct event *event = sim->event;

	return event->kind == EVENT_EXPIRED &&
	       event->as.message.task == move->task &&
	       id_equal(&event->run, &run->id);
}

/* A queue promises another attempt. */
static bool is_given_up(const struct sim *sim, const struct sim_run *run,
			const struct transition_record *move)
{
	const struct run *at = engine_run(sim->engine, &run->id);

	return sim->event->kind == EVENT_TIME && at &&
	       at->tasks[move->task]->record.queue.len > 0;
}

static void see_release(struct sim *sim, struct sim_run *run,
			const struct transition_record *move)
{
	struct sim_task *task = sim_task(run, move->task);

	if (!task->holder) {
		return;
	}
	if (move->reason == REASON_ABANDONED || is_given_up(sim, run, move)) {
		give_up(sim, run, move->task);
	} else if (is_expired(sim, run, move)) {
		sim_check(sim, !task->told_us,
			  "nobody is given up before the grace period is over",
			  "r%u/%u: told at %lld", run->number, move->task,
			  (long long)task->told_us);
		lose(sim, run, move->task);
	} else if (move->reason == REASON_TEMPLATE) {
		task->holder = 0; /* it was never handed over */
	} else {
		sim_check(sim, event_releases(sim, run, move->task, task),
			  "nobody's task is taken away from him",
			  "r%u/%u: %s > %s (%s), c%u has it", run->number,
			  move->task,
			  task_state_name((enum task_state)move->from),
			  task_state_name((enum task_state)move->to),
			  reason_name(move->reason), task->holder);
		task->deaths += sim->event->kind == EVENT_GONE &&
				sim->event->as.instance.died;
		let_go(sim, task);
	}
}

/* It is to be done again: its output goes. */
static void see_redone(struct sim *sim, struct sim_run *run,
		       const struct transition_record *move)
{
	*sim_task(run, move->task) = (struct sim_task){
		.attempt = move->attempt,
		.wakes = sim_task(run, move->task)->wakes,
	};
	commit_add_fact(sim, &(struct fact){ .run = run->id,
					     .task = move->task,
					     .forgets = true });
}

static void note_move(struct sim *sim, const struct sim_run *run,
		      const struct transition_record *move)
{
	bool task = move->kind == OBJECT_TASK;
	const char *from = move->from < 0 ? "nothing"
			   : task
			       ? task_state_name((enum task_state)move->from)
			       : group_state_name((enum group_state)move->from);
	const char *to = task ? task_state_name((enum task_state)move->to)
			      : group_state_name((enum group_state)move->to);

	if (task) {
		sim_note(sim, "    r%u/%u attempt %u: %s > %s (%s) %.*s",
			 run->number, move->task, move->attempt, from, to,
			 reason_name(move->reason), SLICE_ARG(move->message));
	} else {
		sim_note(sim, "    r%u %s %u %s: %s > %s (%s)", run->number,
			 object_kind_name(move->kind), move->activity,
			 move->kind == OBJECT_PHASE
			     ? phase_kind_name(move->phase)
			     : "",
			 from, to, reason_name(move->reason));
	}
}

static void note_moves(struct sim *sim, size_t first)
{
	const struct output *out = &commit_turn(sim)->output;

	for (size_t i = first;
	     sim->options.talk != TALK_NOT && i < out->transition_count; i++) {
		note_move(sim, sim_run(sim, &out->transition_runs[i]),
			  &out->transitions[i]);
	}
}

static void see_move(struct sim *sim, struct sim_run *run,
		     const struct transition_record *move)
{
	if (move->kind != OBJECT_TASK || move->reason == REASON_LATE) {
		return;
	}
	if (move->to == TASK_RUNNING) {
		see_delivery(sim, run, move);
	} else if (move->from == TASK_RUNNING) {
		see_release(sim, run, move);
	}
	if (move->to == TASK_PENDING &&
	    task_state_final((enum task_state)move->from)) {
		see_redone(sim, run, move);
	} else if (move->to == TASK_RETRYING) {
		retry_check(sim, run, move->task);
	} else if (move->to == TASK_FAILED) {
		retry_check_dead(sim, run, move->task);
	}
}

static void see_handed_over(struct sim *sim, struct sim_run *run,
			    const struct effect *effect)
{
	const struct task_record *record = &effect->task->record;
	struct sim_task *task = sim_task(run, record->number);
	struct copy *copy = bus_copy_named(sim, record->instance);

	if (task->holder != UINT32_MAX || task->attempt != effect->attempt) {
		return; /* taken back in the same step */
	}
	sim_check(sim, copy && !copy->draining,
		  "only who takes tasks is given one", "r%u/%u to %.*s",
		  run->number, record->number, SLICE_ARG(record->instance));
	const struct plugin_state *plugin = &sim->plugins[copy->plugin];

	sim_check(sim, plugin->registered && !plugin->quarantined,
		  "only plugins that may get tasks do", "p%u", copy->plugin);
	sim_check(sim, copy->held + copy->lost < copy->max_tasks,
		  "instances stay within max_tasks",
		  "%s has %u and %u given up, of %u", copy->name, copy->held,
		  copy->lost, copy->max_tasks);
	if (!effect->queued) {
		check_outputs(sim, effect->run, record->number,
			      effect->outputs);
	}
	bool suspect = effect->queued && record->deaths;

	sim_check(sim,
		  copy->held + copy->lost == 0 || (!suspect && !copy->suspect),
		  "whose consumer died is handed out alone",
		  "r%u/%u to %s, which has %u", run->number, record->number,
		  copy->name, copy->held + copy->lost);
	copy->suspect = suspect;
	task->holder = copy->serial;
	copy->held++;
}

/* By a deadline: not before it. */
static void check_told(struct sim *sim, const struct sim_run *run,
		       const struct effect *effect, const struct sim_task *task)
{
	const struct task_record *record = &effect->task->record;
	bool expired = effect->run->activities[record->activity].record.expired;
	bool attempt_over =
	    record->timeout_ms &&
	    sim->now_us >= task->taken_us + record->timeout_ms * 1000;
	bool all_over = record->expires_us && sim->now_us >= record->expires_us;

	sim_check(sim,
		  !effect->timed_out || expired || attempt_over || all_over,
		  "no deadline passes early", "r%u/%u, taken at %lld",
		  run->number, record->number, (long long)task->taken_us);
}

static void see_effect(struct sim *sim, const struct effect *effect)
{
	struct sim_run *run = sim_run(sim, &effect->run->record.id);
	struct sim_task *task = sim_task(run, effect->task->record.number);

	if (effect->kind == EFFECT_DELIVER) {
		see_handed_over(sim, run, effect);
		return;
	}
	if (!task->holder) {
		return; /* taken back in the same step */
	}
	check_told(sim, run, effect, task);
	sim_check(sim, task->attempt == effect->attempt,
		  "only who has a task is told to stop it", "r%u/%u",
		  run->number, effect->task->record.number);
	task->told_us = sim->now_us;
}

/* What is stale changes nothing; what is not, does. */
static void check_report(struct sim *sim, size_t first, bool in_hands,
			 const struct task_key *key)
{
	const struct output *out = &commit_turn(sim)->output;
	bool moved = false;

	for (size_t i = first; i < out->transition_count; i++) {
		const struct transition_record *move = &out->transitions[i];

		moved |= move->kind == OBJECT_TASK && move->task == key->task &&
			 move->attempt == key->attempt &&
			 move->from == TASK_RUNNING &&
			 move->reason != REASON_LATE &&
			 id_equal(&out->transition_runs[i], &key->run);
	}
	sim_check(sim, moved || !in_hands, "what a plugin says counts",
		  "task %u does not move", key->task);
	sim_check(sim, !moved || in_hands, "what is stale changes nothing",
		  "task %u moves", key->task);
}

/* Whoever says something of a message has it anew. */
static void check_progress(struct sim *sim, size_t first_order)
{
	const struct event *event = sim->event;
	const struct output *out = &commit_turn(sim)->output;
	const struct run *at = engine_run(sim->engine, &event->run);
	struct task_key key = {
		.run = event->run,
		.task = event->as.progress.task,
		.attempt = event->as.progress.attempt,
	};
	bool queued = at && steps_in_hands(sim, &key) &&
		      at->tasks[key.task]->record.queue.len > 0;
	bool extended = out->order_count > first_order &&
			out->orders[first_order].kind == QUEUE_EXTEND;

	sim_check(sim,
		  !queued || extended ||
		      at->tasks[key.task]->record.cancel_requested,
		  "progress keeps a message in hands", "task %u", key.task);
}

static void see(struct sim *sim, size_t first_move, size_t first_effect)
{
	const struct output *out = &commit_turn(sim)->output;
	struct sim_run *last = NULL;

	for (size_t i = first_move; i < out->transition_count; i++) {
		struct sim_run *run = sim_run(sim, &out->transition_runs[i]);

		see_move(sim, run, &out->transitions[i]);
	}
	for (size_t i = first_effect; i < out->effect_count; i++) {
		see_effect(sim, &out->effects[i]);
		commit_add_leaving(sim, &out->effects[i]);
	}
	for (size_t i = first_move; i < out->transition_count; i++) {
		struct sim_run *run = sim_run(sim, &out->transition_runs[i]);

		if (run != last) {
			check_run(sim, run);
			last = run;
		}
	}
}

static bool is_report(const struct event *event, struct task_key *ret_key)
{
	*ret_key = (struct task_key){ .run = event->run };
	switch (event->kind) {
	case EVENT_COMPLETED:
		ret_key->task = event->as.completed.task;
		ret_key->attempt = event->as.completed.attempt;
		return true;
	case EVENT_RETURNED:
		ret_key->task = event->as.returned.task;
		ret_key->attempt = event->as.returned.attempt;
		return true;
	default:
		return false;
	}
}

/* What somebody was blamed for is only in the event. */
static void take_deaths(struct sim *sim, const struct event *event)
{
	struct sim_run *run = sim_run(sim, &event->run);
	const struct run *at = engine_run(sim->engine, &event->run);

	for (uint32_t i = 0; at && i < at->record.task_count; i++) {
		sim_task(run, i)->deaths = at->tasks[i]->record.deaths;
	}
}

int steps_take(struct sim *sim, struct event *event)
{
	struct output *out = &commit_turn(sim)->output;
	size_t first_move = out->transition_count;
	size_t first_effect = out->effect_count;
	size_t first_order = out->order_count;
	struct err err = { 0 };
	struct task_key key;
	bool report = is_report(event, &key);
	bool in_hands = report && steps_in_hands(sim, &key);

	sim->event = event;
	sim->totals.engine_steps++;
	sim->totals.stale += report && !in_hands;
	int rc = engine_step(sim->engine, event, sim->now_us, out, &err);

	note_moves(sim, first_move);
	queues_see_orders(sim, first_order);
	if (event->kind == EVENT_PROGRESS) {
		check_progress(sim, first_order);
	}
	if (report) {
		check_report(sim, first_move, in_hands, &key);
		if (!in_hands) {
			lost_is_back(sim, &key.run, key.task, key.attempt);
		}
	}
	if (event->kind == EVENT_GONE) {
		struct copy *copy =
		    bus_copy_named(sim, event->as.instance.name);

		if (copy) {
			lost_with_copy(sim, copy);
		}
	}
	if (event->kind == EVENT_RESTORE) {
		take_deaths(sim, event);
	}
	see(sim, first_move, first_effect);
	check_step(sim);
	commit_leave_early(sim);
	sim->event = NULL;
	return rc;
}

void steps_forget(struct sim *sim)
{
	sim->lost_count = 0;
	for (size_t i = 0; i < sim->run_count; i++) {
		struct sim_run *run = sim->runs[i];

		for (uint32_t t = 0; t < run->task_cap; t++) {
			run->tasks[t] = (struct sim_task){ .holder = 0 };
		}
	}
}
