/*
 * What a queue is, in the plainest words: an array of messages that is looked
 * through for every question.
 */
#ifndef TESTS_BRIDGE_RANDOM_MODEL_H
#define TESTS_BRIDGE_RANDOM_MODEL_H

#include "rig.h"

#define MODEL_MESSAGES 240
#define MODEL_QUEUES   4

enum model_state { MODEL_NONE, MODEL_WAITING, MODEL_LEASED, MODEL_DEAD };

struct model_message {
	enum model_state state;
	int queue;
	int group; /* 0: it stands alone */
	int priority;
	unsigned place;
	bool had;       /* by somebody, once at least */
	int64_t had_us; /* last */
	int64_t due_us; /* waiting */
	/* What is left of due_us after a crash. */
	int64_t kept_us;
	int64_t until_us; /* leased; 0: it does not end, or has been named */
};

/* All of it: a copy is what a commit has made of it. */
struct model {
	struct model_message messages[MODEL_MESSAGES];
	unsigned place;
	bool paused[MODEL_QUEUES];
	bool retired[MODEL_QUEUES];
	int64_t leased_us[MODEL_QUEUES]; /* last; 0: not yet */
};

struct model_queue {
	const char *name;
	uint32_t concurrency;
	int64_t delay_ms;
	int64_t visibility_ms;
	uint32_t rate; /* per second */
	bool groups;
};

extern const struct model_queue model_queues[MODEL_QUEUES];

struct queue_policy model_policy(const struct model_queue *queue);

/* False when it was there. */
bool model_put(struct model *model, int number, struct model_message message,
	       int64_t now_us);
/* What is handed out next, whatever the rate; or NONE. */
int model_next(const struct model *model, int queue, int64_t now_us);
void model_lease(struct model *model, int number, int64_t now_us);
void model_extend(struct model *model, int number, int64_t now_us);
void model_nack(struct model *model, int number, int64_t due_us);
/* After a lease: it is undone. */
void model_refuse(struct model *model, int number, int64_t due_us,
		  const struct model *before);
void model_expose(struct model *model, int number);
void model_bury(struct model *model, int number);
/* The one whose lease has ended first, at that time or before; or NONE. */
int model_expired(const struct model *model, int64_t now_us);
/* The clock was set: what counts from a moment moves along.
 * `now_us` is the time before. */
void model_clock_step(struct model *model, int64_t now_us, int64_t step_us);
/* What was leased waits again. */
void model_restart(struct model *model, int64_t now_us);

/* Nothing is in it, dead ones included. */
bool model_empty(const struct model *model, int queue);
size_t model_count(const struct model *model, int queue,
		   enum model_state state);
/* When something happens by itself, but for the rate; 0: not at all. */
int64_t model_due(const struct model *model, int64_t now_us);

#endif
