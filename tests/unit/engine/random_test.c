/*
 * Seeded random lives: definitions, completions, time, cancels, skips and
 * crashes, and plugins whose copies come, drain, die and give back tasks, whose
 * registrations are replaced and removed, that are put in quarantine; in any
 * order. After every step the invariants of world.h hold, no task is in two
 * hands, no copy has more than it may, and nothing that has ended changes; each
 * phase that opened has the members that scenes.h says. In the end, when every
 * plugin is there again, every run ends.
 *
 * ENGINE_SEED=n lives one life alone, ENGINE_SEEDS=n so many of them.
 */
#include "scenes.h"

#ifdef TEST_SANITIZED
#define SEEDS 100
#else
#define SEEDS 400
#endif
#define STEPS          300
#define PLUGINS        SCENE_PLUGINS
#define BOUND          3 /* plugins that bindings name */
#define COPIES         3
#define RUNS_MAX       24
#define TASKS_MAX      128
#define ACTIVITIES_MAX SCENE_ACTIVITIES
#define KINDS          3 /* definitions that are used again */

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

static void put_filter(struct buf *out, uint32_t filter)
{
	buf_printf(out, ", \"filter\": %s", scene_filters[filter].text);
}

static void put_bindings(struct buf *out, int phase)
{
	static const char *const when[] = { "success", "failure", "always" };
	uint32_t len = next_random(4);

	for (uint32_t i = 0; i < len; i++) {
		buf_printf(out, "%s{\"plugin\": \"p%u\", \"as\": \"t%u\"",
			   i ? ", " : "", next_random(BOUND), i);
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
			buf_printf(out, ", \"order\": %u",
				   80 + next_random(20));
		}
		if (next_random(3) == 0) {
			put_filter(out, 1 + next_random(SCENE_FILTERS - 1));
		}
		buf_put_text(out, "}");
	}
}

static char *random_definition(void)
{
	struct buf out = { 0 };
	uint32_t len = 1 + next_random(ACTIVITIES_MAX);

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
		if (next_random(6) == 0) {
			buf_printf(&out, ", \"require\": [\"p%u\"]",
				   next_random(PLUGINS));
		}
		if (next_random(6) == 0) {
			buf_printf(&out, ", \"register_window_ms\": %u",
				   1 + next_random(3000));
		}
		buf_put_text(&out, "}");
	}
	buf_put_text(&out, "]}");
	return buf_take(&out);
}

struct copy {
	char name[16];
	bool alive;
	bool draining;
	uint32_t max_tasks;
};

struct life {
	struct world world;
	struct scenes scenes;
	struct id runs[RUNS_MAX];
	struct witness witnesses[RUNS_MAX];
	char *definitions[KINDS]; /* JSON; NULL: not made yet */
	size_t run_count;
	int final[RUNS_MAX][TASKS_MAX]; /* by run and task: 1 + its state */
	size_t seen;                    /* deliveries looked at */
	bool *answered; /* by delivery: nobody has it any more */
	size_t answered_cap;
	struct copy copies[PLUGINS][COPIES];
	bool quarantined[PLUGINS];
	unsigned names;
};

static const char *const plugin_names[PLUGINS] = { "p0", "p1", "p2", "p3",
						   "p4" };

static struct scene_plugin random_doors(void)
{
	struct scene_plugin doors = { .len = next_random(SCENE_DOORS + 1) };

	for (size_t i = 0; i < doors.len; i++) {
		doors.doors[i] = (struct scene_door){
			.activity = next_random(ACTIVITIES_MAX),
			.phase = (enum phase_kind)next_random(PHASE_KINDS),
			.order = (int)next_random(5),
			.optional = next_random(2),
			.filter = next_random(SCENE_FILTERS),
		};
	}
	return doors;
}

