#include "commit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "check.h"
#include "daemon/persist.h"
#include "documents.h"
#include "sim.h"

struct turn *commit_turn(struct sim *sim)
{
	return &sim->committer.turns[sim->committer.current];
}

static struct turn *sealed_turn(struct sim *sim)
{
	return &sim->committer.turns[!sim->committer.current];
}

static bool is_empty(const struct turn *turn)
{
	return turn->mail_count == 0 && turn->output.change_count == 0 &&
	       turn->output.transition_count == 0 &&
	       turn->output.effect_count == 0 && turn->taken_count == 0;
}

bool commit_quiet(const struct sim *sim)
{
	const struct committer *committer = &sim->committer;

	return !committer->in_flight && committer->store.batch.len == 0 &&
	       committer->turns[committer->current].output.order_count == 0 &&
	       is_empty(&committer->turns[committer->current]);
}

void commit_add_fact(struct sim *sim, const struct fact *fact)
{
	struct turn *turn = commit_turn(sim);

	alloc_grow(turn->facts, turn->fact_count, turn->fact_cap);
	turn->facts[turn->fact_count++] = *fact;
}

void commit_add_taken(struct sim *sim, const struct taken *taken)
{
	struct turn *turn = commit_turn(sim);

	alloc_grow(turn->taken, turn->taken_count, turn->taken_cap);
	turn->taken[turn->taken_count++] = *taken;
}

void commit_add_leaving(struct sim *sim, const struct effect *effect)
{
	const struct task_record *record = &effect->task->record;
	struct turn *turn = commit_turn(sim);

	alloc_grow(turn->leaving, turn->leaving_count, turn->leaving_cap);
	struct leaving *leaving = &turn->leaving[turn->leaving_count++];

	*leaving = (struct leaving){
		.tells = effect->kind == EFFECT_TELL,
		.key = { .run = effect->run->record.id,
			 .task = record->number,
			 .attempt = effect->attempt,
			 .wakes = effect->wakes },
		.stash = blob_ref(effect->stash),
		.queued = effect->queued,
	};
	if (effect->queued) {
		struct sim_run *run = sim_run(sim, &effect->run->record.id);
		const struct sim_message *message =
		    queues_message(&run->messages, record->number);

		for (int i = 0; i < MESSAGE_PARTS; i++) {
			leaving->parts[i] = blob_ref(message->parts[i]);
		}
	}
	(void)snprintf(leaving->copy, sizeof(leaving->copy), "%.*s",
		       SLICE_ARG(effect->instance));
}

static void turn_clear(struct turn *turn)
{
	for (size_t i = 0; i < turn->leaving_count; i++) {
		blob_unref(turn->leaving[i].stash);
		for (int p = 0; p < MESSAGE_PARTS; p++) {
			blob_unref(turn->leaving[i].parts[p]);
		}
	}
	for (size_t i = 0; i < turn->mail_count; i++) {
		queues_message_set(&turn->mail[i].message,
				   &(struct sim_message){ .there = false });
	}
	turn->mail_count = 0;
	turn->leaving_count = 0;
	output_clear(&turn->output);
	output_clear_orders(&turn->output);
	turn->fact_count = 0;
	turn->taken_count = 0;
	turn->ended_count = 0;
}

/* ---- what leaves ---- */

/* Taken back in the meantime; a later one may have its new attempt. */
static bool is_outdated(const struct sim *sim, const struct task_key *key)
{
	const struct run *run = engine_run(sim->engine, &key->run);
	const struct task_record *record =
	    run ? &run->tasks[key->task]->record : NULL;

	return !record || record->attempt != key->attempt ||
	       record->wakes != key->wakes || record->state != TASK_RUNNING;
}

/* What the plugin gets is what entered the queue, byte by byte. */
static void check_parts(struct sim *sim, const struct leaving *leaving)
{
	const struct task_key *key = &leaving->key;
	struct message_key message = { .run = key->run, .task = key->task };
	struct blob *parts[MESSAGE_PARTS] = { NULL };
	struct err err = { 0 };
	uint32_t number = sim_run(sim, &key->run)->number;
	int rc = bridge_parts(sim->queues.bridge, &message, parts, &err);

	sim_check(sim, rc == 0, "what is handed out has its documents",
		  "r%u/%u: %s", number, key->task, err.msg);
	for (int i = 0; i < MESSAGE_PARTS; i++) {
		sim_check(sim,
			  !parts[i] == !leaving->parts[i] &&
			      slice_equal(blob_slice(parts[i]),
					  blob_slice(leaving->parts[i])),
			  "a message holds the documents of its entering",
			  "r%u/%u: part %d", number, key->task, i);
		blob_unref(parts[i]);
	}
	documents_check_leaving(sim, leaving->parts[MESSAGE_STASH]);
	sim->totals.queued++;
}

static void release(struct sim *sim, const struct leaving *leaving)
{
	const struct task_key *key = &leaving->key;
	struct slice name = slice_of(leaving->copy);

	if (leaving->tells) {
		bus_tell(sim, key, name);
	} else if (is_outdated(sim, key)) {
		sim_note(sim, "not delivered, outdated: r%u/%u attempt %u",
			 sim_run(sim, &key->run)->number, key->task,
			 key->attempt);
		bus_give_back(sim, key);
	} else {
		if (leaving->queued) {
			check_parts(sim, leaving);
		}
		bus_deliver(sim, key, name);
	}
}

static bool leaves_early(const struct leaving *leaving)
{
	return !leaving->queued &&
	       slice_starts_with(slice_of(leaving->copy), SLICE("inside/"));
}

