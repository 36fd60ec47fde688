#include "daemon/commit.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "bridge/bridge.h"
#include "daemon/arrivals.h"
#include "daemon/deliver.h"
#include "daemon/metrics.h"
#include "daemon/persist.h"
#include "daemon/publish.h"
#include "daemon/queues.h"
#include "daemon/request.h"
#include "daemon/rest.h"
#include "daemon/upkeep.h"
#include "daemon/waiters.h"

#define RETRY_NS (1000 * INT64_C(1000000))

/* A commit that takes less than this is waited for; see is_quick(). */
#define QUICK_NS INT64_C(1000000)

/* So many transitions leave without waiting for more: while they are written,
 * the loop has others to work on. */
#define WORTH_A_COMMIT 100

/* With so many operations there are other runs to go on with meanwhile. */
#define SMALL_BATCH 300

/* Of the time that a commit takes, how long the next one may wait for answers
 * that are likely to be quick. */
#define LINGER_PART 4

/* Tasks in processes that are all waited for. */
#define FEW 64

void flight_fini(struct flight *flight)
{
	output_fini(&flight->output);
	deferred_fini(&flight->deferred);
	free(flight->touched);
	*flight = (struct flight){ 0 };
}

/* ---- what is in a flight ---- */

static void note_touched(struct flight *flight, struct run *run)
{
	alloc_grow(flight->touched, flight->touched_count, flight->touched_cap);
	flight->touched[flight->touched_count++] = (struct touched){
		.run = run,
		.id = run->record.id,
		.state = run->record.state,
		.ended = group_state_final(run->record.state),
	};
}

static void note_runs(struct flight *flight)
{
	for (size_t i = 0; i < flight->output.change_count; i++) {
		if (flight->output.changes[i].kind == CHANGE_RUN) {
			note_touched(flight, flight->output.changes[i].run);
		}
	}
}

/* Runs that had ended and were changed again are not at their end: it will be
 * in a later flight. */
static void keep_changed(struct flight *landed, const struct output *output)
{
	for (size_t i = 0; i < output->change_count; i++) {
		const struct run *run = output->changes[i].run;

		if (!persist_goes_on(&output->changes[i])) {
			continue;
		}
		for (size_t j = 0; j < landed->touched_count; j++) {
			landed->touched[j].ended &=
			    landed->touched[j].run != run;
		}
	}
}

/* Runs that have ended leave the engine, once nothing that was gathered since
 * speaks of them any more. */
static void forget_ended(struct daemon *daemon, struct flight *flight)
{
	for (size_t i = 0; i < flight->touched_count; i++) {
		struct touched *touched = &flight->touched[i];

		/* Of what was kept early and changed again there are two. */
		if (touched->ended &&
		    engine_run(daemon->engine, &touched->id) == touched->run) {
			/* Who asked after it had landed. */
			waiters_answer(daemon, &touched->id, touched->state);
			upkeep_ended(daemon, &touched->run->record);
			engine_forget(daemon->engine, touched->run);
			request_handle_postponed(daemon, &touched->id);
		}
	}
	flight->touched_count = 0;
}

/* ---- taking off ---- */

/* The arrays of a flight that has landed serve for what is gathered next. */
static void swap_gathered(struct daemon *daemon)
{
	struct flight *flight = &daemon->flight;
	struct output output = flight->output;
	struct deferred_list deferred = flight->deferred;

	flight->output = daemon->output;
	flight->deferred = daemon->deferred;
	daemon->output = output;
	daemon->deferred = deferred;
}

/* What was gathered becomes the flight; its batch is the store's. */
static void load(struct daemon *daemon)
{
	struct flight *flight = &daemon->flight;

	queues_obey(daemon);
	keep_changed(flight, &daemon->output);
	swap_gathered(daemon);
	persist_output(daemon->store, &flight->output);
	forget_ended(daemon, &daemon->flight);
	note_runs(flight);
	arrivals_leaving(daemon);
	bridge_committing(daemon->bridge);
	if (daemon->link) {
		link_committing(daemon->link);
	}
}

