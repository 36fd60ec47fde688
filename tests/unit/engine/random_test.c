/*
 * Seeded random lives: definitions, completions, time, cancels, skips and
 * crashes, in any order. After every step the invariants of world.h hold; in
 * the end every run has ended, and no task that had ended was delivered again.
 * The seed is printed; ENGINE_SEED=n runs one alone.
 */
#include "world.h"

#define SEEDS    400
#define STEPS    300
#define PLUGINS  3
#define RUNS_MAX 6

static uint64_t random_state;

/* xorshift64*, Vigna 2014. */
static uint32_t next_random(uint32_t below)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * UINT64_C(2685821657736338717)) >>
			  33) %
	       below;
}

static void put_bindings(struct buf *out, int phase)
{
	static const char *const when[] = { "success", "failure", "always" };
	uint32_t len = next_random(4);

	for (uint32_t i = 0; i < len; i++) {
		buf_printf(out, "%s{\"plugin\": \"p%u\", \"as\": \"t%u\"",
			   i ? ", " : "", next_random(PLUGINS), i);
		if (next_random(2)) {
			buf_printf(out, ", \"mandatory\": %s",
				   next_random(2) ? "true" : "false");
		}
		if (next_random(4) == 0) {
			buf_printf(out, ", \"timeout_ms\": %u",
				   1 + next_random(5000));
		}
		if (phase == PHASE_POST && next_random(2)) {
			buf_printf(out, ", \"run_on\": \"%s\"",
				   when[1 + next_random(2)]);
		}
		if (next_random(4) == 0) {
			buf_put_text(out, ", \"filter\": {\"k\": [1]}");
		}
		buf_put_text(out, "}");
	}
}

static char *random_definition(void)
{
	struct buf out = { 0 };
	uint32_t len = 1 + next_random(3);

	buf_put_text(&out, "{\"workflow\": \"w\", \"activities\": [");
	for (uint32_t a = 0; a < len; a++) {
		buf_printf(&out, "%s{\"name\": \"A%u\"", a ? ", " : "", a);
		for (int p = 0; p < PHASE_KINDS; p++) {
			struct buf list = { 0 };

			put_bindings(&list, p);
			if (list.len) {
				buf_printf(&out, ", \"%s\": [%.*s]",
					   phase_kind_name((enum phase_kind)p),
					   SLICE_ARG(buf_slice(&list)));
			}
			buf_fini(&list);
		}
		if (next_random(3) == 0) {
			buf_put_text(&out, ", \"on_failure\": \"cancel\"");
		}
		if (next_random(4) == 0) {
			buf_put_text(&out, ", \"on_empty\": \"fail\"");
		}
		if (next_random(4) == 0) {
			buf_put_text(&out, ", \"optional_failure\": \"fail\"");
		}
		buf_put_text(&out, "}");
	}
	buf_put_text(&out, "]}");
	return buf_take(&out);
}

struct life {
	struct world world;
	struct id runs[RUNS_MAX];
	size_t run_count;
	bool completed[RUNS_MAX][64]; /* by run and task: acknowledged */
	size_t seen;                  /* deliveries looked at */
	bool *answered;               /* by delivery */
	size_t answered_cap;
	uint32_t capacity[PLUGINS];
};

static void add_plugins(struct life *life)
{
	for (uint32_t i = 0; i < PLUGINS; i++) {
		char name[4] = { 'p', (char)('0' + i), 0, 0 };

		world_plugin(&life->world, name, life->capacity[i], "[]");
	}
}

static size_t run_index(const struct life *life, const struct id *id)
{
	size_t i = 0;

	while (!id_equal(&life->runs[i], id)) {
		i++;
		assert_true(i < life->run_count);
	}
	return i;
}

/* New deliveries: none of them for a task that has ended. */
static void look_at_deliveries(struct life *life)
{
	struct world *world = &life->world;

	while (world->delivered > life->answered_cap) {
		size_t cap = life->answered_cap ? life->answered_cap * 2 : 64;

		life->answered = alloc_resize(life->answered, cap, 1);
		memset(life->answered + life->answered_cap, 0,
		       cap - life->answered_cap);
		life->answered_cap = cap;
	}
	for (; life->seen < world->delivered; life->seen++) {
		const struct delivery *delivery =
		    &world->deliveries[life->seen];

		assert_false(life->completed[run_index(life, &delivery->run)]
					    [delivery->task]);
	}
	world->told_count = 0;
	world->history[0] = '\0';
}

static void start_one(struct life *life)
{
	char *definition = random_definition();

	if (life->run_count < RUNS_MAX) {
		life->runs[life->run_count++] =
		    world_start(&life->world, definition,
				next_random(2) ? "{\"k\": 1}" : "{}");
	}
	free(definition);
}

