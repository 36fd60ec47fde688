/* What is counted is what the history says. */
#include "engine/tally.h"
#include "world.h"

#define RETRIED                                                     \
	"{\"plugin\": \"p\", \"as\": \"again\", \"retry\": "        \
	"{\"attempts\": 2, \"backoff_ms\": 1000, \"factor\": 2.0, " \
	"\"max_ms\": 60000, \"jitter\": 0.0}}"
#define BINDINGS                                                       \
	RETRIED ", {\"plugin\": \"p\", \"as\": \"good\"}, "            \
		"{\"plugin\": \"q\", \"as\": \"bad\", \"mandatory\": " \
		"false}, {\"plugin\": \"q\", \"as\": \"parked\"}"

static struct engine_tally tallies[4];

static void take(void *arg, const struct engine_tally *tally)
{
	(void)arg;
	if (strcmp(tally->name, "p") == 0) {
		tallies[0] = *tally;
	} else if (strcmp(tally->name, "q") == 0) {
		tallies[1] = *tally;
	}
}

static void look(const struct world *world)
{
	memset(tallies, 0, sizeof(tallies));
	engine_each_tally(world->engine, take, NULL);
}

/* Moves of runs, or of tasks, into the state. */
static uint64_t in_history(struct world *world, bool tasks, const char *state)
{
	char *copy = alloc_string(world->history);
	char *save = NULL;
	uint64_t count = 0;

	for (char *line = strtok_r(copy, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		const char *first = strchr(line, '/');
		bool task = first && strchr(first + 1, '/');
		bool run = strncmp(line, "run ", 4) == 0;
		const char *to = strchr(line, '>');

		count +=
		    (tasks ? task : run) && to && strcmp(to + 1, state) == 0;
	}
	free(copy);
	return count;
}

static void check(struct world *world)
{
	const struct engine_totals *totals = engine_totals(world->engine);

	for (int i = 0; i < TASK_STATES; i++) {
		assert_int_equal(
		    totals->tasks[i],
		    in_history(world, true,
			       task_state_name((enum task_state)i)));
		assert_int_equal(totals->tasks[i],
				 tallies[0].tasks[i] + tallies[1].tasks[i]);
	}
	for (int i = GROUP_RUNNING; i < GROUP_STATES; i++) {
		assert_int_equal(
		    totals->runs[i],
		    in_history(world, false,
			       group_state_name((enum group_state)i)));
	}
	assert_int_equal(totals->started, in_history(world, false, "pending"));
}

static void complete(struct world *world, const char *name,
		     enum completion outcome, int64_t until_us)
{
	complete_delivery(world, world_delivery(world, name), outcome, "so",
			  NULL, NULL, until_us);
}

static void totals_are_those_of_the_history(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 4, "[]");
	world_plugin(world, "q", 4, "[]");
	for (int i = 0; i < 3; i++) {
		struct id run = world_start_phase(world, "parallel", BINDINGS);

		complete(world, "again", COMPLETION_RETRYABLE, 0);
		complete(world, "good", COMPLETION_SUCCEEDED, 0);
		complete(world, "bad", COMPLETION_FAILED, 0);
		complete(world, "parked", COMPLETION_PARKED,
			 world->now_us + 500000);
		look(world);
		check(world);
		world_pass(world, 1000);
		if (i == 2) {
			struct event event = { .kind = EVENT_CANCEL,
					       .run = run };

			assert_int_equal(world_step(world, &event), 0);
		}
		complete(world, "again",
			 i ? COMPLETION_SUCCEEDED : COMPLETION_FAILED, 0);
		complete(world, "parked", COMPLETION_SUCCEEDED, 0);
	}
	look(world);
	check(world);
	assert_int_equal(engine_totals(world->engine)->started, 3);
	assert_int_equal(tallies[0].tasks[TASK_RETRYING], 3);
	assert_int_equal(tallies[0].tasks[TASK_RUNNING], 9);
	assert_int_equal(tallies[1].tasks[TASK_WAITING], 3);
	assert_int_equal(tallies[1].tasks[TASK_FAILED], 3);
}

static void what_is_in_hands_and_fits(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 2, "[]");
	world_instance(world, "p", "more", 3);
	world_plugin(world, "q", 1, "[]");
	(void)world_start_phase(world, "parallel", BINDINGS);
	look(world);
	assert_int_equal(tallies[0].in_flight, 2);
	assert_int_equal(tallies[0].capacity, 5);
	/* The other one waits for the only slot. */
	assert_int_equal(tallies[1].in_flight, 1);
	assert_int_equal(tallies[1].capacity, 1);
	/* One that drains takes no more. */
	world_drain(world, "p", "more");
	complete(world, "good", COMPLETION_SUCCEEDED, 0);
	look(world);
	assert_int_equal(tallies[0].in_flight, 1);
	assert_int_equal(tallies[0].capacity, 2);
	assert_int_not_equal(tallies[0].number, tallies[1].number);
}

static void numbers_are_kept(void **state)
{
	struct world *world = *state;
	struct event event = { .kind = EVENT_REMOVE,
			       .as.remove = { .name = SLICE("p") } };

	world_plugin(world, "p", 2, "[]");
	world_plugin(world, "q", 2, "[]");
	look(world);
	uint32_t p = tallies[0].number;

	assert_int_equal(world_step(world, &event), 0);
	world_plugin(world, "p", 2, "[]");
	look(world);
	assert_int_equal(tallies[0].number, p);
	struct id run = world_start_phase(world, "parallel", BINDINGS);

	assert_int_equal(
	    engine_plugin_number(engine_run(world->engine, &run)->tasks[0]), p);
}

int main(void)
{
#define T(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		T(totals_are_those_of_the_history),
		T(what_is_in_hands_and_fits),
		T(numbers_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
