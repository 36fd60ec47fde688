/*
 * init, stop and fini; hosts of other versions.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "check/snapshot.h"
#include "check/stage.h"

#define CYCLES     80 /* after those to warm up */
#define WARM_UP    20
#define CYCLES_MS  2000
#define AT_ONCE_MS 100

/* Growth that no cycle explains: caches of the C library. */
#define RESIDENT_SLACK ((size_t)4 << 20)

static void run_init(struct trial *trial)
{
	struct stage stage;

	if (stage_open(trial, &stage)) {
		int32_t code = tutti_fake_host_start(stage.host);

		if (code != TUTTI_OK) {
			trial_fail(trial,
				   "%s: if it needs parameters give them with "
				   "--params '{...}'",
				   tutti_fake_host_error(stage.host));
		}
	}
}

static void forget_log(struct tutti_fake_host *host)
{
	for (size_t i = 0; i < host->log_len; i++) {
		free(host->log[i]);
	}
	free(host->log);
	host->log = NULL;
	host->log_len = host->log_cap = 0;
}

static bool cycle(struct stage *stage)
{
	if (!stage_start(stage)) {
		return false;
	}
	fake_host_stop_plugins(stage->host);
	fake_host_fini_plugins(stage->host);
	forget_log(stage->host);
	return true;
}

/* How many of `count` fit into the time that there is. */
static int cycles(struct stage *stage, int count)
{
	int64_t until = clock_mono_ns() + CYCLES_MS * INT64_C(1000000);
	int done = 0;

	while (done < count && clock_mono_ns() < until && cycle(stage)) {
		done++;
	}
	return done;
}

enum growth { GROWTH_THREADS, GROWTH_DESCRIPTORS, GROWTH_MEMORY };

static size_t measure(int what)
{
	switch (what) {
	case GROWTH_THREADS:
		return snapshot_threads();
	case GROWTH_DESCRIPTORS:
		return snapshot_descriptors();
	default:
		return snapshot_allocated();
	}
}

static const char *const growing[] = { "threads", "file descriptors",
				       "bytes of memory" };

static void tell_growth(struct trial *trial, size_t grown, size_t resident)
{
	int what = trial->rule->detail;

	if (grown) {
		trial_fail(trial,
			   "init() and fini() leave about %zu %s behind each "
			   "time: fini() must release all that init() made",
			   grown, growing[what]);
	} else if (what == GROWTH_MEMORY && resident > RESIDENT_SLACK) {
		trial_fail(trial,
			   "%zu KiB more memory are in use after init() and "
			   "fini() many times: is a mapping left behind?",
			   resident / 1024);
	}
}

/* Does it grow all the time, by one or more in each cycle? */
static void run_growth(struct trial *trial)
{
	/* A heap gives no less than eight bytes: jemalloc's smallest block. */
	static const size_t least[] = { 1, 1, 8 };
	int what = trial->rule->detail;
	struct stage stage;

	if (!stage_open(trial, &stage) || !cycles(&stage, WARM_UP)) {
		return;
	}
	size_t first = measure(what);
	size_t resident = snapshot_resident();
	size_t half = (size_t)cycles(&stage, CYCLES / 2);
	size_t middle = measure(what);
	size_t other_half = (size_t)cycles(&stage, CYCLES / 2);
	size_t last = what == GROWTH_THREADS ? snapshot_threads_settled(first)
					     : measure(what);
	bool grows = middle >= first + half * least[what] &&
		     last >= middle + other_half * least[what];

	if (half < 2 || other_half < 2) {
		trial_skip(trial, "init() and fini() are too slow to be "
				  "repeated");
		return;
	}
	tell_growth(trial, grows ? (last - first) / (half + other_half) : 0,
		    snapshot_resident() > resident
			? snapshot_resident() - resident
			: 0);
}

/* One init() in which the host's functions fail from the n-th call on. */
static bool try_failing(struct stage *stage, int32_t code, uint32_t after)
{
	struct tutti_fake_host *host = stage->host;

	host->fail_code = code;
	host->fail_after = after;
	host->calls = 0;
	int32_t rc = tutti_fake_host_start(host);

	host->fail_code = 0;
	if (rc == TUTTI_OK) {
		fake_host_stop_plugins(host);
		fake_host_fini_plugins(host);
	}
	return host->calls > after;
}

static void run_init_failing(struct trial *trial)
{
	static const int32_t codes[] = { TUTTI_ENOMEM, TUTTI_EAGAIN };
	struct stage stage;

	if (!stage_open(trial, &stage) || !cycles(&stage, 2)) {
		return;
	}
	size_t threads = snapshot_threads();
	size_t descriptors = snapshot_descriptors();

	for (size_t i = 0; i < 2; i++) {
		uint32_t after = 0;

		while (after < 20 && try_failing(&stage, codes[i], after)) {
			after++;
		}
	}
	if (snapshot_threads_settled(threads) > threads ||
	    snapshot_descriptors() > descriptors) {
		trial_fail(trial, "an init() that failed, because functions of "
				  "the host did, left threads or files behind: "
				  "undo everything before returning an error");
	}
}

static void run_plain(struct stage *stage, const struct tutti_fake_work *work,
		      void *arg)
{
	(void)arg;
	(void)stage_run(stage, work);
}

