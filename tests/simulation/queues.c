#include "queues.h"

#include <stdlib.h>

#include "operators.h"
#include "queue_disk.h"
#include "sim.h"
#include "steps.h"

#define EVENTS_MAX 10000 /* of one turn */
#define LATE_US    50000

/* Turns come often enough without. */
static void wake(void *arg)
{
	(void)arg;
}

static int64_t last_lease(struct sim *sim, uint32_t queue)
{
	int64_t last_us = 0;

	for (size_t i = 0; i < sim->run_count; i++) {
		const struct sim_run *run = sim->runs[i];

		for (uint32_t t = 0; t < run->image.message_rows.len; t++) {
			struct message_record row;

			if (queue_disk_message(sim, &run->id, t, &row) &&
			    slice_is(row.queue, queues_name(queue)) &&
			    row.leased_us > last_us) {
				last_us = row.leased_us;
			}
		}
	}
	return last_us;
}

/* A rate goes on from the last lease of what is still there. */
static void go_on(struct sim *sim, uint32_t index)
{
	struct sim_queue *queue = &sim->queues.list[index];
	int64_t last_us = last_lease(sim, index);

	if (!queue->policy.rate) {
		return;
	}
	int64_t gap_us = queue->policy.rate_per_ms * 1000 / queue->policy.rate;

	queue->surely_us = sim->now_us + gap_us + 1;
	if (last_us) {
		queue->not_before_us =
		    gap_us + (last_us < sim->now_us ? last_us : sim->now_us);
	}
}

void queues_open(struct sim *sim)
{
	struct bridge_options options = {
		.driver = &embedded_driver,
		.store = &sim->committer.store,
		.wake = wake,
	};
	struct err err = { 0 };

	queue_disk_serve(sim);
	for (uint32_t i = 0; i < QUEUES; i++) {
		go_on(sim, i);
	}
	int rc = bridge_open(&options, sim->now_us, &sim->queues.bridge, &err);

	sim_check(sim, rc == 0, "what is on the disk can go on",
		  "the bridge: %s", err.msg);
}

static void forget_registered(struct queues *queues)
{
	for (uint32_t i = 0; i < PLUGINS; i++) {
		if (queues->registered[i]) {
			queue_policy_fini(queues->registered[i]);
			free(queues->registered[i]);
			queues->registered[i] = NULL;
		}
	}
}

void queues_close(struct sim *sim)
{
	bridge_close(sim->queues.bridge);
	sim->queues.bridge = NULL;
	forget_registered(&sim->queues);
	for (uint32_t i = 0; i < QUEUES; i++) {
		queue_policy_fini(&sim->queues.list[i].policy);
		sim->queues.list[i] = (struct sim_queue){ 0 };
	}
}

/* ---- after a crash ---- */

static void read_queue(struct sim *sim, uint32_t index)
{
	struct queue_record record;
	struct sim_queue *queue = &sim->queues.list[index];

	if (!queue_disk_queue(sim, slice_of(queues_name(index)), &record)) {
		return;
	}
	*queue = (struct sim_queue){
		.there = true,
		.found = true,
		.plugin = queues_find(record.plugin),
		.policy = queues_read_policy(sim, record.policy),
		.paused = record.paused_by.len > 0,
	};
}

/* Nobody has anything any more: what was leased waits again. */
static void read_messages(struct sim_run *run)
{
	const struct sim_messages *stored = &run->image.messages;

	queues_messages_fini(&run->messages);
	for (uint32_t t = 0; t < stored->len; t++) {
		struct sim_message *message = queues_message(&run->messages, t);

		queues_message_set(message, &stored->list[t]);
		message->came = false;
		if (message->state == MESSAGE_LEASED) {
			message->state = MESSAGE_WAITING;
			message->visible_us = 0;
			message->until_us = 0;
			message->expired = false;
		}
	}
}