static void take_off(struct daemon *daemon)
{
	daemon->flight.under_way = true;
	store_commit_begin(daemon->store);
}

/* ---- landing ---- */

/* For each run that the commit touched: observers, and who waits for its end.
 */
static void after_commit(struct daemon *daemon, const struct flight *flight)
{
	for (size_t i = 0; i < flight->touched_count; i++) {
		const struct touched *touched = &flight->touched[i];

		if (daemon->options.observe) {
			daemon->options.observe(daemon->options.observe_arg,
						daemon->view, &touched->id);
		}
		if (touched->ended) {
			waiters_answer(daemon, &touched->id, touched->state);
		}
	}
}

/* Processes take about as long as a commit that would be in vain; unless there
 * is so much under way that something is always to be committed. */
static int linger_part(const struct daemon *daemon)
{
	return daemon->awaits_there && daemon->awaited <= FEW ? 1 : LINGER_PART;
}

/* It is on disk: the others who had something in its batch are told. */
static void tell_committed(struct daemon *daemon)
{
	bridge_committed(daemon->bridge);
	if (daemon->link) {
		link_settle(daemon->link);
	}
	metrics_committed(daemon->metrics, store_totals(daemon->store),
			  clock_mono_ns());
	arrivals_committed(daemon);
	rest_wanted(daemon);
}

/* What waited for its commit may leave. */
static void let_go(struct daemon *daemon, struct flight *flight)
{
	daemon->awaited = 0;
	daemon->awaits_there = false;
	deliver_effects(daemon, &flight->output);
	daemon->linger_ns = clock_mono_ns() + store_commit_ns(daemon->store) /
						  linger_part(daemon);
	publish_events(daemon, flight);
	request_answer_deferred(daemon, &flight->deferred);
	after_commit(daemon, flight);
	output_clear(&flight->output);
}

/* What plugin processes have sent is acknowledged. */
static void acknowledge(struct daemon *daemon)
{
	if (daemon->link) {
		link_committed(daemon->link);
	}
}

static void land(struct daemon *daemon)
{
	tell_committed(daemon);
	let_go(daemon, &daemon->flight);
	/* Last: nobody's next step waits for it. */
	acknowledge(daemon);
}

/*
 * So much has been gathered meanwhile that it takes off first: the store writes
 * it while the effects of the one that has landed are carried out.
 */
static void land_behind_the_next(struct daemon *daemon)
{
	struct flight landed = daemon->flight;

	tell_committed(daemon);
	/* Before others are on their way to be committed. */
	acknowledge(daemon);
	daemon->flight = daemon->landed;
	load(daemon);
	take_off(daemon);
	let_go(daemon, &landed);
	forget_ended(daemon, &landed);
	daemon->landed = landed;
}

static void note_blocked(struct daemon *daemon, const struct err *err)
{
	if (!daemon->blocked) {
		log_error("msg=\"cannot write the store: %s; nothing goes on "
			  "until that is mended, trying again each second\"",
			  err->msg);
	}
	daemon->blocked = true;
	daemon->blocked_by = *err;
	daemon->retry_ns = clock_mono_ns() + RETRY_NS;
	request_answer_blocked(daemon, &daemon->flight.deferred);
	request_answer_blocked(daemon, &daemon->deferred);
}

static void note_mended(struct daemon *daemon)
{
	if (daemon->blocked) {
		log_info("msg=\"the store can be written again\"");
		daemon->blocked = false;
	}
}

/* What is done only between flights has its turn, too. */
static bool upkeep_is_due(const struct daemon *daemon)
{
	int64_t due_us = upkeep_next_due(daemon);

	return daemon->arrival_count || (due_us && due_us <= clock_wall_us());
}

