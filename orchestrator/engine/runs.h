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
/* The run that the event is about. E_NOT_FOUND, or E_UNCHANGED for one that
 * ended in this very turn. */
int runs_find_active(const struct engine *engine, const struct event *event,
		     struct run **ret_run, struct err *reterr);
/* Where the run is, by the states of its activities: the first one that is not
 * done with. One that was reopened can have others behind it that are. */
void run_find_current(struct run *run);
void runs_drop(struct engine *engine, struct run *run);

/* Name the task, whose record has its plugin's name: the text is kept only when
 * it is another. Empty: let go of what it has. */
void task_name(struct task *task, struct slice name);

#endif