void queues_crash(struct sim *sim)
{
	queues_close(sim);
	for (uint32_t i = 0; i < QUEUES; i++) {
		read_queue(sim, i);
	}
	for (size_t i = 0; i < sim->run_count; i++) {
		read_messages(sim->runs[i]);
	}
}

/* ---- queues that are no more ---- */

static void mark_used(struct sim *sim, struct sim_run *run, uint32_t task,
		      struct sim_message *message, void *arg)
{
	bool *used = arg;

	(void)sim;
	(void)run;
	(void)task;
	used[message->queue] |= message->there;
}

void queues_sweep(struct sim *sim)
{
	bool used[QUEUES] = { false };

	queues_each(sim, mark_used, used);
	for (uint32_t i = 0; i < QUEUES; i++) {
		struct sim_queue *queue = &sim->queues.list[i];

		if (queue->there && queue->retired && !used[i]) {
			queue_policy_fini(&queue->policy);
			*queue = (struct sim_queue){ 0 };
		}
	}
}

/* The store sweeps the rows away. */
void queues_forget(struct sim *sim, struct sim_run *run)
{
	bridge_forget_run(sim->queues.bridge, &run->id);
	run->leaves = true;
	queues_messages_fini(&run->messages);
	queue_disk_drop_run(&run->image);
	queues_sweep(sim);
	commit_all(sim);
}

/* ---- steps ---- */

void queues_obey(struct sim *sim)
{
	struct output *out = &commit_turn(sim)->output;

	for (size_t i = 0; i < out->order_count; i++) {
		queues_take_order(sim, &out->orders[i]);
	}
	bridge_obey(sim->queues.bridge, out, sim->now_us);
	sim_check(sim, out->order_count == 0, "orders are carried out once",
		  "%zu are left", out->order_count);
	queues_sweep(sim);
}

struct event queues_event(const struct message_key *key, enum event_kind kind)
{
	return (struct event){
		.kind = kind,
		.actor = SLICE("operator"),
		.run = key->run,
		.as.message = { .task = key->task },
	};
}

static struct sim_message *message_of(struct sim *sim,
				      const struct message_key *key,
				      struct sim_run **ret_run)
{
	*ret_run = sim_run(sim, &key->run);
	sim_check(sim, *ret_run, "a message has its task",
		  "a message of an unknown run");
	return queues_message(&(*ret_run)->messages, key->task);
}

static void note_rate(struct sim *sim, struct sim_queue *queue)
{
	if (queue->policy.rate) {
		int64_t gap_us =
		    queue->policy.rate_per_ms * 1000 / queue->policy.rate;

		/* A turn may be late, and the next one on time. */
		if (queue->not_before_us < sim->now_us - LATE_US) {
			queue->not_before_us = sim->now_us - LATE_US;
		}
		queue->not_before_us += gap_us;
		queue->surely_us = sim->now_us + gap_us + 1;
	}
}

static void take_lease(struct sim *sim, struct sim_message *message)
{
	struct sim_queue *queue = &sim->queues.list[message->queue];
	int64_t us = queue->policy.visibility_ms * 1000;

	message->state = MESSAGE_LEASED;
	message->until_us = us ? sim->now_us + us : 0;
	message->written_us = message->until_us;
	message->expired = false;
	message->delayed = false;
	message->deliveries++;
	note_rate(sim, queue);
}