static void register_one(struct life *life, uint32_t plugin)
{
	struct scene_plugin wanted = random_doors();
	struct buf doors = { 0 };

	buf_put_text(&doors, "[");
	for (size_t i = 0; i < wanted.len; i++) {
		const struct scene_door *door = &wanted.doors[i];

		buf_printf(&doors, "%s[\"A%u\", \"%s\", %d, %s, %s]",
			   i ? ", " : "", door->activity,
			   phase_kind_name(door->phase), door->order,
			   door->optional ? "true" : "false",
			   scene_filters[door->filter].text);
	}
	buf_put_text(&doors, "]");
	buf_put_byte(&doors, 0);
	scenes_change(&life->scenes, plugin, &wanted);
	assert_int_equal(
	    world_register(&life->world, plugin_names[plugin], doors.data), 0);
	buf_fini(&doors);
}

/* A new copy in that place, or other limits for the one that is there. */
static void join_one(struct life *life, uint32_t plugin, uint32_t place)
{
	struct copy *copy = &life->copies[plugin][place];

	if (!copy->alive) {
		*copy = (struct copy){ .alive = true };
		(void)snprintf(copy->name, sizeof(copy->name), "c%u",
			       life->names++);
	}
	copy->max_tasks = 1 + next_random(3);
	world_instance(&life->world, plugin_names[plugin], copy->name,
		       copy->max_tasks);
}

static void add_plugins(struct life *life)
{
	for (uint32_t i = 0; i < PLUGINS; i++) {
		uint32_t copies = next_random(COPIES + 1);

		if (next_random(4)) {
			register_one(life, i);
		}
		for (uint32_t c = 0; c < copies; c++) {
			join_one(life, i, c);
		}
	}
}

