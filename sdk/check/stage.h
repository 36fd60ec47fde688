/*
 * A module on the fake host, for rules that let it work. Whatever happens to a
 * task here ends within a known time: a task that does not end by itself is
 * cancelled, and one that does not end then either ends the trial.
 */
#ifndef CHECK_STAGE_H
#define CHECK_STAGE_H

#include "check/rules.h"

/* Real time that a task may take by itself, after it has been cancelled, and
 * for what must be done at once. */
#define STAGE_PATIENCE_MS 300
#define STAGE_GRACE_MS    3000

struct stage {
	struct trial *trial;
	const struct tutti_module *module;
	struct tutti_fake_host *host;
	char *params; /* JSON */
};

/* A value for a parameter that must be given. */
struct value stage_made_up(int32_t type);

/* Load and make a host. False: reported. */
bool stage_open(struct trial *trial, struct stage *stage);

/* A host for the module once more. */
struct tutti_fake_host *stage_host(const struct stage *stage);

/* init(). False: reported, as a rule that could not be tried. */
bool stage_start(struct stage *stage);

/* Open and start. */
bool stage_begin(struct trial *trial, struct stage *stage);

/* stop, wait for tasks, fini. False: given up (only when in_process). */
bool stage_end(struct stage *stage);

enum stage_step { STAGE_BY_ITSELF, STAGE_CANCELLED, STAGE_STUCK };

/*
 * Wait for the end of a started task; the clock goes on meanwhile. Not
 * `by_itself` long: cancelled. Stuck: reported (as completion.ends unless
 * `rule`) and the trial is over.
 */
enum stage_step stage_wait(struct stage *stage, struct tutti_fake_task *task,
			   int64_t by_itself_ms);

/*
 * The same for a task that has just been told to stop, in whatever way: it is
 * a failure of this rule when it does not end now.
 */
void stage_expect_end(struct stage *stage, struct tutti_fake_task *task);

/* Make and start; NULL: reported. */
struct tutti_fake_task *stage_task(struct stage *stage,
				   const struct tutti_fake_work *work);

/* One task from its start to its end. */
enum stage_step stage_run(struct stage *stage,
			  const struct tutti_fake_work *work);

/* Sleep in real time. */
void stage_pause(int64_t real_ms);

/*
 * Tasks to try. `visit` is called for each: every plugin with each of its
 * first subscriptions and with the tasks that were given by --task.
 */
typedef void (*stage_visit)(struct stage *stage,
			    const struct tutti_fake_work *work, void *arg);
void stage_plain(struct stage *stage, stage_visit visit, void *arg);

/* The same with unusual documents. */
void stage_odd(struct stage *stage, stage_visit visit, void *arg);

/* All ways in which a task can go: plain, odd, cancelled, over its deadline. */
void stage_everything(struct stage *stage);

/* The plugins' mistakes of one kind as failures. */
void stage_report(struct stage *stage, const char *rule);

/* Catch faults: one at memory that was lent tells which rule it broke. */
void stage_watch_faults(struct stage *stage);

#endif
