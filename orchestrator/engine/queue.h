/*
 * Tasks whose plugin has a queue: instead of going to an instance they become
 * messages, and go to one when the queue hands them out. What is to become of
 * a message is said in orders (output.h), in the step in which the task
 * changes; that a message was handed out, or that the time for it is over,
 * comes back as an event.
 *
 * When an instance has died, all that was in its hands may have been the
 * reason. So a message whose consumer has died goes, from then on, to one that
 * has nothing else, and gets nothing else beside it: who is not the reason is
 * done, and takes nobody's attempts.
 *
 * A task has a message, and `record.queue`, from the moment it enters the queue
 * until it ends.
 */
#ifndef ENGINE_QUEUE_H
#define ENGINE_QUEUE_H

#include "document/expression.h"
#include "engine/move.h"
#include "model/queue.h"

/* What a plugin has registered, compiled. */
struct plugin_queue {
	struct queue_policy policy;
	char *name;
	struct expression *fifo;     /* NULL: messages stand alone */
	struct expression *priority; /* NULL: that of the policy */
};

/* `policy` NULL: none. The plugin keeps the queue it had on failure, which is
 * E_INVALID for an expression. */
int queue_set(struct plugin *plugin, const struct queue_policy *policy,
	      struct err *reterr);
void queue_fini(struct plugin *plugin);

/* Has the task a message? */
bool task_is_queued(const struct task *task);

/* How often, and when, attempts follow each other; for a task with a message.
 */
const struct retry_policy *queue_retry(const struct task *task);

/* A ready task of a plugin with a queue enters it, or fails when what it is to
 * be given cannot be made. */
void queue_enter(struct engine *engine, struct task *task);

/* The task may go on, and has a message already: it has slept, or its run was
 * paused, or it was in hands when the orchestrator ended. */
void queue_resume(struct engine *engine, struct task *task);

/* Whoever had it has given it back unbegun. */
void queue_give_back(struct engine *engine, struct task *task,
		     struct cause cause);

/* The message comes back at that time. `error` may be empty. */
void queue_nack(struct engine *engine, const struct task *task,
		int64_t visible_us, struct slice error);

/* Whoever has it is at it. */
void queue_extend(struct engine *engine, const struct task *task);

/* The task has ended: its message goes, or to the dead letters. */
void queue_leave(struct engine *engine, const struct task *task);

/* The task will be done again from its beginning: a dead letter is dropped. */
void queue_forget(struct engine *engine, struct task *task);

/* The plugin may have come to have free slots. */
void queue_hungry(struct engine *engine, struct plugin *plugin);

/* EVENT_LEASED, EVENT_EXPIRED, EVENT_PURGED. */
int queue_leased(struct engine *engine, const struct event *event,
		 struct err *reterr);
void queue_expired(struct engine *engine, const struct event *event);
int queue_purged(struct engine *engine, const struct event *event,
		 struct err *reterr);

#endif
