#include "bus.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "sim.h"
#include "steps.h"
#include "store/codec.h"
#include "work.h"

bool key_equal(const struct task_key *a, const struct task_key *b)
{
	return a->task == b->task && a->attempt == b->attempt &&
	       a->wakes == b->wakes && id_equal(&a->run, &b->run);
}

struct copy *bus_copy(struct sim *sim, uint32_t serial)
{
	for (size_t i = 0; serial && i < COPIES; i++) {
		if (sim->copies[i].serial == serial) {
			return &sim->copies[i];
		}
	}
	return NULL;
}

struct copy *bus_copy_named(struct sim *sim, struct slice name)
{
	for (size_t i = 0; i < COPIES; i++) {
		struct copy *copy = &sim->copies[i];

		if (copy->serial && copy->known && slice_is(name, copy->name)) {
			return copy;
		}
	}
	return NULL;
}

void bus_send(struct sim *sim, const struct message *message)
{
	struct bus *bus = &sim->bus;

	alloc_grow(bus->messages, bus->len, bus->cap);
	bus->messages[bus->len++] = *message;
}

void bus_clear(struct sim *sim)
{
	sim->bus.len = 0;
}

static size_t find_key(const struct task_key *keys, size_t len,
		       const struct task_key *key)
{
	size_t i = 0;

	while (i < len && !key_equal(&keys[i], key)) {
		i++;
	}
	return i;
}

static struct job *find_job(struct copy *copy, const struct task_key *key)
{
	for (size_t i = 0; i < copy->job_count; i++) {
		if (key_equal(&copy->jobs[i].key, key)) {
			return &copy->jobs[i];
		}
	}
	return NULL;
}

void copy_drop_job(struct copy *copy, size_t index)
{
	copy->jobs[index] = copy->jobs[--copy->job_count];
}

/* ---- what leaves the orchestrator ---- */

/* Whatever leaves, the disk says so. */
static void check_committed(struct sim *sim, const struct task_key *key)
{
	const struct sim_run *run = sim_run(sim, &key->run);
	struct task_record task = { 0 };
	int rc = task_decode(disk_row(&run->image, TREE_TASK, key->task),
			     key->task, &task);

	sim_check(sim,
		  rc == 0 && task.state == TASK_RUNNING &&
		      task.attempt == key->attempt && task.wakes == key->wakes,
		  "nothing leaves before it is committed",
		  "r%u/%u attempt %u: on the disk it is %s, attempt %u",
		  run->number, key->task, key->attempt,
		  task_state_name(task.state), task.attempt);
}

static bool has_seen(const struct copy *copy, const struct task_key *key)
{
	size_t len = copy->seen_count < SEEN_MAX ? copy->seen_count : SEEN_MAX;

	return find_key(copy->seen, len, key) < len;
}

static void copy_take(struct sim *sim, struct copy *copy,
		      const struct task_key *key)
{
	const struct sim_run *run = sim_run(sim, &key->run);

	if (!copy->lives || copy->job_count == JOBS_MAX ||
	    has_seen(copy, key)) {
		return;
	}
	copy->seen[copy->seen_count++ % SEEN_MAX] = *key;
	copy->jobs[copy->job_count++] = (struct job){
		.key = *key,
		.hangs = sim->temper.hangs &&
			 dice_one_in(&sim->dice, sim->temper.hangs),
	};
	sim_note(sim, "%s begins r%u/%u attempt %u", copy->name,
		 run ? run->number : 0, key->task, key->attempt);
}

void bus_deliver(struct sim *sim, const struct task_key *key, struct slice name)
{
	struct copy *copy = bus_copy_named(sim, name);

	if (!copy) {
		return; /* it is gone in the meantime */
	}
	sim->totals.deliveries++;
	if (!copy->inside || !sim->temper.early_inside) {
		check_committed(sim, key);
	}
	if (copy->inside) {
		copy_take(sim, copy, key);
		return;
	}
	sim_check(sim, copy->key_count < JOBS_MAX,
		  "instances stay within max_tasks", "%s has %zu", copy->name,
		  copy->key_count);
	copy->keys[copy->key_count++] = *key;
	bus_send(sim, &(struct message){ .kind = MESSAGE_DELIVER,
					 .copy = copy->serial,
					 .key = *key });
}

void bus_tell(struct sim *sim, const struct task_key *key, struct slice name)
{
	const struct copy *copy = bus_copy_named(sim, name);

	if (copy) {
		bus_send(sim, &(struct message){ .kind = MESSAGE_TELL,
						 .copy = copy->serial,
						 .key = *key });
	}
}

void bus_acknowledge(struct sim *sim, uint32_t copy, const struct task_key *key)
{
	bus_send(sim, &(struct message){
			  .kind = MESSAGE_ACK, .copy = copy, .key = *key });
}

void bus_give_back(struct sim *sim, const struct task_key *key)
{
	bus_send(sim, &(struct message){ .kind = MESSAGE_UNDELIVERED,
					 .key = *key,
					 .result = { .returned = true } });
}

/* ---- what comes ---- */

