/*
 * Every change of a state goes through here: it is checked against the state
 * tables, counted in the phase, listed as a change and written to the history.
 */
#ifndef ENGINE_MOVE_H
#define ENGINE_MOVE_H

#include "engine/state.h"

/* Why, by whom, in whose words; zeroed parts mean the engine, no words. */
struct cause {
	enum reason reason;
	struct slice actor;
	struct slice message; /* kept with the object when not empty */
};

void task_move(struct engine *engine, struct task *task, enum task_state to,
	       struct cause cause);
void phase_move(struct engine *engine, struct run *run, uint32_t activity,
		enum phase_kind phase, enum group_state to, enum reason reason);
void activity_move(struct engine *engine, struct run *run, uint32_t activity,
		   enum group_state to, enum reason reason);
void run_move(struct engine *engine, struct run *run, enum group_state to,
	      struct cause cause);

/* A record changed without a change of state. */
void task_touch(struct engine *engine, struct task *task);
void activity_touch(struct engine *engine, struct run *run, uint32_t activity);
void run_touch(struct engine *engine, struct run *run);

/* The task's phase and its record. */
struct phase *task_phase(const struct task *task);
struct phase_record *task_phase_record(const struct task *task);

#endif