/* Not when runs that had ended go on: see keep_changed(). */
static bool next_is_due(const struct daemon *daemon)
{
	const struct output *output = &daemon->output;

	if (upkeep_is_due(daemon)) {
		return false;
	}

	for (size_t i = output->kept_changes; i < output->change_count; i++) {
		if (persist_goes_on(&output->changes[i])) {
			return false;
		}
	}
	return output->transition_count >= WORTH_A_COMMIT;
}

/* Waits when it is still under way. */
static int collect(struct daemon *daemon)
{
	struct err err = { 0 };
	int rc = store_commit_end(daemon->store, &err);

	daemon->flight.under_way = false;
	if (rc < 0) {
		note_blocked(daemon, &err);
		return rc;
	}
	note_mended(daemon);
	if (next_is_due(daemon)) {
		land_behind_the_next(daemon);
	} else {
		land(daemon);
	}
	return 0;
}

void commit_collect(struct daemon *daemon)
{
	if (daemon->flight.under_way) {
		if (store_commit_done(daemon->store)) {
			(void)collect(daemon);
		}
	} else if (daemon->blocked && clock_mono_ns() >= daemon->retry_ns) {
		take_off(daemon);
	}
}

/* The disk is so quick, and so little is to be done meanwhile, that handing the
 * batch to another thread and being woken again would cost more than waiting.
 * Not when plugins go on meanwhile. */
static bool is_quick(const struct daemon *daemon)
{
	int64_t last_ns = store_commit_ns(daemon->store);

	return daemon->durability != DURABILITY_PIPELINED && last_ns > 0 &&
	       last_ns < QUICK_NS &&
	       store_batch_len(daemon->store) < SMALL_BATCH;
}

static void commit_loaded(struct daemon *daemon)
{
	struct err err = { 0 };

	if (store_batch_empty(daemon->store)) {
		land(daemon);
		forget_ended(daemon, &daemon->flight);
	} else if (!is_quick(daemon)) {
		take_off(daemon);
	} else if (store_commit(daemon->store, &err) < 0) {
		note_blocked(daemon, &err);
	} else {
		land(daemon);
		forget_ended(daemon, &daemon->flight);
	}
}

static bool lingers(struct daemon *daemon)
{
	if (daemon->awaited && clock_mono_ns() >= daemon->linger_ns) {
		daemon->awaited = 0;
	}
	return daemon->awaited > 0 &&
	       daemon->output.transition_count < WORTH_A_COMMIT;
}

void commit_answered(struct daemon *daemon)
{
	if (daemon->awaited) {
		daemon->awaited--;
	}
}

void commit_gathered(struct daemon *daemon)
{
	if (daemon->durability == DURABILITY_PIPELINED) {
		deliver_inside(daemon, &daemon->output);
	}
	if (!daemon->flight.under_way && !daemon->blocked && !lingers(daemon)) {
		load(daemon);
		commit_loaded(daemon);
	} else if (daemon->flight.under_way) {
		/* There is time for it now. */
		persist_early(daemon->store, &daemon->output);
	}
}

bool commit_outstanding(const struct daemon *daemon)
{
	return daemon->flight.under_way || daemon->blocked ||
	       daemon->output.change_count || daemon->output.transition_count ||
	       !store_batch_empty(daemon->store);
}

int64_t commit_due_ns(const struct daemon *daemon)
{
	if (daemon->flight.under_way) {
		return 0;
	}
	if (daemon->blocked) {
		return daemon->retry_ns;
	}
	return daemon->awaited ? daemon->linger_ns : 0;
}

int commit_all(struct daemon *daemon)
{
	int rc = 0;

	if (daemon->blocked && !daemon->flight.under_way) {
		take_off(daemon);
	}
	daemon->awaited = 0;
	do {
		if (daemon->flight.under_way) {
			rc = collect(daemon);
			daemon->awaited = 0;
		} else {
			commit_gathered(daemon);
		}
	} while (rc == 0 && daemon->flight.under_way);
	return rc;
}
