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
	bool left;            /* for the caller: it was carried out early */
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
	size_t looked_at; /* for the caller: effects that `left` is set in */
	/* Texts of transitions and effects. */
	char **texts;
	size_t text_count;
	size_t text_cap;
};

/* Frees what was gathered, keeps the arrays for the next turn. */
void output_clear(struct output *out);
void output_fini(struct output *out);

/* For the engine. */
void output_change(struct output *out, struct run *run, enum change_kind kind,
		   uint32_t index);
void output_transition(struct output *out, const struct id *run,
		       const struct transition_record *transition);
/* Fills in what is copied from the task and its run. */
void output_effect(struct output *out, const struct effect *effect);

#endif
