/*
 * What modules say of themselves, asked in a child process: what a stranger's
 * file does when it is loaded is not done to the orchestrator.
 */
#ifndef DAEMON_DESCRIBE_H
#define DAEMON_DESCRIBE_H

#include "base/err.h"
#include "document/value.h"

/*
 * `tutti plugin-host --describe PATH`: {"module", "hash", "plugins": [{name,
 * version, help, max_tasks, subscriptions, params, ...}]} as `hello` has it.
 * `env` ("KEY=value", up to a NULL; may be NULL itself) is what the child has
 * besides our own environment. Waits at most ten seconds. E_INVALID with the
 * child's own sentence, E_TIMEOUT, E_IO.
 */
int describe_module(const char *path, char *const *env,
		    struct value *ret_description, struct err *reterr);

/* Subscriptions as the wire has them ("optional"), in the form of records
 * ("mandatory"). */
struct value describe_as_recorded(const struct value *subscriptions);

#endif
