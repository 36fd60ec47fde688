/* The pool of threads: lanes, growth, and the way back to none. */
#include "fixture.h"
#include "host/workers.h"

#define PIECES 64

/* Pieces of work that stay until the gate is opened. */
struct gate {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool open;
	size_t inside;
	size_t most_inside;
	size_t done;
};

struct piece {
	struct host_work work;
	struct gate *gate;
};

static void run(struct host_work *work)
{
	struct piece *piece =
	    (void *)((char *)work - offsetof(struct piece, work));
	struct gate *gate = piece->gate;

	(void)pthread_mutex_lock(&gate->lock);
	gate->inside++;
	if (gate->inside > gate->most_inside) {
		gate->most_inside = gate->inside;
	}
	(void)pthread_cond_broadcast(&gate->changed);
	while (!gate->open) {
		(void)pthread_cond_wait(&gate->changed, &gate->lock);
	}
	gate->inside--;
	gate->done++;
	(void)pthread_cond_broadcast(&gate->changed);
	(void)pthread_mutex_unlock(&gate->lock);
}

static void gate_wait(struct gate *gate, const size_t *count, size_t wanted)
{
	struct timespec until = fixture_until();
	int rc = 0;

	(void)pthread_mutex_lock(&gate->lock);
	while (*count < wanted && rc == 0) {
		rc =
		    pthread_cond_timedwait(&gate->changed, &gate->lock, &until);
	}
	(void)pthread_mutex_unlock(&gate->lock);
	assert_int_equal(rc, 0);
}

static void gate_open(struct gate *gate)
{
	(void)pthread_mutex_lock(&gate->lock);
	gate->open = true;
	(void)pthread_cond_broadcast(&gate->changed);
	(void)pthread_mutex_unlock(&gate->lock);
}

static void submit(struct host_workers *workers, struct host_lane *lane,
		   struct gate *gate, struct piece *piece)
{
	struct err err;

	piece->gate = gate;
	piece->work.run = run;
	if (host_workers_submit(workers, lane, &piece->work, &err) < 0) {
		fail_msg("%s", err.msg);
	}
}

static void a_lane_keeps_its_limit(void **state)
{
	struct gate gate = {
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
	};
	struct host_lane narrow = { .limit = 1 };
	struct host_lane wide = { .limit = 4 };
	struct piece pieces[PIECES] = { 0 };
	struct host_workers workers;

	(void)state;
	host_workers_init(&workers, 10000);
	assert_int_equal(host_workers_count(&workers), 0);
	for (size_t i = 0; i < PIECES; i++) {
		submit(&workers, i % 2 ? &narrow : &wide, &gate, &pieces[i]);
	}
	gate_wait(&gate, &gate.inside, 5);
	assert_int_equal(host_workers_count(&workers), 5);
	gate_open(&gate);
	gate_wait(&gate, &gate.done, PIECES);
	host_workers_fini(&workers);
	assert_int_equal(gate.most_inside, 5);
}

static void idle_threads_are_used_again(void **state)
{
	struct gate gate = {
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
		.open = true,
	};
	struct host_lane lane = { .limit = PIECES };
	struct host_workers workers;

	(void)state;
	host_workers_init(&workers, 10000);
	for (size_t i = 0; i < 1000; i++) {
		struct piece piece = { 0 };

		submit(&workers, &lane, &gate, &piece);
		gate_wait(&gate, &gate.done, i + 1);
		/* One at a time needs one thread, or two when the first is on
		 * its way back. */
		assert_in_range(host_workers_count(&workers), 1, 2);
		while (true) {
			(void)pthread_mutex_lock(&workers.lock);
			uint32_t running = lane.running;

			(void)pthread_mutex_unlock(&workers.lock);
			if (running == 0) {
				break;
			}
			fixture_pause();
		}
	}
	host_workers_fini(&workers);
}

