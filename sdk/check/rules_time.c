/*
 * Deadlines, clocks, and cancelling.
 */
#include <dirent.h>
#include <stdio.h>

#include "base/clock.h"
#include "check/stage.h"

#define AT_ONCE_MS 10

/* How long a task that goes on by itself is watched, and how much of one
 * processor it may use meanwhile. */
#define WATCH_MS  500
#define BUSY_PART 0.8

static void each(struct trial *trial, stage_visit visit)
{
	struct stage stage;

	if (stage_begin(trial, &stage)) {
		stage_plain(&stage, visit, NULL);
		(void)stage_end(&stage);
	}
}

static void late_from_the_start(struct stage *stage,
				const struct tutti_fake_work *work, void *arg)
{
	struct tutti_fake_work late = *work;

	(void)arg;
	late.deadline_ms = -1;
	struct tutti_fake_task *task = stage_task(stage, &late);

	if (task) {
		tutti_fake_host_advance(stage->host, 1);
		stage_expect_end(stage, task);
	}
}

static void run_deadline_over(struct trial *trial)
{
	each(trial, late_from_the_start);
}

static void late_on_the_way(struct stage *stage,
			    const struct tutti_fake_work *work, void *arg)
{
	struct tutti_fake_work late = *work;

	(void)arg;
	late.deadline_ms = 1000;
	struct tutti_fake_task *task = stage_task(stage, &late);

	if (task && tutti_fake_task_wait(task, 20) != TUTTI_OK) {
		tutti_fake_host_advance(stage->host, 1001);
	}
	if (task) {
		stage_expect_end(stage, task);
	}
}

static void run_deadline_during(struct trial *trial)
{
	each(trial, late_on_the_way);
}

/* Nanoseconds for which one thread has run, or has waited for a processor that
 * others used. */
static int64_t wanted_ns(const char *thread)
{
	char path[300];
	long long ran = 0;
	long long delayed = 0;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%s/schedstat",
		       thread);
	FILE *file = fopen(path, "re");

	if (file) {
		if (fscanf(file, "%lld %lld", &ran, &delayed) != 2) {
			ran = delayed = 0;
		}
		(void)fclose(file);
	}
	return ran + delayed;
}

static int64_t processor_ns(void)
{
	DIR *threads = opendir("/proc/self/task");
	const struct dirent *thread;
	int64_t sum = 0;

	while (threads && (thread = readdir(threads))) {
		sum += thread->d_name[0] == '.' ? 0 : wanted_ns(thread->d_name);
	}
	if (threads) {
		(void)closedir(threads);
	}
	return sum;
}

/* The clock of the host stands still: there is nothing to do but wait. */
static void watch_waiting(struct stage *stage,
			  const struct tutti_fake_work *work, void *arg)
{
	struct tutti_fake_task *task = stage_task(stage, work);

	(void)arg;
	if (!task || tutti_fake_task_wait(task, 200) == TUTTI_OK) {
		return;
	}
	int64_t used = processor_ns();
	int64_t before = clock_mono_ns();

	if (tutti_fake_task_wait(task, WATCH_MS) != TUTTI_OK) {
		double part = (double)(processor_ns() - used) /
			      (double)(clock_mono_ns() - before);

		if (part > BUSY_PART) {
			trial_warn(stage->trial,
				   "plugin '%s' used %.0f%% of a processor "
				   "while its task went on: if it only waits, "
				   "wait on a condition variable or poll()",
				   task->plugin->about.name, part * 100);
		}
	}
	(void)stage_wait(stage, task, 0);
}

static void run_busy(struct trial *trial)
{
	each(trial, watch_waiting);
}

static void cancel_first(struct stage *stage,
			 const struct tutti_fake_work *work, void *arg)
{
	struct tutti_fake_task *task = tutti_fake_host_task(stage->host, work);

	(void)arg;
	if (task) {
		tutti_fake_task_cancel(task, TUTTI_CANCELLED);
		(void)tutti_fake_task_start(task);
		stage_expect_end(stage, task);
	}
}

static void run_before(struct trial *trial)
{
	each(trial, cancel_first);
}

static void cancel_during(struct stage *stage,
			  const struct tutti_fake_work *work, void *arg)
{
	(void)arg;
	for (int64_t ms = 1; ms < 30; ms = ms * 2 + 1) {
		struct tutti_fake_task *task = stage_task(stage, work);

		if (task && tutti_fake_task_wait(task, ms) != TUTTI_OK) {
			tutti_fake_task_cancel(task, TUTTI_CANCELLED);
			stage_expect_end(stage, task);
		}
	}
}

static void run_during(struct trial *trial)
{
	each(trial, cancel_during);
}

static void cancel_after(struct stage *stage,
			 const struct tutti_fake_work *work, void *arg)
{
	struct tutti_fake_task *task = stage_task(stage, work);

	(void)arg;
	if (task) {
		(void)stage_wait(stage, task, STAGE_PATIENCE_MS);
		tutti_fake_task_cancel(task, TUTTI_CANCELLED);
		(void)stage_run(stage, work);
	}
}

