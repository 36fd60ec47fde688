/*
 * The quick crew: lanes that have been quick share its threads, and one that is
 * not quick this time holds nobody up.
 */
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fixture.h"
#include "host/workers.h"

enum { BURST = 500 };

/* Work that waits for its gate, when it has one. */
struct piece {
	struct host_work work;
	sem_t *gate;
	sem_t *done;
};

static void run(struct host_work *work)
{
	struct piece *piece = (struct piece *)work;

	if (piece->gate) {
		while (sem_wait(piece->gate)) {
		}
	}
	(void)sem_post(piece->done);
}

static void submit(struct host_workers *workers, struct host_lane *lane,
		   struct piece *piece, sem_t *gate, sem_t *done)
{
	struct err err;

	*piece = (struct piece){
		.work.run = run,
		.gate = gate,
		.done = done,
	};
	assert_int_equal(host_workers_submit(workers, lane, &piece->work, &err),
			 0);
}

static void wait_times(sem_t *sem, int times)
{
	while (times--) {
		while (sem_wait(sem)) {
		}
	}
}

/* As if its calls had all been quick: a busy machine may make them slow. */
static void make_quick(struct host_workers *workers, struct host_lane *lane)
{
	(void)pthread_mutex_lock(&workers->lock);
	lane->calls = HOST_LANE_KNOWN;
	lane->average_ns = 1;
	(void)pthread_mutex_unlock(&workers->lock);
}

static size_t quick_threads(struct host_workers *workers)
{
	(void)pthread_mutex_lock(&workers->lock);
	size_t threads = workers->quick.threads;

	(void)pthread_mutex_unlock(&workers->lock);
	return threads;
}

static void calls_make_a_lane_known(void **state)
{
	struct host_workers workers;
	struct host_lane lane = { .limit = 1 };
	struct piece piece;
	sem_t done;

	(void)state;
	assert_int_equal(sem_init(&done, 0, 0), 0);
	host_workers_init(&workers, 60000);
	host_workers_allow_quick(&workers, 1);
	for (int i = 0; i < HOST_LANE_KNOWN; i++) {
		assert_int_equal(quick_threads(&workers), 0);
		submit(&workers, &lane, &piece, NULL, &done);
		wait_times(&done, 1);
		while (host_workers_busy(&workers, &lane)) {
			fixture_pause();
		}
	}
	assert_int_equal(lane.calls, HOST_LANE_KNOWN);
	make_quick(&workers, &lane);
	submit(&workers, &lane, &piece, NULL, &done);
	wait_times(&done, 1);
	assert_int_equal(quick_threads(&workers), 1);
	host_workers_fini(&workers);
}

static void a_burst_needs_one_thread(void **state)
{
	static struct piece pieces[BURST];
	struct host_workers workers;
	struct host_lane lane = { .limit = BURST };
	sem_t done;

	(void)state;
	assert_int_equal(sem_init(&done, 0, 0), 0);
	host_workers_init(&workers, 60000);
	host_workers_allow_quick(&workers, 1);
	make_quick(&workers, &lane);
	host_workers_hold(&workers);
	for (int i = 0; i < BURST; i++) {
		submit(&workers, &lane, &pieces[i], NULL, &done);
	}
	host_workers_wake(&workers);
	wait_times(&done, BURST);
	assert_int_equal(host_workers_count(&workers), 1);
	host_workers_fini(&workers);
}

