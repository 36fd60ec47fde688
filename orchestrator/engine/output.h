/*
 * What steps of the engine want done: see engine.h for the order. Owned and
 * emptied by the caller, who may have several: one is being gathered while
 * another one is being committed.
 */
#ifndef ENGINE_OUTPUT_H
#define ENGINE_OUTPUT_H

#include "base/blob.h"
#include "model/record.h"

struct run;
struct task;

/* A record that is no longer what the store has; each is listed once. */
struct change {
	struct run *run;
	enum change_kind {
		CHANGE_RUN,
		CHANGE_ACTIVITY,      /* index */
		CHANGE_ACTIVITY_GONE, /* index: not in the definition any
					 more */
		CHANGE_TASK,          /* index: its number */
		CHANGE_OUTPUT,        /* index: the task's number */
		CHANGE_CREATED,       /* definition, attributes, input */
		CHANGE_STASH,
		CHANGE_SKIPS,
	} kind;
	uint32_t index;
};

/* To be done once the changes are committed. */
struct effect {
	enum effect_kind {
		EFFECT_DELIVER, /* hand the task to its plugin */
		EFFECT_TELL,    /* tell the plugin to stop it */
	} kind;
	struct run *run;
	struct task *task;
	/*
	 * As it was when the effect was made: by the time it is carried out
	 * the task may have moved on in a batch that is not committed yet.
	 */
	uint32_t attempt;
	uint32_t wakes;
	struct slice instance; /* owned by the output */
	int64_t deadline_us;
	bool timed_out;       /* EFFECT_TELL: by its deadline */
	struct blob *stash;   /* EFFECT_DELIVER: owned by the output */
	struct blob *with;    /* likewise */
	struct blob *outputs; /* likewise */
	bool queued;          /* EFFECT_DELIVER: the documents are those of
				 its message, and none of these is set */
	bool left;            /* for the caller: it was carried out early */
};

/*
 * What is to be done about a message in a queue, with the changes of the same
 * step in one commit. To be carried out in order, right after the step, and
 * then dropped with output_clear_orders(); of each kind what the driver of the
 * queue has a function for, see bridge/driver.h.
 */
struct queue_order {
	enum queue_order_kind {
		QUEUE_PUT,    /* the task's message enters the queue; nothing
				 when it is there */
		QUEUE_EXTEND, /* whoever has it is at it */
		QUEUE_NACK,   /* back into the queue */
		QUEUE_EXPOSE, /* to be had at once */
		QUEUE_BURY,   /* to the dead letters */
		QUEUE_ACK,    /* done with */
	} kind;
	struct id run;
	uint32_t task;
	struct slice queue; /* owned by the output, as are all texts */
	struct slice plugin;
	struct slice group;   /* QUEUE_PUT; may be empty */
	int priority;         /* QUEUE_PUT */
	int64_t visible_us;   /* QUEUE_PUT, QUEUE_NACK; 0: at once */
	struct slice error;   /* QUEUE_NACK, QUEUE_BURY; may be empty */
	struct blob *stash;   /* QUEUE_PUT; owned by the output; may be NULL */
	struct blob *outputs; /* likewise */
	struct blob *with;    /* likewise */
};

struct output {
	struct change *changes;
	size_t change_count;
	size_t change_cap;
	struct transition_record *transitions; /* sequence is 0 */
	struct id *transition_runs;            /* beside them */
	size_t transition_count;
	size_t transition_cap;
	struct effect *effects;
	size_t effect_count;
	size_t effect_cap;
	struct queue_order *orders;
	size_t order_count;
	size_t order_cap;
	/* For the caller: effects that `left` is set in; changes and
	 * transitions that are in the store's batch. */
	size_t looked_at;
	size_t kept_changes;
	size_t kept_transitions;
	/* Texts of transitions and effects. */
	char **texts;
	size_t text_count;
	size_t text_cap;
};

/* Frees what was gathered, keeps the arrays for the next turn. */
void output_clear(struct output *out);
void output_fini(struct output *out);
/* Gives the arrays back, unless something is in them. */
void output_shrink(struct output *out);
void output_clear_orders(struct output *out);

/* For the engine. */
void output_change(struct output *out, struct run *run, enum change_kind kind,
		   uint32_t index);
void output_transition(struct output *out, const struct id *run,
		       const struct transition_record *transition);
/* Fills in what is copied from the task and its run. */
void output_effect(struct output *out, const struct effect *effect);
/* Copies the texts, references the documents. */
void output_order(struct output *out, const struct queue_order *order);

#endif
