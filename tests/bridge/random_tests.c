/*
 * Lives of chance beside the model. BRIDGE_SEED=n lives that one alone.
 */
#include "conformance.h"
#include "random_model.h"

#define STEPS 25000
#define SEEDS 4

/* How much a loop may be late, and what a slow one may make up for. */
#define LATE_US (50 * MS)

struct life {
	struct rig *rig;
	uint64_t seed;
	uint64_t dice;
	int queues; /* the last one has a rate, and is not always there */
	int step;
	struct model model;
	struct model committed;
};

static unsigned below(struct life *life, unsigned bound)
{
	life->dice ^= life->dice << 13;
	life->dice ^= life->dice >> 7;
	life->dice ^= life->dice << 17;
	return (unsigned)((life->dice >> 20) % bound);
}

static void wrong(const struct life *life, const char *what, int64_t wanted,
		  int64_t got)
{
	fail_msg("%s: %lld instead of %lld, BRIDGE_SEED=%llu, step %d", what,
		 (long long)got, (long long)wanted,
		 (unsigned long long)life->seed, life->step);
}

static void same(const struct life *life, const char *what, int64_t wanted,
		 int64_t got)
{
	if (wanted != got) {
		wrong(life, what, wanted, got);
	}
}

/* One in that state, if a few throws find it; else any. */
static int some(struct life *life, enum model_state state)
{
	int number = 0;

	for (int i = 0; i < 20; i++) {
		number = (int)below(life, MODEL_MESSAGES);
		if (life->model.messages[number].state == state) {
			break;
		}
	}
	return number;
}

static int64_t some_time(struct life *life)
{
	switch (below(life, 4)) {
	case 0:
		return QUEUE_ASIDE;
	case 1:
		return life->rig->now_us + below(life, 1000) * MS;
	default:
		return 0;
	}
}

/* ---- what happens ---- */

static void put(struct life *life)
{
	static const char *const groups[] = { "", "red", "green", "blue" };
	struct model_message message = {
		.queue = (int)below(life, (unsigned)life->queues),
		.due_us = below(life, 5) ? 0 : some_time(life),
		.priority = below(life, 3) ? 0 : (int)below(life, 2001) - 1000,
	};
	int number = some(life, below(life, 3) ? MODEL_NONE : MODEL_DEAD);
	struct blob *stash = blob_make(slice_of(groups[1 + number % 3]));

	if (model_queues[message.queue].groups) {
		message.group = (int)below(life, 4);
	}
	(void)model_put(&life->model, number, message, life->rig->now_us);
	rig_put_message(life->rig, number,
			(struct queue_message){
			    .queue = slice_of(model_queues[message.queue].name),
			    .group = slice_of(groups[message.group]),
			    .priority = message.priority,
			    .visible_us = message.due_us,
			    .parts = { stash, NULL, number % 2 ? stash : NULL },
			});
	blob_unref(stash);
}

/* With a rate what comes next is known, but not to the microsecond when. */
static void check_rate(struct life *life, int queue, int wanted, int got)
{
	int64_t last_us = life->model.leased_us[queue];
	int64_t gap_us = S / model_queues[queue].rate;
	int64_t since_us = life->rig->now_us - last_us;

	if (got != NONE && last_us && since_us < gap_us - LATE_US) {
		wrong(life, "too soon", NONE, got);
	}
	if (got == NONE && wanted != NONE && since_us >= gap_us) {
		wrong(life, "too late", wanted, got);
	}
}

static void refuse(struct life *life, int number, const struct model *before)
{
	int64_t due_us = below(life, 2) ? QUEUE_ASIDE : 0;

	rig_refuse(life->rig, number, due_us);
	model_refuse(&life->model, number, due_us, before);
}

static void lease(struct life *life)
{
	struct model before = life->model;
	int queue = (int)below(life, (unsigned)life->queues);
	int wanted = model_next(&life->model, queue, life->rig->now_us);
	int got = rig_lease(life->rig, model_queues[queue].name);

	if (model_queues[queue].rate) {
		check_rate(life, queue, wanted, got);
		wanted = got == NONE ? NONE : wanted;
	}
	same(life, "lease", wanted, got);
	if (got != NONE) {
		model_lease(&life->model, got, life->rig->now_us);
		if (below(life, 10) == 0) {
			refuse(life, got, &before);
		}
	}
}