static void complete_one(struct life *life)
{
	struct world *world = &life->world;
	size_t open[512];
	size_t count = 0;

	for (size_t i = 0; i < world->delivered && count < 512; i++) {
		if (!life->answered[i]) {
			open[count++] = i;
		}
	}
	if (count == 0) {
		return;
	}
	size_t chosen = open[next_random((uint32_t)count)];
	struct delivery delivery = world->deliveries[chosen];
	uint32_t dice = next_random(10);

	life->answered[chosen] = true;
	if (dice == 0) {
		complete_delivery(world, &delivery, COMPLETION_PARKED, "later",
				  NULL, NULL,
				  world->now_us + next_random(9000) * 1000);
		return;
	}
	complete_delivery(world, &delivery,
			  dice < 4 ? COMPLETION_FAILED : COMPLETION_SUCCEEDED,
			  "done", dice > 7 ? "{\"n\": 1}" : NULL,
			  dice > 8 ? "{\"s\": {\"a\": 1}}" : NULL, 0);
	const struct run *run = engine_run(world->engine, &delivery.run);

	if (run && task_state_final(run->tasks[delivery.task]->record.state)) {
		life->completed[run_index(life, &delivery.run)][delivery.task] =
		    true;
	}
}

static void operate(struct life *life)
{
	if (life->run_count == 0) {
		return;
	}
	static const char *const names[] = { "t0", "A1/t1", "A0/post/t2",
					     "p1" };
	struct event event = {
		.kind = next_random(3) ? EVENT_SKIP : EVENT_CANCEL,
		.actor = SLICE("operator"),
		.run = life->runs[next_random((uint32_t)life->run_count)],
	};

	if (event.kind == EVENT_SKIP) {
		event.as.skip.task = slice_of(names[next_random(4)]);
	}
	(void)world_step(&life->world, &event);
	if (event.kind == EVENT_SKIP) {
		free(event.as.skip.ret_tasks);
	}
}

/* The process dies; what was committed is all there is. Runs that had ended
 * stay in the store and never come back into an engine. */
static void crash(struct life *life)
{
	struct world *world = &life->world;
	struct engine_options options = { .grace_ms = 5000 };
	struct engine *old = world->engine;

	world->engine = engine_create(&options);
	add_plugins(life);
	for (size_t i = 0; i < life->run_count; i++) {
		const struct run *run = engine_run(old, &life->runs[i]);

		if (run && !group_state_final(run->record.state)) {
			world_restore(world->engine, run, world);
		}
	}
	engine_destroy(old);
	/* Nobody holds the deliveries of before any more. */
	for (size_t i = 0; i < world->delivered; i++) {
		life->answered[i] = true;
	}
	world_commit(world);
}

static bool all_ended(const struct life *life)
{
	for (size_t i = 0; i < life->run_count; i++) {
		const struct run *run =
		    engine_run(life->world.engine, &life->runs[i]);

		if (run && !group_state_final(run->record.state)) {
			return false;
		}
	}
	return true;
}

static void finish(struct life *life)
{
	for (int i = 0; !all_ended(life); i++) {
		if (i > 5000) {
			fail_msg("a run does not end");
		}
		complete_one(life);
		look_at_deliveries(life);
		if (i % 50 == 49) {
			world_pass(&life->world, 10000);
			look_at_deliveries(life);
		}
	}
}

static void check_end(const struct life *life)
{
	for (size_t i = 0; i < life->run_count; i++) {
		const struct run *run =
		    engine_run(life->world.engine, &life->runs[i]);

		for (uint32_t t = 0; run && t < run->record.task_count; t++) {
			assert_true(
			    task_state_final(run->tasks[t]->record.state));
		}
		for (uint32_t a = 0; run && a < run->record.activity_count;
		     a++) {
			enum group_state state =
			    run->activities[a].record.state;

			assert_true(group_state_final(state) ||
				    state == GROUP_PENDING);
		}
	}
}

static void live(uint64_t seed)
{
	struct life *life = alloc_zeroed(1, sizeof(*life));

	random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	world_init(&life->world);
	for (uint32_t i = 0; i < PLUGINS; i++) {
		life->capacity[i] = 1 + next_random(3);
	}
	add_plugins(life);
	for (int i = 0; i < STEPS; i++) {
		uint32_t dice = next_random(100);

		if (dice < 10) {
			start_one(life);
		} else if (dice < 75) {
			complete_one(life);
		} else if (dice < 88) {
			world_pass(&life->world, next_random(3000));
		} else if (dice < 96) {
			operate(life);
		} else {
			crash(life);
		}
		look_at_deliveries(life);
	}
	finish(life);
	check_end(life);
	world_fini(&life->world);
	free(life->answered);
	free(life);
}

static void random_lives(void **state)
{
	const char *only = getenv("ENGINE_SEED");

	(void)state;
	if (only) {
		live(strtoull(only, NULL, 10));
		return;
	}
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		/* The last line printed names the seed that failed. */
		if (getenv("ENGINE_VERBOSE")) {
			print_message("ENGINE_SEED=%lu\n", (unsigned long)seed);
		}
		live(seed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_lives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