void commit_leave_early(struct sim *sim)
{
	struct turn *turn = commit_turn(sim);

	for (size_t i = 0; sim->temper.early_inside && i < turn->leaving_count;
	     i++) {
		struct leaving *leaving = &turn->leaving[i];

		if (!leaving->left && leaves_early(leaving)) {
			leaving->left = true;
			release(sim, leaving);
		}
	}
}

static void leave(struct sim *sim, struct turn *turn)
{
	for (size_t i = 0; i < turn->leaving_count; i++) {
		struct leaving *leaving = &turn->leaving[i];

		if (!leaving->left) {
			documents_check_leaving(sim, leaving->stash);
			release(sim, leaving);
		}
	}
}

static void acknowledge(struct sim *sim, const struct turn *turn)
{
	for (size_t i = 0; i < turn->taken_count; i++) {
		bus_acknowledge(sim, turn->taken[i].copy, &turn->taken[i].key);
	}
}

/* Nothing that still waits to be written may point to what is forgotten. */
static void forget(struct sim *sim, const struct id *id)
{
	const struct output *next = &commit_turn(sim)->output;
	struct run *run = engine_run(sim->engine, id);

	sim_check(sim, run && group_state_final(run->record.state),
		  "nothing final changes", "r%u is not final any more",
		  sim_run(sim, id)->number);
	for (size_t i = 0; i < next->change_count; i++) {
		sim_check(sim, next->changes[i].run != run,
			  "nothing final changes", "r%u changes after its end",
			  sim_run(sim, id)->number);
	}
	engine_forget(sim->engine, run);
	sim->totals.ended++;
}

/* ---- turns ---- */

static void note_ended(struct turn *turn)
{
	for (size_t i = 0; i < turn->output.change_count; i++) {
		const struct change *change = &turn->output.changes[i];

		if (change->kind == CHANGE_RUN &&
		    group_state_final(change->run->record.state)) {
			alloc_grow(turn->ended, turn->ended_count,
				   turn->ended_cap);
			turn->ended[turn->ended_count++] =
			    change->run->record.id;
		}
	}
}

/* What its messages must be, as the steps so far have made them. */
static void take_mail(struct sim *sim, struct turn *turn)
{
	for (size_t i = 0; i < turn->mail_count; i++) {
		struct mail *mail = &turn->mail[i];
		struct sim_run *run = sim_run(sim, &mail->run);

		queues_message_set(&mail->message,
				   queues_message(&run->messages, mail->task));
	}
}

static void deliver_mail(struct sim *sim, const struct turn *turn)
{
	for (size_t i = 0; i < turn->mail_count; i++) {
		const struct mail *mail = &turn->mail[i];
		struct sim_run *run = sim_run(sim, &mail->run);

		queues_message_set(
		    queues_message(&run->image.messages, mail->task),
		    &mail->message);
		run->image.touched = true;
	}
}

void commit_seal(struct sim *sim)
{
	struct committer *committer = &sim->committer;
	struct turn *turn = commit_turn(sim);

	if (!committer->in_flight) {
		queues_turn(sim);
		queues_obey(sim);
	}
	if (committer->in_flight ||
	    (is_empty(turn) && committer->store.batch.len == 0)) {
		return;
	}
	note_ended(turn);
	take_mail(sim, turn);
	persist_output(&committer->store, &turn->output);
	bridge_committing(sim->queues.bridge);
	struct batch empty = committer->batch;

	committer->batch = committer->store.batch;
	committer->store.batch = empty;
	committer->in_flight = true;
	committer->current = !committer->current;
}

static void write_batch(struct sim *sim)
{
	struct turn *turn = sealed_turn(sim);

	disk_apply(sim, &sim->committer.batch);
	batch_clear(&sim->committer.batch);
	documents_apply(sim, turn->facts, turn->fact_count);
	deliver_mail(sim, turn);
	check_touched(sim);
	sim->totals.commits++;
}

void commit_finish(struct sim *sim)
{
	struct turn *turn = sealed_turn(sim);

	if (!sim->committer.in_flight) {
		return;
	}
	sim->committer.in_flight = false;
	sim->committer.blocked = false;
	write_batch(sim);
	bridge_committed(sim->queues.bridge);
	if (commit_quiet(sim)) {
		queues_check_quiet(sim);
	}
	acknowledge(sim, turn);
	leave(sim, turn);
	for (size_t i = 0; i < turn->ended_count; i++) {
		forget(sim, &turn->ended[i]);
	}
	turn_clear(turn);
}

void commit_all(struct sim *sim)
{
	commit_finish(sim);
	commit_seal(sim);
	commit_finish(sim);
}

void commit_crash(struct sim *sim, bool written)
{
	struct committer *committer = &sim->committer;

	if (committer->in_flight && written) {
		write_batch(sim);
	}
	committer->in_flight = false;
	committer->blocked = false;
	batch_clear(&committer->batch);
	batch_clear(&committer->store.batch);
	turn_clear(&committer->turns[0]);
	turn_clear(&committer->turns[1]);
	/* The next process knows what the store says. */
	committer->store.has_definition = false;
	committer->store.next_sequence = sim->disk.last_sequence + 1;
}

void commit_fini(struct committer *committer)
{
	for (int i = 0; i < 2; i++) {
		struct turn *turn = &committer->turns[i];

		turn_clear(turn);
		output_fini(&turn->output);
		free(turn->facts);
		free(turn->taken);
		free(turn->leaving);
		free(turn->ended);
		free(turn->mail);
	}
	batch_fini(&committer->batch);
	batch_fini(&committer->store.batch);
	buf_fini(&committer->store.scratch);
}
