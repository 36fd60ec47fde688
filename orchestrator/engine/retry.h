/*
 * Another attempt after one that failed, as the binding's `retry` says. While a
 * task waits for it, it is `retrying`; when its time has come it stands in its
 * plugin's queue like any other.
 */
#ifndef ENGINE_RETRY_H
#define ENGINE_RETRY_H

#include "engine/move.h"

/* NULL: one attempt is all there is. */
const struct retry_policy *retry_policy(const struct task *task);

/*
 * An attempt has failed in a way that another one could mend, and nobody has it
 * in hands any more. True: the task is retrying. False: it must end, and
 * `cause` says so when it is because it has used up its attempts. `text` holds
 * what the message then points to.
 */
bool retry_after(struct engine *engine, struct task *task, struct cause *cause,
		 struct buf *text);

#endif