static void lease(struct sim *sim, const struct message_key *key)
{
	struct event event = queues_event(key, EVENT_LEASED);
	struct sim_run *run;
	struct sim_message *message = message_of(sim, key, &run);
	struct sim_queue queue_before = sim->queues.list[message->queue];
	uint32_t deliveries = message->deliveries;
	bool delayed = message->delayed;

	sim_note(sim, "%s hands out r%u/%u", queues_name(message->queue),
		 run->number, key->task);
	queues_check_lease(sim, key);
	queues_check_fair(sim, message->queue);
	/* The bridge may look at the clock before the engine does. */
	sim_task(run, key->task)->until_us = 0;
	take_lease(sim, message);
	queues_changed(sim, &key->run, key->task);
	int rc = steps_take(sim, &event);

	sim->totals.leases++;
	if (rc == 0) {
		return;
	}
	sim_note(sim, "    refused: %s", err_text(rc));
	sim_check(sim, rc != E_NOT_FOUND, "a message has its task", "r%u/%u",
		  run->number, key->task);
	bool waits = rc == E_BUSY && queues_wait_for_idle(sim, run, key->task,
							  queue_before.plugin);

	sim_check(sim, waits || (rc == E_UNCHANGED && operators_hold(sim, run)),
		  "only what can be taken is handed out", "r%u/%u: %s",
		  run->number, key->task, err_text(rc));
	bridge_refused(sim->queues.bridge, key, rc, sim->now_us);
	sim->queues.list[message->queue] = queue_before;
	message = queues_message(&run->messages, key->task);
	message->deliveries = deliveries;
	message->delayed = waits && delayed;
	message->state = MESSAGE_WAITING;
	if (!waits) {
		message->visible_us = QUEUE_ASIDE;
	} else if (message->visible_us > sim->now_us) {
		message->visible_us = 0; /* the clock was set back */
	}
	message->came = waits;
	message->until_us = 0;
}

static void expire(struct sim *sim, const struct message_key *key)
{
	struct event event = queues_event(key, EVENT_EXPIRED);
	struct sim_run *run;
	struct sim_message *message = message_of(sim, key, &run);

	sim_note(sim, "the lease of r%u/%u is over", run->number, key->task);
	sim_check(sim,
		  message->there && message->state == MESSAGE_LEASED &&
		      message->until_us && message->until_us <= sim->now_us,
		  "no lease ends before its time", "r%u/%u: until %lld",
		  run->number, key->task, (long long)message->until_us);
	sim_check(sim, !message->expired, "the end of a lease is said once",
		  "r%u/%u", run->number, key->task);
	message->expired = true;
	sim->totals.expired++;
	(void)steps_take(sim, &event);
}

void queues_turn(struct sim *sim)
{
	struct message_key key;
	enum bridge_kind kind;
	uint32_t count = 0;

	if (!steps_allowed(sim)) {
		return;
	}
	queues_obey(sim);
	queues_note_time(sim);
	while ((kind = bridge_next(sim->queues.bridge, sim->engine, sim->now_us,
				   &key)) != BRIDGE_NOTHING) {
		sim_check(sim, ++count < EVENTS_MAX, "a turn comes to an end",
			  "%u events", count);
		if (kind == BRIDGE_LEASED) {
			lease(sim, &key);
		} else {
			expire(sim, &key);
		}
		queues_obey(sim);
		queues_note_time(sim);
	}
	queues_check_turn(sim);
}

/* ---- time ---- */

int64_t queues_next_due(const struct sim *sim)
{
	int64_t engine_us = engine_next_due(sim->engine);
	int64_t bridge_us = bridge_next_due(sim->queues.bridge);

	return !engine_us || (bridge_us && bridge_us < engine_us) ? bridge_us
								  : engine_us;
}

void queues_pass(struct sim *sim)
{
	int64_t due_us = bridge_next_due(sim->queues.bridge);

	if (due_us && due_us <= sim->now_us) {
		queues_turn(sim);
	}
}

static void move_message(struct sim *sim, struct sim_run *run, uint32_t task,
			 struct sim_message *message, void *arg)
{
	int64_t step_us = *(const int64_t *)arg;

	if (message->until_us) {
		message->until_us += step_us;
	}
	if (message->delayed) {
		message->visible_us += step_us;
		queues_changed(sim, &run->id, task);
	}
}

void queues_clock(struct sim *sim, int64_t step_us)
{
	queues_each(sim, move_message, &step_us);
	for (uint32_t i = 0; i < QUEUES; i++) {
		sim->queues.list[i].not_before_us += step_us;
		sim->queues.list[i].surely_us += step_us;
	}
	bridge_clock_step(sim->queues.bridge, step_us);
}