static void run_after(struct trial *trial)
{
	each(trial, cancel_after);
}

static void cancel_twice(struct stage *stage,
			 const struct tutti_fake_work *work, void *arg)
{
	struct tutti_fake_task *task = stage_task(stage, work);

	(void)arg;
	if (task) {
		(void)tutti_fake_task_wait(task, 5);
		tutti_fake_task_cancel(task, TUTTI_CANCELLED);
		tutti_fake_task_cancel(task, TUTTI_TIMED_OUT);
		tutti_fake_task_cancel(task, TUTTI_CANCELLED);
		stage_expect_end(stage, task);
	}
}

static void run_twice(struct trial *trial)
{
	each(trial, cancel_twice);
}

static void cancel_strangers(struct stage *stage, struct fake_plugin *plugin)
{
	const struct tutti_task_id ids[] = {
		{ 0, 0, 0 },
		{ 1, 2, 3 },
		{ UINT64_MAX, UINT64_MAX, UINT64_MAX },
	};

	(void)stage;
	for (size_t i = 0; plugin->about.cancel && i < 3; i++) {
		plugin->about.cancel(plugin->self, ids[i], TUTTI_CANCELLED);
	}
}

static void cancel_unknown(struct stage *stage,
			   const struct tutti_fake_work *work, void *arg)
{
	struct fake_plugin *plugin =
	    fake_plugin_find(stage->host, work->plugin);

	(void)arg;
	cancel_strangers(stage, plugin);
	struct tutti_fake_task *task = stage_task(stage, work);

	cancel_strangers(stage, plugin);
	if (task) {
		(void)stage_wait(stage, task, STAGE_PATIENCE_MS);
	}
	cancel_strangers(stage, plugin);
}

static void run_unknown(struct trial *trial)
{
	each(trial, cancel_unknown);
}

/* The shortest of a few, because others use the machine too. */
static void cancel_timed(struct stage *stage,
			 const struct tutti_fake_work *work, void *arg)
{
	int64_t best_ns = INT64_MAX;

	(void)arg;
	for (int i = 0; i < 3; i++) {
		struct tutti_fake_task *task = stage_task(stage, work);

		if (!task) {
			return;
		}
		(void)tutti_fake_task_wait(task, 5);
		int64_t before = clock_mono_ns();

		tutti_fake_task_cancel(task, TUTTI_CANCELLED);
		int64_t ns = clock_mono_ns() - before;

		best_ns = ns < best_ns ? ns : best_ns;
		stage_expect_end(stage, task);
	}
	if (best_ns / 1000000 > AT_ONCE_MS) {
		trial_fail(stage->trial,
			   "cancel() of plugin '%s' took %lld ms: it is called "
			   "on the host's own thread, only make a note there "
			   "and wake the thread that works",
			   work->plugin, (long long)(best_ns / 1000000));
	}
}

static void run_quick(struct trial *trial)
{
	each(trial, cancel_timed);
}

#define TIMED(rule, what, function)                                 \
	{                                                           \
		.name = rule, .says = what, .needs = "tasks.plain", \
		.kinds = CHECK_MODULE, .run = function,             \
	}

static const struct rule time_rules[] = {
	TIMED("time.deadline_over", "a task whose deadline is over ends",
	      run_deadline_over),
	TIMED("time.deadline_during", "a task ends soon after its deadline",
	      run_deadline_during),
	{
	    .name = "time.busy",
	    .says = "waiting uses no processor",
	    .needs = "tasks.plain",
	    .kinds = CHECK_MODULE,
	    .worst = CHECK_WARN,
	    .run = run_busy,
	},
	TIMED("cancel.before", "cancel() may come before handle()", run_before),
	{
	    .name = "cancel.during",
	    .says = "a task ends soon after cancel()",
	    .needs = "tasks.plain cancel.before",
	    .kinds = CHECK_MODULE,
	    .run = run_during,
	},
	TIMED("cancel.after", "cancel() may come after the end", run_after),
	{
	    .name = "cancel.twice",
	    .says = "cancel() may come more than once",
	    .needs = "cancel.during cancel.after",
	    .kinds = CHECK_MODULE,
	    .run = run_twice,
	},
	{
	    .name = "cancel.unknown",
	    .says = "cancel() of unknown tasks is ignored",
	    .needs = "cancel.during cancel.after",
	    .kinds = CHECK_MODULE,
	    .run = run_unknown,
	},
	{
	    .name = "cancel.quick",
	    .says = "cancel() returns at once",
	    .needs = "cancel.during cancel.after",
	    .kinds = CHECK_MODULE,
	    .run = run_quick,
	},
};

const struct rule_group rules_time = RULE_GROUP(time_rules);