/* The thread is asleep, and the pieces are submitted held. */
static void held_wakes_come_in_the_end(void **state)
{
	struct piece pieces[3];
	struct host_workers workers;
	struct host_lane lane = { .limit = 3 };
	size_t idle = 0;
	sem_t done;
	int left;

	(void)state;
	assert_int_equal(sem_init(&done, 0, 0), 0);
	host_workers_init(&workers, 60000);
	host_workers_allow_quick(&workers, 1);
	make_quick(&workers, &lane);
	submit(&workers, &lane, &pieces[0], NULL, &done);
	while (idle == 0) {
		(void)pthread_mutex_lock(&workers.lock);
		idle = workers.quick.idle;
		(void)pthread_mutex_unlock(&workers.lock);
		fixture_pause();
	}
	wait_times(&done, 1);
	make_quick(&workers, &lane);
	host_workers_hold(&workers);
	submit(&workers, &lane, &pieces[1], NULL, &done);
	submit(&workers, &lane, &pieces[2], NULL, &done);
	(void)sem_getvalue(&done, &left);
	assert_int_equal(left, 0);
	assert_int_equal(workers.quick.owed, 1);
	host_workers_wake(&workers);
	wait_times(&done, 2);
	host_workers_fini(&workers);
}

/* Nothing is held up by a call that does not return: neither what waits of its
 * own lane nor that of others, and the lane is not thought quick any more. */
static void a_stuck_call_is_relieved(void **state)
{
	static struct piece pieces[BURST];
	struct host_workers workers;
	struct host_lane stuck = { .limit = 4 };
	struct host_lane other = { .limit = 4 };
	sem_t gate;
	sem_t done;
	sem_t all;

	(void)state;
	assert_int_equal(sem_init(&gate, 0, 0), 0);
	assert_int_equal(sem_init(&done, 0, 0), 0);
	assert_int_equal(sem_init(&all, 0, 0), 0);
	host_workers_init(&workers, 60000);
	host_workers_allow_quick(&workers, 1);
	make_quick(&workers, &stuck);
	make_quick(&workers, &other);
	assert_int_equal(host_workers_relief_due(&workers), 0);
	submit(&workers, &stuck, &pieces[0], &gate, &done);
	submit(&workers, &stuck, &pieces[1], NULL, &all);
	submit(&workers, &other, &pieces[2], NULL, &all);
	while (host_workers_relief_due(&workers) == 0) {
		fixture_pause();
	}
	int64_t due_ns = host_workers_relief_due(&workers);

	/* Too early: nothing happens. */
	host_workers_relieve(&workers, due_ns - 1);
	assert_int_equal(host_workers_relief_due(&workers), due_ns);
	host_workers_relieve(&workers, due_ns);
	wait_times(&all, 2);
	(void)pthread_mutex_lock(&workers.lock);
	assert_true(stuck.average_ns > HOST_LANE_QUICK_NS);
	(void)pthread_mutex_unlock(&workers.lock);
	(void)sem_post(&gate);
	wait_times(&done, 1);
	host_workers_fini(&workers);
}

/* Calls that all wait for the last one of them. */
static void the_large_crew_grows(void **state)
{
	static struct piece pieces[BURST];
	struct host_workers workers;
	struct host_lane lane = { .limit = BURST };
	sem_t gate;
	sem_t done;

	(void)state;
	assert_int_equal(sem_init(&gate, 0, 0), 0);
	assert_int_equal(sem_init(&done, 0, 0), 0);
	host_workers_init(&workers, 60000);
	host_workers_allow_quick(&workers, 1);
	for (int i = 0; i < BURST; i++) {
		submit(&workers, &lane, &pieces[i], &gate, &done);
	}
	assert_int_equal(host_workers_count(&workers), HOST_LARGE_STEP);
	while (host_workers_count(&workers) < BURST) {
		int64_t due_ns = host_workers_relief_due(&workers);

		if (due_ns && clock_mono_ns() >= due_ns) {
			host_workers_relieve(&workers, clock_mono_ns());
		}
		fixture_pause();
	}
	for (int i = 0; i < BURST; i++) {
		(void)sem_post(&gate);
	}
	wait_times(&done, BURST);
	host_workers_fini(&workers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_make_a_lane_known),
		cmocka_unit_test(a_burst_needs_one_thread),
		cmocka_unit_test(held_wakes_come_in_the_end),
		cmocka_unit_test(a_stuck_call_is_relieved),
		cmocka_unit_test(the_large_crew_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
