/*
 * Frames of the events address: a topic, a 0 byte, a MessagePack map with the
 * transitions of one run (docs/protocol.md). Pure.
 */
#ifndef CLI_EVENT_FRAME_H
#define CLI_EVENT_FRAME_H

#include "base/buf.h"
#include "base/err.h"
#include "document/value.h"

/*
 * Append a row for each event of the frame to `rows`, an array: {sequence,
 * time, run, workflow, uid, kind, object, activity, phase, task, from, to,
 * reason, attempt, message}, those that do not apply null. Frames about
 * something else add none. E_INVALID for what is no such frame.
 */
int event_frame_read(struct slice frame, struct value *rows,
		     struct err *reterr);

/* Is it this row that ends the run? */
bool event_row_ends_run(const struct value *row);

/* One line for people, with its end. */
void event_row_put(struct buf *out, const struct value *row);

#endif