static void ack(struct life *life)
{
	int number = some(life, below(life, 5) ? MODEL_LEASED : MODEL_WAITING);

	rig_ack(life->rig, number);
	life->model.messages[number].state = MODEL_NONE;
	life->model.messages[number].until_us = 0;
}

static void nack(struct life *life)
{
	int number = some(life, below(life, 9) ? MODEL_LEASED : MODEL_WAITING);
	int64_t due_us = some_time(life);

	rig_nack(life->rig, number, due_us);
	model_nack(&life->model, number, due_us);
}

static void bury(struct life *life)
{
	int number = some(life, below(life, 5) ? MODEL_LEASED : MODEL_WAITING);

	rig_bury(life->rig, number);
	model_bury(&life->model, number);
}

static void drop_dead(struct life *life)
{
	int number = some(life, MODEL_DEAD);

	rig_drop_dead(life->rig, number);
	if (life->model.messages[number].state == MODEL_DEAD) {
		life->model.messages[number].state = MODEL_NONE;
	}
}

static void expose(struct life *life)
{
	int number = some(life, MODEL_WAITING);

	rig_expose(life->rig, number);
	model_expose(&life->model, number);
}

static void extend(struct life *life)
{
	int number = some(life, MODEL_LEASED);

	rig_extend(life->rig, number);
	model_extend(&life->model, number, life->rig->now_us);
}

static void pass(struct life *life)
{
	rig_pass(life->rig, below(life, 500) * MS);
}

static void expire(struct life *life)
{
	int wanted = model_expired(&life->model, life->rig->now_us);
	int got = rig_expired(life->rig);

	/* Of those that end at the same time any may be the first. */
	if (wanted != NONE && got != NONE &&
	    life->model.messages[got].until_us ==
		life->model.messages[wanted].until_us) {
		wanted = got;
	}
	same(life, "expired", wanted, got);
	if (got != NONE) {
		life->model.messages[got].until_us = 0;
	}
}

static void pause_or_resume(struct life *life)
{
	int queue = (int)below(life, (unsigned)life->queues);
	bool *paused = &life->model.paused[queue];

	*paused = !*paused;
	same(life, "pause", 0,
	     rig_pause(life->rig, model_queues[queue].name,
		       *paused ? "operator" : ""));
}

static void set_queue(struct life *life, int queue)
{
	struct queue_policy policy = model_policy(&model_queues[queue]);

	rig_set(life->rig, model_queues[queue].name, &policy);
	life->model.retired[queue] = false;
}

static void retire_or_set(struct life *life)
{
	int queue = (int)below(life, (unsigned)life->queues);

	if (life->model.retired[queue]) {
		set_queue(life, queue);
		return;
	}
	life->rig->driver->retire(life->rig->backend,
				  slice_of(model_queues[queue].name));
	life->model.retired[queue] = true;
}

/* A queue that has gone comes again, as if nobody had ever known it. */
static void bring_back(struct life *life)
{
	for (int i = 0; i < life->queues; i++) {
		if (life->model.retired[i] && model_empty(&life->model, i)) {
			same(life, "gone", false,
			     rig_has_queue(life->rig, model_queues[i].name));
			set_queue(life, i);
			life->model.paused[i] = false;
			life->model.leased_us[i] = 0;
		}
	}
}

static void commit(struct life *life)
{
	rig_commit(life->rig);
}

static void set_clock(struct life *life)
{
	int64_t step_us = ((int64_t)below(life, 1200) - 600) * MS;

	model_clock_step(&life->model, life->rig->now_us, step_us);
	life->rig->now_us += step_us;
	life->rig->driver->clock_step(life->rig->backend, step_us);
	life->rig->driver->turn(life->rig->backend, life->rig->now_us);
}

static void crash(struct life *life)
{
	unsigned place = life->model.place;

	rig_crash(life->rig);
	life->model = life->committed;
	life->model.place = place;
	model_restart(&life->model, life->rig->now_us);
}

