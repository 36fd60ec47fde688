/*
 * Doing something that may end badly, such as reading a file that somebody
 * else made, in a process of its own. Before other threads exist.
 */
#ifndef CLI_GUARD_H
#define CLI_GUARD_H

#include "base/err.h"
#include "document/value.h"

/*
 * Calls `work` in a child process, which must not use what the caller has open
 * of any store, and takes its answer over. E_CORRUPT, with a sentence, when the
 * child ended without an answer; E_IO when there was no child to be had.
 */
typedef struct value guarded_work(void *arg);

int guard_call(guarded_work *work, void *arg, struct value *ret_answer,
	       struct err *reterr);

#endif
