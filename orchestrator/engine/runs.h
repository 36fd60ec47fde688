/*
 * Making and dropping runs, and finding them by id and uid.
 */
#ifndef ENGINE_RUNS_H
#define ENGINE_RUNS_H

#include "engine/state.h"

/* A run with its plan and closed activities, entered in both tables. */
int runs_make(struct engine *engine, const struct run_record *record,
	      struct definition *definition, struct run **ret_run,
	      struct err *reterr);
void runs_drop(struct engine *engine, struct run *run);

#endif
