/*
 * The tasks of a run out of its records: into their phases, counted, with their
 * outputs; those of a visit that was taken back beside them. Writes nothing.
 */
#ifndef ENGINE_RESTORE_TASKS_H
#define ENGINE_RESTORE_TASKS_H

#include "engine/state.h"

/* Of an EVENT_RESTORE; the run is as runs_make() left it. E_CORRUPT. */
int restore_tasks(struct engine *engine, struct run *run,
		  const struct event *event, struct err *reterr);

#endif
