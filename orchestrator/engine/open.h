/*
 * Opening a phase: fixing its membership and making its tasks.
 */
#ifndef ENGINE_OPEN_H
#define ENGINE_OPEN_H

#include "engine/members.h"

/*
 * Opens the phase of the run's current activity. In a situation that is not
 * well, a post phase without members stays closed: false.
 */
bool phase_open(struct engine *engine, struct run *run, enum phase_kind phase,
		enum situation situation);

/* The run has at least so many tasks; those that are new are NULL. */
void run_make_room(struct run *run, uint32_t count);

/* Room for the tasks of a phase, numbered from `first` on. */
struct task *phase_make_tasks(struct run *run, uint32_t activity,
			      enum phase_kind phase, uint32_t first,
			      uint32_t count);

#endif
