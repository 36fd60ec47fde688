/*
 * How a run is named on the command line: its id, a unique beginning or end of
 * the id, its uid, @latest, @failed.
 */
#ifndef CLI_SELECTOR_H
#define CLI_SELECTOR_H

#include "store/view.h"

/*
 * The run that `text` names, among those of `tenant` (empty: all). E_NOT_FOUND;
 * E_INVALID when several are meant, with a sentence that lists them; what
 * view_list() returns.
 */
int selector_find(struct view *view, struct slice tenant, struct slice text,
		  struct id *ret_run, struct err *reterr);

#endif
