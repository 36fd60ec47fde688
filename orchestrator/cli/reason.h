/*
 * Why things are as they are, in sentences for people, and the machine's word
 * for it where the record has none. There is always something to say. Pure.
 *
 * Sentences begin in lower case and have no full stop, so that they fit behind
 * a name and a colon. Messages of plugins are in them as they are: clean them
 * before they go to a terminal.
 */
#ifndef CLI_REASON_H
#define CLI_REASON_H

#include "base/buf.h"
#include "cli/paused.h"
#include "cli/queue_book.h"
#include "cli/registry.h"
#include "cli/run_index.h"

/* The tasks of a run whose dead letters are still in a queue, by number. */
struct dead_letters {
	uint32_t *tasks; /* owned */
	size_t len;
	size_t cap;
};

struct reason_context {
	const struct run_view *run;
	const struct run_index *index;
	bool daemon_alive;
	int64_t now_us;
	struct slice cancelled_by; /* an actor of the history; may be empty */
	struct paused paused;      /* who holds the run back */
	const struct registry *registry;    /* NULL: nothing known of plugins */
	const struct queue_book *queues;    /* NULL: nothing known of them */
	const struct dead_letters *letters; /* NULL: none has been lost */
};

/* The record's reason, or what follows from the state while it is not final;
 * REASON_NONE for plain success. */
enum reason reason_of_task(const struct reason_context *context,
			   const struct task_record *task);
enum reason reason_of_phase(const struct reason_context *context,
			    size_t activity, enum phase_kind phase);
enum reason reason_of_activity(const struct reason_context *context,
			       size_t activity);
enum reason reason_of_run(const struct run_record *run);

void reason_put_task(struct buf *out, const struct reason_context *context,
		     const struct task_record *task);
void reason_put_phase(struct buf *out, const struct reason_context *context,
		      size_t activity, enum phase_kind phase);
void reason_put_activity(struct buf *out, const struct reason_context *context,
			 size_t activity);
void reason_put_run(struct buf *out, const struct reason_context *context);

/* Can a queue have the task tried again? Not when its dead letter was thrown
 * away, or stayed behind in another store. */
bool reason_has_letter(const struct reason_context *context,
		       const struct task_record *task);

/* How often the task is tried at most. */
uint32_t reason_attempts_allowed(const struct reason_context *context,
				 const struct task_record *task);

/* The phase that speaks for its activity; PHASE_KINDS: none does. */
enum phase_kind reason_telling_phase(const struct activity_record *activity);

/* Of a plugin that has no live instance, why it has none, as far as is known:
 * "its program is starting, 0 of 2 ready". Begins with ": ", or is nothing. */
void reason_put_absence(struct buf *out, const struct registry *registry,
			struct slice plugin);

/* "held back: its workflow is paused by operator uid 0, 5m ago" */
void reason_put_held_back(struct buf *out,
			  const struct reason_context *context);

/* Of a task whose message waits: in which queue, where in it, and for what. */
void reason_put_queued(struct buf *out, const struct reason_context *context,
		       const struct task_record *task);

/* What holds back all that is in the task's queue, after "; "; or nothing. */
void reason_put_queue_held(struct buf *out,
			   const struct reason_context *context,
			   const struct task_record *task);

/* Does the activity wait for registrations before a phase? And for which. */
bool reason_awaits_registration(const struct activity_record *activity);
void reason_put_registration(struct buf *out,
			     const struct reason_context *context,
			     size_t activity);

/* A reason on its own, as in the history: "the run was cancelled". */
const char *reason_words(enum reason reason);

#endif