static void run_two(struct trial *trial)
{
	struct stage one;

	if (!stage_begin(trial, &one)) {
		return;
	}
	struct stage two = one;

	two.host = stage_host(&one);
	if (tutti_fake_host_start(two.host) != TUTTI_OK) {
		trial_warn(trial, "a second init() while the first is not "
				  "over is refused: keep state in `self`, not "
				  "in global variables");
		(void)stage_end(&one);
		return;
	}
	stage_plain(&one, run_plain, NULL);
	stage_plain(&two, run_plain, NULL);
	(void)stage_end(&one);
	stage_plain(&two, run_plain, NULL);
	(void)stage_end(&two);
}

static void run_stop_idle(struct trial *trial)
{
	struct stage stage;

	if (stage_begin(trial, &stage)) {
		(void)stage_end(&stage);
	}
}

static void start_only(struct stage *stage, const struct tutti_fake_work *work,
		       void *arg)
{
	struct tutti_fake_task *task = tutti_fake_host_task(stage->host, work);

	(void)arg;
	if (task) {
		(void)tutti_fake_task_start(task);
	}
}

static void run_stop_busy(struct trial *trial)
{
	struct stage stage;

	if (stage_begin(trial, &stage)) {
		stage_plain(&stage, start_only, NULL);
		(void)stage_end(&stage);
	}
}

/* The shortest of a few, because others use the machine too. */
static void run_stop_quick(struct trial *trial)
{
	struct stage stage;
	int64_t best_ms = INT64_MAX;

	if (!stage_open(trial, &stage)) {
		return;
	}
	for (int i = 0; i < 3 && stage_start(&stage); i++) {
		int64_t before = clock_mono_ns();

		fake_host_stop_plugins(stage.host);
		int64_t ms = (clock_mono_ns() - before) / 1000000;

		best_ms = ms < best_ms ? ms : best_ms;
		fake_host_fini_plugins(stage.host);
	}
	if (best_ms > AT_ONCE_MS && best_ms < INT64_MAX) {
		trial_fail(trial,
			   "stop() took %lld ms: it is called on the host's "
			   "own thread, only tell others there; waiting is for "
			   "fini()",
			   (long long)best_ms);
	}
}

static void run_fini_threads(struct trial *trial)
{
	struct stage stage;

	if (!stage_open(trial, &stage)) {
		return;
	}
	size_t before = snapshot_threads();

	if (!stage_start(&stage)) {
		return;
	}
	stage_everything(&stage);
	if (!stage_end(&stage)) {
		return;
	}
	size_t after = snapshot_threads_settled(before);

	if (after > before) {
		trial_fail(trial,
			   "%zu threads are still there after fini(): end and "
			   "join them in fini()",
			   after - before);
	}
}

static void run_version(struct trial *trial)
{
	struct stage stage;

	if (!stage_open(trial, &stage)) {
		return;
	}
	stage.host->version = (enum fake_version)trial->rule->detail;
	int32_t code = tutti_fake_host_start(stage.host);

	if (code != TUTTI_OK) {
		trial_fail(trial, "%s", tutti_fake_host_error(stage.host));
		return;
	}
	stage_everything(&stage);
	(void)stage_end(&stage);
}

#define LIFE(rule, what, wants, function)                   \
	{                                                   \
		.name = rule, .says = what, .needs = wants, \
		.kinds = CHECK_MODULE, .run = function,     \
	}

#define GROWS(rule, what, wants, which)                                      \
	{                                                                    \
		.name = rule, .says = what, .needs = wants,                  \
		.kinds = CHECK_MODULE, .detail = (which), .run = run_growth, \
	}

#define VERSION(rule, what, which)                                            \
	{                                                                     \
		.name = rule, .says = what, .needs = EVERYTHING,              \
		.kinds = CHECK_MODULE, .detail = (which), .run = run_version, \
	}

#define GOOD_DESCRIPTOR                                           \
	"descriptor.functions descriptor.params descriptor.name " \
	"descriptor.max_tasks descriptor.queue"

static const struct rule life_rules[] = {
	LIFE("life.init", "init() succeeds", GOOD_DESCRIPTOR, run_init),
	LIFE("life.stop_idle", "stop and fini work with nothing running",
	     "life.init", run_stop_idle),
	GROWS("life.threads", "init and fini leave no threads",
	      "life.stop_idle", GROWTH_THREADS),
	GROWS("life.descriptors", "init and fini leave no open files",
	      "life.stop_idle", GROWTH_DESCRIPTORS),
	GROWS("life.memory", "init and fini leave no memory",
	      "life.stop_idle life.threads", GROWTH_MEMORY),
	LIFE("life.init_failing", "an init() that fails undoes itself",
	     "life.threads life.descriptors", run_init_failing),
	LIFE("life.stop_quick", "stop() returns at once", "life.stop_idle",
	     run_stop_quick),
	LIFE("life.stop_busy", "stop and fini work while tasks run",
	     "tasks.plain life.stop_idle", run_stop_busy),
	LIFE("life.fini_threads", "fini() joins all threads",
	     EVERYTHING " life.threads", run_fini_threads),
	{
	    .name = "life.two",
	    .says = "two of it can live at once",
	    .needs = "tasks.attempts",
	    .kinds = CHECK_MODULE,
	    .worst = CHECK_WARN,
	    .run = run_two,
	},
	VERSION("versions.older_host",
		"it reads no more than the host's structs have", FAKE_SAME),
	VERSION("versions.newer_host", "it works with a host that knows more",
		FAKE_NEWER),
};

const struct rule_group rules_life = RULE_GROUP(life_rules);
