/* What people do to queues. See queues.h. */
#include "sim.h"
#include "steps.h"

#define WAITING_MAX 256

void queues_act_turn(struct sim *sim)
{
	queues_turn(sim);
}

static void set_paused(struct sim *sim, uint32_t index, bool on)
{
	struct sim_queue *queue = &sim->queues.list[index];
	int expected = !queue->there         ? E_NOT_FOUND
		       : queue->paused == on ? E_UNCHANGED
					     : 0;
	struct err err = { 0 };

	sim_note(sim, "queue %s %s", queues_name(index),
		 on ? "is paused" : "goes on");
	int rc =
	    bridge_pause(sim->queues.bridge, slice_of(queues_name(index)),
			 on ? SLICE("operator") : SLICE(""), sim->now_us, &err);

	sim_check(sim, rc == expected, "pauses of queues are known",
		  "%s: %s, not %s", queues_name(index), err_text(rc),
		  err_text(expected));
	if (queue->there) {
		queue->paused = on;
	}
}

void queues_act_pause(struct sim *sim)
{
	if (steps_allowed(sim)) {
		set_paused(sim, dice_below(&sim->dice, QUEUES), true);
	}
}

void queues_act_resume(struct sim *sim)
{
	for (uint32_t i = 0; i < QUEUES && steps_allowed(sim); i++) {
		if (sim->queues.list[i].paused && dice_one_in(&sim->dice, 2)) {
			set_paused(sim, i, false);
		}
	}
}

void queues_resume_all(struct sim *sim)
{
	for (uint32_t i = 0; i < QUEUES; i++) {
		if (sim->queues.list[i].paused) {
			set_paused(sim, i, false);
		}
	}
}

static void count_waiting(struct sim *sim, struct sim_run *run, uint32_t task,
			  struct sim_message *message, void *arg)
{
	uint32_t *counts = arg;

	(void)sim;
	(void)run;
	(void)task;
	counts[message->queue] += message->state == MESSAGE_WAITING;
}

static bool waits(struct sim *sim, const struct message_key *key)
{
	struct sim_run *run = sim_run(sim, &key->run);
	const struct sim_message *message =
	    run ? queues_message(&run->messages, key->task) : NULL;

	return message && message->there && message->state == MESSAGE_WAITING;
}

static void check_waits(struct sim *sim, uint32_t index,
			const struct message_key *key)
{
	const struct sim_run *run = sim_run(sim, &key->run);

	sim_check(sim,
		  waits(sim, key) &&
		      run->messages.list[key->task].queue == index,
		  "a queue knows what waits in it", "%s: r%u/%u",
		  queues_name(index), run ? run->number : 0, key->task);
}

/* What was thrown away before it can have ended its run. */
static void purge(struct sim *sim, const struct message_key *key)
{
	struct event event = queues_event(key, EVENT_PURGED);

	queues_obey(sim);
	bool there = waits(sim, key);

	sim_check(sim, (steps_take(sim, &event) == 0) == there,
		  "what waits can be thrown away", "r%u/%u",
		  sim_run(sim, &key->run)->number, key->task);
}

/* The driver's memory: returns how many wait. */
static size_t check_waiting(struct sim *sim, uint32_t index,
			    struct message_key keys[WAITING_MAX])
{
	uint32_t counts[QUEUES] = { 0 };
	struct slice name = slice_of(queues_name(index));
	size_t len =
	    bridge_waiting(sim->queues.bridge, name, keys, WAITING_MAX);

	queues_each(sim, count_waiting, counts);
	sim_check(sim, len == counts[index], "a queue knows what waits in it",
		  "%s: %zu, not %u", queues_name(index), len, counts[index]);
	for (size_t i = 0; i < len; i++) {
		check_waits(sim, index, &keys[i]);
	}
	sim_check(sim,
		  bridge_has_queue(sim->queues.bridge, name) ==
		      sim->queues.list[index].there,
		  "the bridge knows which queues there are", "%s",
		  queues_name(index));
	return len;
}

void queues_check_waiting(struct sim *sim)
{
	struct message_key keys[WAITING_MAX];

	for (uint32_t i = 0; i < QUEUES; i++) {
		(void)check_waiting(sim, i, keys);
	}
}

static void purge_leased(struct sim *sim, struct sim_run *run, uint32_t task,
			 struct sim_message *message, void *arg)
{
	struct message_key key = { run->id, task };
	struct event event = queues_event(&key, EVENT_PURGED);

	(void)arg;
	if (message->state == MESSAGE_LEASED) {
		sim_check(sim, steps_take(sim, &event) == E_CONFLICT,
			  "what is in hands is not thrown away", "r%u/%u",
			  run->number, task);
	}
}

void queues_act_purge(struct sim *sim)
{
	uint32_t index = dice_below(&sim->dice, QUEUES);
	struct message_key keys[WAITING_MAX];

	if (!steps_allowed(sim)) {
		return;
	}
	queues_obey(sim);
	size_t len = check_waiting(sim, index, keys);

	sim_note(sim, "%s is purged of %zu", queues_name(index), len);
	for (size_t i = 0; i < len; i++) {
		purge(sim, &keys[i]);
	}
	sim->totals.purged += len;
	queues_obey(sim);
	queues_each(sim, purge_leased, NULL);
}

static void drop_dead(struct sim *sim, struct sim_run *run, uint32_t task,
		      struct sim_message *message, void *arg)
{
	struct message_key key = { run->id, task };

	(void)arg;
	if (message->state != MESSAGE_DEAD || !run->image.there ||
	    !dice_one_in(&sim->dice, 2)) {
		return;
	}
	sim_note(sim, "the dead letter r%u/%u is thrown away", run->number,
		 task);
	bridge_drop_dead(sim->queues.bridge, &key);
	queues_message_set(message, &(struct sim_message){ .dropped = true });
	queues_changed(sim, &run->id, task);
}

void queues_act_drop(struct sim *sim)
{
	if (steps_allowed(sim)) {
		queues_obey(sim);
		queues_each(sim, drop_dead, NULL);
		queues_sweep(sim);
	}
}
