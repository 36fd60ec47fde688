/*
 * Runs that an operator holds: one of them, all of a workflow, or all. What is
 * in plugins' hands may finish and what comes due is noted, but nothing begins.
 * Somebody who cancels a run does not want it to be held.
 */
#ifndef ENGINE_PAUSE_H
#define ENGINE_PAUSE_H

#include "base/hash.h"
#include <uthash.h>

#include "base/err.h"
#include "engine/engine.h"
#include "engine/run.h"

struct paused_workflow {
	char *name;
	UT_hash_handle by_name;
};

struct pauses {
	bool all;
	struct paused_workflow *workflows; /* paused_workflow::by_name */
};

void pauses_fini(struct pauses *pauses);

/* May nothing of the run begin? */
bool run_is_paused(const struct engine *engine, const struct run *run);

/* EVENT_PAUSE and EVENT_RESUME. E_NOT_FOUND, E_UNCHANGED. */
int pause_begin(struct engine *engine, const struct event *event,
		struct err *reterr);
int pause_end(struct engine *engine, const struct event *event,
	      struct err *reterr);

#endif