static bool is_taken(const struct sim *sim, uint32_t copy,
		     const struct task_key *key)
{
	for (int i = 0; i < 2; i++) {
		const struct turn *turn = &sim->committer.turns[i];

		for (size_t t = 0; t < turn->taken_count; t++) {
			if (turn->taken[t].copy == copy &&
			    key_equal(&turn->taken[t].key, key)) {
				return true;
			}
		}
	}
	return false;
}

/* The link knows what it has handed to whom; what nobody has is passed on now
 * and then, since the engine must not mind. */
static void take_done(struct sim *sim, const struct message *message)
{
	struct copy *copy = bus_copy(sim, message->copy);
	bool known = copy && copy->known;
	size_t at =
	    known ? find_key(copy->keys, copy->key_count, &message->key) : 0;

	if (known && copy->inside) {
		work_report(sim, copy, &message->key, &message->result);
	} else if (known && at < copy->key_count) {
		copy->keys[at] = copy->keys[--copy->key_count];
		work_report(sim, copy, &message->key, &message->result);
		commit_add_taken(
		    sim, &(struct taken){ message->copy, message->key });
	} else {
		if (known && !is_taken(sim, copy->serial, &message->key)) {
			bus_acknowledge(sim, copy->serial, &message->key);
		}
		if (!steps_in_hands(sim, &message->key) &&
		    dice_one_in(&sim->dice, 2)) {
			work_report(sim, copy, &message->key, &message->result);
		}
	}
}

static void take_progress(struct sim *sim, const struct message *message)
{
	struct event event = {
		.kind = EVENT_PROGRESS,
		.run = message->key.run,
		.as.progress = {
			.task = message->key.task,
			.attempt = message->key.attempt,
			.fraction = (double)dice_below(&sim->dice, 130) / 100,
			.note = SLICE("on its way"),
		},
	};

	/* What comes is worked off before what is due. */
	sim->now_us += (int64_t)dice_below(&sim->dice, 200000);
	(void)steps_take(sim, &event);
}

static void arrive_at_copy(struct sim *sim, const struct message *message)
{
	struct copy *copy = bus_copy(sim, message->copy);
	struct job *job = copy ? find_job(copy, &message->key) : NULL;

	if (message->kind == MESSAGE_DELIVER && copy) {
		copy_take(sim, copy, &message->key);
	} else if (message->kind == MESSAGE_TELL && job) {
		job->told = true;
	} else if (message->kind == MESSAGE_ACK && job && job->done) {
		copy_drop_job(copy, (size_t)(job - copy->jobs));
	}
}

static bool is_for_us(const struct message *message)
{
	return message->kind == MESSAGE_DONE ||
	       message->kind == MESSAGE_UNDELIVERED ||
	       message->kind == MESSAGE_PROGRESS;
}

void bus_carry(struct sim *sim)
{
	struct bus *bus = &sim->bus;

	if (bus->len == 0) {
		work_one(sim);
		return;
	}
	uint32_t at = dice_below(&sim->dice, (uint32_t)bus->len);
	struct message message = bus->messages[at];

	if (is_for_us(&message) && !steps_allowed(sim)) {
		return; /* held */
	}
	bus->messages[at] = bus->messages[--bus->len];
	if (message.kind == MESSAGE_DONE) {
		take_done(sim, &message);
	} else if (message.kind == MESSAGE_UNDELIVERED) {
		work_report(sim, NULL, &message.key, &message.result);
	} else if (message.kind == MESSAGE_PROGRESS) {
		take_progress(sim, &message);
	} else {
		arrive_at_copy(sim, &message);
	}
}

/* ---- what goes wrong on the way ---- */

/* To or from a process; NULL when chance finds none. */
static struct message *choose_outside(struct sim *sim)
{
	struct bus *bus = &sim->bus;

	if (bus->len == 0) {
		return NULL;
	}
	struct message *message =
	    &bus->messages[dice_below(&sim->dice, (uint32_t)bus->len)];
	const struct copy *copy = bus_copy(sim, message->copy);

	return copy && !copy->inside ? message : NULL;
}

void bus_lose(struct sim *sim)
{
	struct message *message = choose_outside(sim);

	if (message) {
		*message = sim->bus.messages[--sim->bus.len];
		sim_note(sim, "a message is lost");
	}
}

void bus_double(struct sim *sim)
{
	const struct message *message = choose_outside(sim);

	if (message) {
		struct message twin = *message;

		bus_send(sim, &twin);
		sim_note(sim, "a message is doubled");
	}
}

/* Whoever has had no answer says it again. */
void bus_repeat(struct sim *sim)
{
	struct copy *copy = &sim->copies[dice_below(&sim->dice, COPIES)];

	if (!copy->serial || !copy->known || !copy->lives || copy->inside) {
		return;
	}
	for (size_t i = 0; i < copy->key_count; i++) {
		bus_send(sim, &(struct message){ .kind = MESSAGE_DELIVER,
						 .copy = copy->serial,
						 .key = copy->keys[i] });
	}
	for (size_t i = 0; i < copy->job_count; i++) {
		if (copy->jobs[i].done) {
			bus_send(sim, &(struct message){
					  .kind = MESSAGE_DONE,
					  .copy = copy->serial,
					  .key = copy->jobs[i].key,
					  .result = copy->jobs[i].result });
		}
	}
}
