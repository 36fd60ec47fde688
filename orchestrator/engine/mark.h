/*
 * How people name tasks of a run: NAME, ACTIVITY/NAME or ACTIVITY/PHASE/NAME,
 * where NAME is that of the task or its plugin. Pure.
 */
#ifndef ENGINE_MARK_H
#define ENGINE_MARK_H

#include "base/err.h"
#include "engine/run.h"

struct mark {
	struct slice activity; /* empty: any */
	int phase;             /* -1: any */
	struct slice name;
};

/* Slices of `text`. E_INVALID. */
int mark_parse(struct slice text, struct mark *ret_mark, struct err *reterr);

/* Could tasks of that phase fit, as far as the place goes? */
bool mark_fits_place(const struct mark *mark, const struct run *run,
		     uint32_t activity, int phase);

bool mark_fits(const struct mark *mark, const struct task *task);

#endif