static const struct {
	unsigned weight;
	void (*happen)(struct life *life);
} happenings[] = {
	{ 250, put },          { 300, lease },         { 120, ack },
	{ 100, nack },         { 40, bury },           { 30, drop_dead },
	{ 40, expose },        { 40, extend },         { 60, pass },
	{ 60, expire },        { 8, pause_or_resume }, { 15, commit },
	{ 10, retire_or_set }, { 4, crash },           { 4, set_clock },
};

#define HAPPENINGS (sizeof(happenings) / sizeof(happenings[0]))

static void happen(struct life *life)
{
	unsigned all = 0;
	unsigned at;

	for (size_t i = 0; i < HAPPENINGS; i++) {
		all += happenings[i].weight;
	}
	at = below(life, all);
	for (size_t i = 0; i < HAPPENINGS; i++) {
		if (at < happenings[i].weight) {
			happenings[i].happen(life);
			bring_back(life);
			return;
		}
		at -= happenings[i].weight;
	}
}

/* ---- what must be so ---- */

static void check_depth(struct life *life, int queue)
{
	struct queue_depth depth =
	    rig_depth(life->rig, model_queues[queue].name);
	const struct model *model = &life->model;

	same(life, "depth", (int64_t)model_count(model, queue, MODEL_WAITING),
	     (int64_t)depth.waiting);
	same(life, "in hands", (int64_t)model_count(model, queue, MODEL_LEASED),
	     (int64_t)depth.leased);
	same(life, "dead", (int64_t)model_count(model, queue, MODEL_DEAD),
	     (int64_t)depth.dead);
	same(life, "paused", model->paused[queue], depth.paused);
}

static void check(struct life *life)
{
	for (int i = 0; i < life->queues; i++) {
		const char *name = model_queues[i].name;
		size_t waiting = model_count(&life->model, i, MODEL_WAITING);

		same(life, "waiting", (int64_t)waiting,
		     (int64_t)rig_waiting(life->rig, name));
		check_depth(life, i);
		same(life, "empty", model_empty(&life->model, i),
		     rig_empty(life->rig, name));
	}
	if (life->queues < MODEL_QUEUES) {
		same(life, "due", model_due(&life->model, life->rig->now_us),
		     rig_due(life->rig));
	}
}

static void keep_committed(void *arg)
{
	struct life *life = arg;

	life->committed = life->model;
}

static void begin(struct life *life)
{
	for (int i = 0; i < life->queues; i++) {
		set_queue(life, i);
	}
	rig_commit(life->rig);
	life->rig->committed = keep_committed;
	life->rig->arg = life;
}

/* Everything that is there is done with. */
static void end(struct life *life)
{
	for (int i = 0; i < life->queues; i++) {
		set_queue(life, i);
	}
	for (int i = 0; i < MODEL_MESSAGES; i++) {
		rig_ack(life->rig, i);
	}
	for (int i = 0; i < life->queues; i++) {
		same(life, "empty", true,
		     rig_empty(life->rig, model_queues[i].name));
		if (life->model.paused[i]) {
			(void)rig_pause(life->rig, model_queues[i].name, "");
		}
	}
	rig_commit(life->rig);
	life->rig->committed = NULL;
}

static void live(struct rig *rig, uint64_t seed)
{
	struct life *life = alloc_zeroed(1, sizeof(*life));

	life->rig = rig;
	life->seed = seed;
	life->dice = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	life->queues = seed % 2 ? MODEL_QUEUES : MODEL_QUEUES - 1;
	begin(life);
	for (life->step = 0; life->step < STEPS; life->step++) {
		happen(life);
		if (life->step % 8 == 0) {
			check(life);
		}
	}
	end(life);
	free(life);
}

static void lives_of_chance(struct rig *rig)
{
	const char *seed = getenv("BRIDGE_SEED");

	/* Its clock is not ours to set. */
	if (rig->under_test->wait) {
		return;
	}
	if (seed) {
		live(rig, strtoull(seed, NULL, 10));
		return;
	}
	for (uint64_t i = 1; i <= SEEDS; i++) {
		live(rig, i);
	}
}

const struct conformance_test random_tests[] = {
	TEST(lives_of_chance),
	{ 0 },
};
