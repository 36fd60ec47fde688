/*
 * What the plugins of this module ask of a task, and how they finish it.
 */
#ifndef TREE_AUDIT_ANSWER_H
#define TREE_AUDIT_ANSWER_H

#include <tutti/plugin.h>

#include "text.h"

/*
 * The text at a path such as "with.work", or NULL when it is absent, empty, no
 * text, or holds a NUL. Borrowed from the task.
 */
const char *asked_text(const struct tutti_task *task, const char *path);

/* The number at a path, from 1 to `most`; `other` when it is absent or none. */
size_t asked_count(const struct tutti_task *task, const char *path, size_t most,
		   size_t other);

/*
 * Finish with success; `patch`, for the stash, may be NULL. The code for
 * handle() to return.
 */
int32_t answer(const struct tutti_task *task, const struct text *output,
	       const struct text *patch);

/* Finish with a failure that another attempt would not mend; likewise. */
int32_t answer_failure(const struct tutti_task *task, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
