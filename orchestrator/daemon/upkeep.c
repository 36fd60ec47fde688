#include "daemon/upkeep.h"

#include "base/clock.h"
#include "base/log.h"
#include "bridge/bridge.h"
#include "daemon/arrivals.h"

#define RUNS_A_TURN 100
#define ROWS_A_TURN 2000

/* While runs go on, others wait for each of these commits: they are small. */
#define BUSY_PART 8
#define BUSY_NS   (100 * INT64_C(1000000))

/* Not 0, which is never. */
#define ANY_PAST_US 1

/* After the store could not be read. */
#define AGAIN_US (60 * INT64_C(1000000))

/* A run of one's own (`tutti run`) is no reason to tidy up. */
static int64_t retain_us(const struct daemon *daemon, enum group_state state)
{
	return daemon->options.control
		   ? daemon->options.config->retain_ms[state] * 1000
		   : 0;
}

static void due_at(struct daemon *daemon, int64_t due_us)
{
	daemon->retain_due_us = clock_earlier(daemon->retain_due_us, due_us);
}

static void failed(struct daemon *daemon, const struct err *err)
{
	log_error("msg=\"cannot look for runs to delete: %s\"", err->msg);
	due_at(daemon, clock_wall_us() + AGAIN_US);
}

void upkeep_ended(struct daemon *daemon, const struct run_record *run)
{
	int64_t keep_us = retain_us(daemon, run->state);

	if (keep_us) {
		due_at(daemon, run->ended_us + keep_us);
	}
}

void upkeep_look(struct daemon *daemon)
{
	struct store_ended first;
	struct err err = { 0 };

	daemon->retain_due_us = 0;
	daemon->sweep_due_us = ANY_PAST_US;
	daemon->tails_due_us = ANY_PAST_US;
	for (int i = 0; i < GROUP_STATES; i++) {
		enum group_state state = (enum group_state)i;
		int64_t keep_us = retain_us(daemon, state);
		int found = keep_us == 0
				? 0
				: store_ended_until(daemon->store, state,
						    INT64_MAX, &first, 1, &err);

		if (found < 0) {
			failed(daemon, &err);
		} else if (found > 0) {
			due_at(daemon, first.ended_us + keep_us);
		}
	}
}

static bool tails_due(const struct daemon *daemon)
{
	return daemon->options.control && store_tails_due(daemon->store);
}

int64_t upkeep_next_due(const struct daemon *daemon)
{
	if (arrivals_wait(daemon)) {
		return ANY_PAST_US;
	}
	int64_t due_us = store_sweeping(daemon->store) ? daemon->sweep_due_us
						       : daemon->retain_due_us;

	return tails_due(daemon) ? clock_earlier(due_us, daemon->tails_due_us)
				 : due_us;
}

/* One that goes on again is left alone: its entry is about to go. An entry
 * that leads nowhere must not be found again and again. False: as before. */
static bool settle(struct daemon *daemon, const struct store_ended *ended)
{
	struct err err = { 0 };

	if (engine_run(daemon->engine, &ended->run)) {
		return false;
	}
	bridge_forget_run(daemon->bridge, &ended->run);
	int rc = store_delete_run(daemon->store, &ended->run, &err);

	if (rc == 0) {
		engine_deleted(daemon->engine, &ended->run);
	}

	if (rc == E_NOT_FOUND || rc == E_CONFLICT || rc == E_CORRUPT) {
		log_warn("msg=\"retain: %s\"", err.msg);
		store_drop_ended(daemon->store, ended);
		rc = 0;
	}
	return rc == 0;
}

/* How much of so many. */
static size_t portion(const struct daemon *daemon, size_t whole)
{
	return daemon->busy_until_ns > clock_mono_ns() ? whole / BUSY_PART
						       : whole;
}

/* At most `max` of a state; returns how many. */
static size_t settle_state(struct daemon *daemon, enum group_state state,
			   int64_t now_us, size_t max)
{
	struct store_ended ended[RUNS_A_TURN];
	struct err err = { 0 };
	size_t settled = 0;
	int found = store_ended_until(daemon->store, state,
				      now_us - retain_us(daemon, state), ended,
				      max, &err);

	if (found < 0) {
		failed(daemon, &err);
	}
	for (int i = 0; i < found; i++) {
		settled += settle(daemon, &ended[i]);
	}
	return settled;
}

/* Once for all that follow each other. */
static void tell_settled(struct daemon *daemon, size_t settled, bool more)
{
	daemon->retained += settled;
	if (daemon->retained && !more) {
		log_info("msg=\"retain: %zu runs are deleted\"",
			 daemon->retained);
		daemon->retained = 0;
	}
}

static void retain(struct daemon *daemon, int64_t now_us)
{
	size_t max = portion(daemon, RUNS_A_TURN);
	size_t settled = 0;

	for (int i = 0; i < GROUP_STATES && settled < max; i++) {
		enum group_state state = (enum group_state)i;

		if (retain_us(daemon, state)) {
			settled +=
			    settle_state(daemon, state, now_us, max - settled);
		}
	}
	upkeep_look(daemon);
	tell_settled(daemon, settled, settled == max);
	if (settled) {
		return;
	}
	if (daemon->retain_due_us && daemon->retain_due_us <= now_us) {
		daemon->retain_due_us = now_us + AGAIN_US;
	}
}

static void sweep(struct daemon *daemon)
{
	struct err err = { 0 };

	if (store_sweep(daemon->store, portion(daemon, ROWS_A_TURN), &err) <
	    0) {
		log_error("msg=\"cannot sweep up after deleted runs: %s\"",
			  err.msg);
		daemon->sweep_due_us = clock_wall_us() + AGAIN_US;
	}
}

static void gather_tails(struct daemon *daemon)
{
	struct err err = { 0 };

	if (store_gather_tails(daemon->store, &err) < 0) {
		log_error("msg=\"runs are not made ready to be found by the "
			  "end of their id: %s\"",
			  err.msg);
		daemon->tails_due_us = clock_wall_us() + AGAIN_US;
	}
}

void upkeep_turn(struct daemon *daemon)
{
	int64_t now_us = clock_wall_us();

	if (daemon->output.change_count) {
		daemon->busy_until_ns = clock_mono_ns() + BUSY_NS;
	}
	arrivals_turn(daemon);
	if (tails_due(daemon) && daemon->tails_due_us <= now_us) {
		daemon->tails_due_us = ANY_PAST_US;
		gather_tails(daemon);
	}
	if (!store_sweeping(daemon->store) && daemon->retain_due_us &&
	    daemon->retain_due_us <= now_us) {
		retain(daemon, now_us);
	}
	if (store_sweeping(daemon->store) && daemon->sweep_due_us <= now_us) {
		daemon->sweep_due_us = ANY_PAST_US;
		sweep(daemon);
	}
}
