/* What orders make of messages. See queues.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "sim.h"

struct sim_message *queues_message(struct sim_messages *messages, uint32_t task)
{
	if (task >= messages->len) {
		uint32_t len = task + 16;

		messages->list =
		    alloc_resize(messages->list, len, sizeof(*messages->list));
		memset(messages->list + messages->len, 0,
		       (len - messages->len) * sizeof(*messages->list));
		messages->len = len;
	}
	return &messages->list[task];
}

const struct sim_message *queues_look(const struct sim_messages *messages,
				      uint32_t task)
{
	return task < messages->len ? &messages->list[task] : NULL;
}

static void drop_parts(struct sim_message *message)
{
	for (int i = 0; i < MESSAGE_PARTS; i++) {
		blob_unref(message->parts[i]);
	}
}

void queues_message_set(struct sim_message *to, const struct sim_message *from)
{
	for (int i = 0; i < MESSAGE_PARTS; i++) {
		(void)blob_ref(from->parts[i]);
	}
	drop_parts(to);
	*to = *from;
}

void queues_messages_fini(struct sim_messages *messages)
{
	for (uint32_t i = 0; i < messages->len; i++) {
		drop_parts(&messages->list[i]);
	}
	free(messages->list);
	*messages = (struct sim_messages){ 0 };
}

void queues_changed(struct sim *sim, const struct id *run, uint32_t task)
{
	struct turn *turn = commit_turn(sim);

	for (size_t i = 0; i < turn->mail_count; i++) {
		if (turn->mail[i].task == task &&
		    id_equal(&turn->mail[i].run, run)) {
			return;
		}
	}
	alloc_grow(turn->mail, turn->mail_count, turn->mail_cap);
	turn->mail[turn->mail_count++] = (struct mail){
		.run = *run,
		.task = task,
	};
}

void queues_each(struct sim *sim,
		 void (*each)(struct sim *sim, struct sim_run *run,
			      uint32_t task, struct sim_message *message,
			      void *arg),
		 void *arg)
{
	for (size_t i = 0; i < sim->run_count; i++) {
		struct sim_run *run = sim->runs[i];

		for (uint32_t t = 0; t < run->messages.len; t++) {
			if (run->messages.list[t].there) {
				each(sim, run, t, &run->messages.list[t], arg);
			}
		}
	}
}

/* ---- orders ---- */

static void put(struct sim *sim, struct sim_run *run,
		const struct queue_order *order, struct sim_message *message)
{
	struct blob *parts[MESSAGE_PARTS] = {
		[MESSAGE_STASH] = order->stash,
		[MESSAGE_OUTPUTS] = order->outputs,
		[MESSAGE_WITH] = order->with,
	};
	uint32_t queue = queues_find(order->queue);

	sim_check(sim, !message->there || message->state == MESSAGE_DEAD,
		  "a task has one message", "r%u/%u enters again", run->number,
		  order->task);
	queues_need(sim, queue, order->plugin);
	int64_t delay_ms = sim->queues.list[queue].policy.delay_ms;
	struct sim_message made = {
		.there = true,
		.state = MESSAGE_WAITING,
		.queue = queue,
		.plugin = sim->queues.list[queue].plugin,
		.priority = order->priority,
		.place = ++sim->queues.place,
		.visible_us = order->visible_us,
	};

	if (delay_ms) {
		made.visible_us = sim->now_us + delay_ms * 1000;
		made.delayed = true;
	}
	(void)snprintf(made.group, sizeof(made.group), "%.*s",
		       SLICE_ARG(order->group));
	for (int i = 0; i < MESSAGE_PARTS; i++) {
		made.parts[i] = parts[i];
	}
	queues_message_set(message, &made);
}

static void drop(struct sim_message *message)
{
	drop_parts(message);
	*message = (struct sim_message){ 0 };
}

static int64_t visibility_us(const struct sim *sim,
			     const struct sim_message *message)
{
	return sim->queues.list[message->queue].policy.visibility_ms * 1000;
}

static void extend(struct sim *sim, struct sim_message *message)
{
	int64_t us = visibility_us(sim, message);

	/* One that has expired is not had any more. */
	if (message->state == MESSAGE_LEASED && message->until_us &&
	    !message->expired) {
		message->until_us = us ? sim->now_us + us : 0;
	}
}

static void nack(struct sim_message *message, int64_t visible_us)
{
	message->state = MESSAGE_WAITING;
	message->visible_us = visible_us;
	message->came = false;
	message->delayed = false;
	message->until_us = 0;
	message->expired = false;
}

static void change(struct sim *sim, struct sim_run *run,
		   const struct queue_order *order, struct sim_message *message)
{
	switch (order->kind) {
	case QUEUE_PUT:
		put(sim, run, order, message);
		break;
	case QUEUE_EXTEND:
		extend(sim, message);
		break;
	case QUEUE_NACK:
		sim_check(sim, message->state != MESSAGE_DEAD,
			  "a dead letter stays one", "r%u/%u", run->number,
			  order->task);
		nack(message, order->visible_us);
		break;
	case QUEUE_EXPOSE:
		if (message->state == MESSAGE_WAITING &&
		    message->visible_us == QUEUE_ASIDE) {
			message->visible_us = 0;
		}
		break;
	case QUEUE_BURY:
		message->state = MESSAGE_DEAD;
		break;
	case QUEUE_ACK:
		drop(message);
		break;
	}
}

static const char *const words[] = {
	[QUEUE_PUT] = "enters",      [QUEUE_EXTEND] = "is extended",
	[QUEUE_NACK] = "comes back", [QUEUE_EXPOSE] = "is exposed",
	[QUEUE_BURY] = "dies",       [QUEUE_ACK] = "leaves",
};

void queues_see_orders(struct sim *sim, size_t first)
{
	const struct output *out = &commit_turn(sim)->output;

	for (size_t i = first; i < out->order_count; i++) {
		const struct queue_order *order = &out->orders[i];
		struct sim_run *run = sim_run(sim, &order->run);

		sim_note(sim, "    message r%u/%u %s: %.*s '%.*s' %d %lld",
			 run->number, order->task, words[order->kind],
			 SLICE_ARG(order->queue), SLICE_ARG(order->group),
			 order->priority, (long long)order->visible_us);
		if (order->kind == QUEUE_PUT) {
			queues_check_put(sim, run, order);
		}
	}
}

void queues_take_order(struct sim *sim, const struct queue_order *order)
{
	struct sim_run *run = sim_run(sim, &order->run);
	struct sim_message *message =
	    queues_message(&run->messages, order->task);

	sim_check(
	    sim, message->there || message->dropped || order->kind == QUEUE_PUT,
	    "orders are about messages that are there", "r%u/%u %s",
	    run->number, order->task, words[order->kind]);
	sim->totals.dead += order->kind == QUEUE_BURY;
	change(sim, run, order, message);
	queues_changed(sim, &order->run, order->task);
}
