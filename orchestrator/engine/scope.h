/*
 * What a task is given to read: the documents of its run as expressions see
 * them, its own `with` filled in, and all outputs so far.
 */
#ifndef ENGINE_SCOPE_H
#define ENGINE_SCOPE_H

#include "base/err.h"
#include "engine/state.h"

/* {input, attributes, stash, outputs, run}, as expressions see them; valid
 * until a document of the run changes. */
const struct value *scope_document(struct run *run);

/* The task's `with`, evaluated now, as msgpack; NULL when it has none.
 * E_TOO_BIG when what the expressions bring does not fit. */
int scope_with(const struct task *task, struct blob **ret_with,
	       struct err *reterr);

/*
 * {activity: {task: output}} as msgpack; a new reference, NULL when empty.
 * Tasks of a parallel phase do not see each other's: it is made once for all of
 * them, whatever their number and whoever ends first.
 */
struct blob *scope_outputs(struct run *run);

/* A document of the run has changed: forget what was made of it. */
void scope_outdated(struct run *run);
void scope_outputs_outdated(struct run *run);

/* After a task has moved. When nothing of its phase goes on now and something
 * waits, the run is parked, for who knows how long: what can be made again is
 * forgotten. */
void scope_moved(const struct task *task);

#endif