/* One idle thread is no thread for two. */
static void a_burst_gets_all_its_threads(void **state)
{
	struct gate gate = {
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
		.open = true,
	};
	struct host_lane lane = { .limit = PIECES };
	struct piece pieces[PIECES] = { 0 };
	struct host_workers workers;
	size_t idle = 0;

	(void)state;
	host_workers_init(&workers, 60000);
	submit(&workers, &lane, &gate, &pieces[0]);
	while (idle == 0) {
		(void)pthread_mutex_lock(&workers.lock);
		idle = workers.large.idle;
		(void)pthread_mutex_unlock(&workers.lock);
		fixture_pause();
	}
	gate.open = false;
	for (size_t i = 0; i < PIECES; i++) {
		submit(&workers, &lane, &gate, &pieces[i]);
	}
	gate_wait(&gate, &gate.inside, PIECES);
	assert_int_equal(host_workers_count(&workers), PIECES);
	gate_open(&gate);
	host_workers_fini(&workers);
	assert_int_equal(gate.done, PIECES + 1);
}

static void threads_end_when_nothing_comes(void **state)
{
	struct gate gate = {
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
	};
	struct host_lane lane = { .limit = PIECES };
	struct piece pieces[PIECES] = { 0 };
	struct host_workers workers;

	(void)state;
	host_workers_init(&workers, 1);
	for (size_t round = 1; round <= 3; round++) {
		gate.open = false;
		for (size_t i = 0; i < PIECES; i++) {
			submit(&workers, &lane, &gate, &pieces[i]);
		}
		gate_wait(&gate, &gate.inside, PIECES);
		assert_int_equal(host_workers_count(&workers), PIECES);
		gate_open(&gate);
		gate_wait(&gate, &gate.done, round * PIECES);
		while (host_workers_count(&workers)) {
			fixture_pause();
		}
	}
	host_workers_fini(&workers);
}

static void fini_finishes_what_is_queued(void **state)
{
	struct gate gate = {
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
		.open = true,
	};
	struct host_lane lane = { .limit = 1 };
	struct piece pieces[PIECES] = { 0 };
	struct host_workers workers;

	(void)state;
	host_workers_init(&workers, 10000);
	for (size_t i = 0; i < PIECES; i++) {
		submit(&workers, &lane, &gate, &pieces[i]);
	}
	host_workers_fini(&workers);
	assert_int_equal(gate.done, PIECES);
	assert_int_equal(gate.most_inside, 1);
}

/* Without locks of its own: what orders the calls is the pool alone. */
static void max_tasks_of_one_never_overlaps(void **state)
{
	struct fixture *fixture = fixture_create();
	const uint32_t count = 3000;
	struct value output;

	(void)state;
	fixture_load(fixture, "naive", NULL);
	fixture_start(fixture);
	for (uint32_t i = 0; i < count; i++) {
		fixture_deliver(fixture, "naive", i, NULL);
		/* Its completion is there before its handler has returned. */
		fixture_wait(fixture, i + 1);
		assert_int_equal(fixture->completions[i].outcome,
				 TUTTI_SUCCEEDED);
		output = fixture_value(fixture->completions[i].output);
		assert_int_equal(value_get_int(&output, "calls", 0), i + 1);
		value_clear(&output);
	}
	fixture_destroy(fixture);
}

static void many_sleep_at_once(void **state)
{
	struct fixture *fixture = fixture_create();

	(void)state;
	fixture_load(fixture, "sleeper", "{\"ms\": 20}");
	fixture_start(fixture);
	for (uint32_t round = 0; round < 4; round++) {
		for (uint32_t i = 0; i < 64; i++) {
			fixture_deliver(fixture, "sleeper", round * 64 + i,
					i % 2 ? NULL : "{\"ms\": 10}");
		}
		fixture_wait(fixture, (round + 1) * 64);
	}
	fixture_destroy(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lane_keeps_its_limit),
		cmocka_unit_test(idle_threads_are_used_again),
		cmocka_unit_test(a_burst_gets_all_its_threads),
		cmocka_unit_test(threads_end_when_nothing_comes),
		cmocka_unit_test(fini_finishes_what_is_queued),
		cmocka_unit_test(max_tasks_of_one_never_overlaps),
		cmocka_unit_test(many_sleep_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
