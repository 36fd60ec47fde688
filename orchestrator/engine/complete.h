/*
 * What plugins report: completions and progress.
 */
#ifndef ENGINE_COMPLETE_H
#define ENGINE_COMPLETE_H

#include "engine/move.h"

/* The task, if an instance has that attempt of it in hands; else NULL. */
struct task *task_in_hands(const struct engine *engine, const struct id *run,
			   uint32_t task, uint32_t attempt);

/* EVENT_COMPLETED. What is stale changes nothing but frees a slot. */
void task_completed(struct engine *engine, const struct event *event);

/* EVENT_PROGRESS. */
void task_progressed(struct engine *engine, const struct event *event);

/* The latest progress goes into the task's record now. */
void progress_write(struct engine *engine, struct task *task);

/* The one way for a task to end as failed or cancelled: with what follows from
 * it for its phase and run when it was mandatory. */
void task_fail(struct engine *engine, struct task *task, enum task_state state,
	       struct cause cause);

/* An attempt has failed, or is lost, and another one could mend it: the task
 * waits for that, or fails. Nobody has it in hands. */
void fail_or_retry(struct engine *engine, struct task *task,
		   struct cause cause);

#endif
