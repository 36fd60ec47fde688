/*
 * Who holds a run back: an operator who paused it, its workflow, or all. Pure.
 */
#ifndef CLI_PAUSED_H
#define CLI_PAUSED_H

#include "base/buf.h"
#include "document/value.h"
#include "store/view.h"

struct paused {
	const char *scope;  /* "run", "workflow", "all"; NULL: nobody does */
	struct slice actor; /* may be empty */
	int64_t since_us;   /* 0: not known */
};

/* The widest pause there is. `history` tells who paused the run itself; NULL:
 * that is not known. Texts are borrowed. */
struct paused paused_of(const struct run_record *run,
			const struct pause_list *pauses,
			const struct history_list *history);

/* {"scope", "by", "since"}, or null. */
struct value paused_to_value(const struct paused *paused);

/* "paused by operator uid 0 5m ago"; of more than the run, what. */
void paused_put(struct buf *out, const struct paused *paused, int64_t now_us);

#endif