static bool in_hands_of(const struct life *life, size_t i, uint32_t plugin,
			const struct copy *copy)
{
	const struct delivery *delivery = &life->world.deliveries[i];

	return !life->answered[i] &&
	       !strcmp(delivery->plugin, plugin_names[plugin]) &&
	       !strcmp(delivery->instance, copy->name);
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

static void grow_answered(struct life *life)
{
	while (life->world.delivered > life->answered_cap) {
		size_t cap = life->answered_cap ? life->answered_cap * 2 : 64;

		life->answered = alloc_resize(life->answered, cap, 1);
		memset(life->answered + life->answered_cap, 0,
		       cap - life->answered_cap);
		life->answered_cap = cap;
	}
}

/* It is the only one in hands, of a task that has not ended before, and whoever
 * got it may be given tasks. */
static void check_delivery(const struct life *life, size_t index)
{
	const struct delivery *delivery = &life->world.deliveries[index];
	size_t run = run_index(life, &delivery->run);
	uint32_t plugin = (uint32_t)(delivery->plugin[1] - '0');
	bool found = false;

	assert_int_equal(life->final[run][delivery->task], 0);
	for (size_t i = 0; i < life->world.delivered; i++) {
		const struct delivery *other = &life->world.deliveries[i];

		assert_false(i != index && !life->answered[i] &&
			     other->task == delivery->task &&
			     id_equal(&other->run, &delivery->run));
	}
	assert_true(life->scenes.registered[plugin]);
	assert_false(life->quarantined[plugin]);
	for (uint32_t c = 0; c < COPIES; c++) {
		const struct copy *copy = &life->copies[plugin][c];

		found |= copy->alive && !copy->draining &&
			 !strcmp(copy->name, delivery->instance) &&
			 engine_in_flight(
			     life->world.engine, slice_of(delivery->plugin),
			     slice_of(copy->name)) <= copy->max_tasks;
	}
	assert_true(found);
}

static void check_copies(const struct life *life)
{
	for (uint32_t p = 0; p < PLUGINS; p++) {
		for (uint32_t c = 0; c < COPIES; c++) {
			const struct copy *copy = &life->copies[p][c];
			uint32_t count = 0;

			for (size_t i = 0;
			     copy->alive && i < life->world.delivered; i++) {
				count += in_hands_of(life, i, p, copy);
			}
			assert_int_equal(
			    count, engine_in_flight(life->world.engine,
						    slice_of(plugin_names[p]),
						    slice_of(copy->name)));
		}
	}
}

static void check_ends(struct life *life)
{
	for (size_t r = 0; r < life->run_count; r++) {
		const struct run *run =
		    engine_run(life->world.engine, &life->runs[r]);

		for (uint32_t t = 0; run && t < run->record.task_count; t++) {
			enum task_state state = run->tasks[t]->record.state;

			assert_true(t < TASKS_MAX);
			if (life->final[r][t]) {
				assert_int_equal(life->final[r][t],
						 1 + (int)state);
			} else if (task_state_final(state)) {
				life->final[r][t] = 1 + (int)state;
			}
		}
	}
}

/* Some runs that have ended are forgotten, so that they keep nothing. */
static void check_runs(struct life *life)
{
	for (size_t i = 0; i < life->run_count; i++) {
		struct run *run =
		    engine_run(life->world.engine, &life->runs[i]);

		if (run) {
			witness_look(&life->witnesses[i], &life->scenes, run);
			if (group_state_final(run->record.state) &&
			    next_random(4) == 0) {
				engine_forget(life->world.engine, run);
			}
		}
	}
}

static void look(struct life *life)
{
	struct world *world = &life->world;

	grow_answered(life);
	for (; life->seen < world->delivered; life->seen++) {
		check_delivery(life, life->seen);
	}
	check_copies(life);
	check_ends(life);
	check_runs(life);
	world->told_count = 0;
	world->history[0] = '\0';
	world->reasons[0] = '\0';
}

static struct scene_attributes random_attributes(struct buf *out)
{
	struct scene_attributes given = {
		.k = (int)next_random(4) - 1,
		.l = (int)next_random(3) - 1,
	};

	buf_put_text(out, "{");
	if (given.k >= 0) {
		buf_printf(out, "\"k\": %d%s", given.k,
			   given.l >= 0 ? ", " : "");
	}
	if (given.l >= 0) {
		buf_printf(out, "\"l\": %d", given.l);
	}
	buf_put_text(out, "}");
	buf_put_byte(out, 0);
	return given;
}

/* Now and then one of a definition that has been seen before. */
static void start_one(struct life *life)
{
	struct buf attributes = { 0 };
	struct witness *witness = &life->witnesses[life->run_count];
	uint32_t definition = next_random(KINDS);

	if (life->run_count == RUNS_MAX) {
		return;
	}
	if (!life->definitions[definition] || next_random(2)) {
		free(life->definitions[definition]);
		life->definitions[definition] = random_definition();
	}
	*witness = (struct witness){ .scene = -1 };
	witness->attributes = random_attributes(&attributes);
	life->runs[life->run_count] = world_start(
	    &life->world, life->definitions[definition], attributes.data);
	life->run_count++;
	buf_fini(&attributes);
}

/* One of the deliveries that are in hands; false when there is none. */
static bool choose_open(const struct life *life, size_t *ret_index)
{
	size_t count = 0;

	for (size_t i = 0; i < life->world.delivered; i++) {
		if (!life->answered[i] && next_random((uint32_t)++count) == 0) {
			*ret_index = i;
		}
	}
	return count > 0;
}

static void complete_one(struct life *life)
{
	struct world *world = &life->world;
	size_t chosen = 0;

	if (!choose_open(life, &chosen)) {
		return;
	}
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
}

static void return_delivery(struct life *life, const struct delivery *delivery)
{
	struct event event = {
		.kind = EVENT_RETURNED,
		.run = delivery->run,
		.as.returned = { .task = delivery->task,
				 .attempt = delivery->attempt },
	};

	assert_int_equal(world_step(&life->world, &event), 0);
}

/* Whoever gives back what it has not begun gets no more. */
static void note_leaving(struct life *life, const struct delivery *delivery)
{
	const struct run *run = engine_run(life->world.engine, &delivery->run);
	uint32_t plugin = (uint32_t)(delivery->plugin[1] - '0');

	if (!run ||
	    task_state_final(run->tasks[delivery->task]->record.state)) {
		return; /* abandoned before */
	}
	for (uint32_t c = 0; c < COPIES; c++) {
		struct copy *copy = &life->copies[plugin][c];

		copy->draining |=
		    copy->alive && !strcmp(copy->name, delivery->instance);
	}
}

static void return_one(struct life *life)
{
	size_t chosen = 0;

	if (choose_open(life, &chosen)) {
		struct delivery delivery = life->world.deliveries[chosen];

		life->answered[chosen] = true;
		note_leaving(life, &delivery);
		return_delivery(life, &delivery);
	}
}

/* Somebody who no longer has a task says something about it. */
static void say_stale(struct life *life)
{
	struct world *world = &life->world;

	if (world->delivered == 0) {
		return;
	}
	struct delivery delivery =
	    world->deliveries[next_random((uint32_t)world->delivered)];

	for (size_t i = 0; i < world->delivered; i++) {
		const struct delivery *open = &world->deliveries[i];

		if (!life->answered[i] && open->task == delivery.task &&
		    open->attempt == delivery.attempt &&
		    id_equal(&open->run, &delivery.run)) {
			return;
		}
	}
	if (next_random(2)) {
		return_delivery(life, &delivery);
	} else {
		complete_delivery(world, &delivery, COMPLETION_FAILED, "stale",
				  NULL, NULL, 0);
	}
}

static void lose(struct life *life, uint32_t plugin, uint32_t place,
		 const char *how)
{
	struct copy *copy = &life->copies[plugin][place];

	for (size_t i = 0; i < life->world.delivered; i++) {
		if (in_hands_of(life, i, plugin, copy)) {
			life->answered[i] = true;
		}
	}
	copy->alive = false;
	world_gone(&life->world, plugin_names[plugin], copy->name, how);
}

static void quarantine(struct life *life, uint32_t plugin, bool on)
{
	struct event event = {
		.kind = EVENT_QUARANTINE,
		.as.quarantine = { .name = slice_of(plugin_names[plugin]),
				   .on = on,
				   .message = SLICE("crashed") },
	};

	life->quarantined[plugin] = on;
	(void)world_step(&life->world, &event);
}

static void remove_one(struct life *life, uint32_t plugin)
{
	struct event event = {
		.kind = EVENT_REMOVE,
		.as.remove = { slice_of(plugin_names[plugin]) },
	};

	assert_int_equal(world_step(&life->world, &event),
			 life->scenes.registered[plugin] ? 0 : E_NOT_FOUND);
	if (life->scenes.registered[plugin]) {
		life->quarantined[plugin] = false;
		scenes_change(&life->scenes, plugin, NULL);
	}
}

static void expect(struct life *life, int64_t ms)
{
	struct event event = {
		.kind = EVENT_EXPECT,
		.as.expect = { ms ? life->world.now_us + ms * 1000 : 0 },
	};

	assert_int_equal(world_step(&life->world, &event), 0);
}

/* Something happens to a copy that is there. */
static void disturb_copy(struct life *life, uint32_t plugin, uint32_t place)
{
	struct copy *copy = &life->copies[plugin][place];

	switch (next_random(4)) {
	case 0:
		copy->draining = true;
		world_drain(&life->world, plugin_names[plugin], copy->name);
		break;
	case 1:
		lose(life, plugin, place, NULL);
		break;
	default:
		lose(life, plugin, place, "killed");
		break;
	}
}

static void disturb(struct life *life)
{
	uint32_t plugin = next_random(PLUGINS);
	uint32_t place = next_random(COPIES);
	uint32_t dice = next_random(20);

	if (dice < 6) {
		join_one(life, plugin, place);
	} else if (dice < 11) {
		if (life->copies[plugin][place].alive) {
			disturb_copy(life, plugin, place);
		}
	} else if (dice < 13) {
		return_one(life);
	} else if (dice < 15) {
		say_stale(life);
	} else if (dice < 17) {
		register_one(life, plugin);
	} else if (dice == 17) {
		remove_one(life, plugin);
	} else if (dice == 18) {
		quarantine(life, plugin, !life->quarantined[plugin]);
	} else {
		expect(life, next_random(2) ? next_random(2000) : 0);
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

static void restore_one(struct life *life, const struct run *run)
{
	struct world *world = &life->world;
	struct restore_blame blame = { .message = SLICE("signal 11"),
				       .quarantined = next_random(4) == 0 };

	if (run->record.task_count && next_random(2)) {
		blame.task = next_random(run->record.task_count);
		blame.attempt = run->tasks[blame.task]->record.attempt;
	}
	world_restore_blaming(world->engine, run, world, &blame, 1);
}

/* The process dies; what was committed is all there is. Runs that had ended
 * stay in the store and never come back into an engine. */
static void crash(struct life *life)
{
	struct world *world = &life->world;
	struct engine_options options = { .grace_ms = 5000 };
	struct engine *old = world->engine;

	/* Nobody holds the deliveries of before any more. */
	for (size_t i = 0; i < world->delivered; i++) {
		life->answered[i] = true;
	}
	memset(life->copies, 0, sizeof(life->copies));
	for (uint32_t i = 0; i < PLUGINS; i++) {
		scenes_change(&life->scenes, i, NULL);
	}
	for (size_t i = 0; i < life->run_count; i++) {
		life->witnesses[i].scene = -1;
		life->witnesses[i].waits = false;
	}
	memset(life->quarantined, 0, sizeof(life->quarantined));
	world->engine = engine_create(&options);
	add_plugins(life);
	for (size_t i = 0; i < life->run_count; i++) {
		const struct run *run = engine_run(old, &life->runs[i]);

		if (run && !group_state_final(run->record.state)) {
			restore_one(life, run);
		}
	}
	engine_destroy(old);
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

/* Nothing more goes wrong. */
static void make_well(struct life *life)
{
	for (uint32_t i = 0; i < PLUGINS; i++) {
		quarantine(life, i, false);
		look(life);
		if (!life->scenes.registered[i]) {
			register_one(life, i);
			look(life);
		}
		if (life->copies[i][0].alive && life->copies[i][0].draining) {
			lose(life, i, 0, NULL);
			look(life);
		}
		join_one(life, i, 0);
		look(life);
	}
}

static void finish(struct life *life)
{
	make_well(life);
	for (int i = 0; !all_ended(life); i++) {
		if (i > 5000) {
			fail_msg("a run does not end");
		}
		complete_one(life);
		look(life);
		if (i % 50 == 49) {
			world_pass(&life->world, 10000);
			look(life);
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
	scenes_change(&life->scenes, 0, NULL);
	add_plugins(life);
	for (int i = 0; i < STEPS; i++) {
		uint32_t dice = next_random(100);

		if (dice < 10) {
			start_one(life);
		} else if (dice < 55) {
			complete_one(life);
		} else if (dice < 75) {
			disturb(life);
		} else if (dice < 88) {
			world_pass(&life->world, next_random(6000));
		} else if (dice < 96) {
			operate(life);
		} else {
			crash(life);
		}
		look(life);
	}
	finish(life);
	check_end(life);
	world_fini(&life->world);
	scenes_fini(&life->scenes);
	for (int i = 0; i < KINDS; i++) {
		free(life->definitions[i]);
	}
	free(life->answered);
	free(life);
}

static void random_lives(void **state)
{
	const char *only = getenv("ENGINE_SEED");
	const char *many = getenv("ENGINE_SEEDS");
	uint64_t seeds = many ? strtoull(many, NULL, 10) : SEEDS;

	(void)state;
	if (only) {
		live(strtoull(only, NULL, 10));
		return;
	}
	for (uint64_t seed = 1; seed <= seeds; seed++) {
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
