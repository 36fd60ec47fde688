/*
 * Many runs, one after another: requests `start` are sent while others are not
 * answered yet, at most so many at a time. One thread.
 */
#ifndef CLI_LOAD_H
#define CLI_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus/control.h"

struct load_answer {
	size_t number;           /* of the request, from 0 as next() gave it */
	int64_t took_ns;         /* from sending it to its answer */
	const struct err *error; /* NULL: there is a result */
	const struct value *result;
};

struct load {
	size_t window; /* at least 1 */
	void *arg;
	/* The arguments of the next one, taken over; false: that was all. */
	bool (*next)(void *arg, struct value *ret_args);
	/* In the order in which answers come. */
	void (*answered)(void *arg, const struct load_answer *answer);
};

/*
 * Until all are answered. Without an answer for timeout_ms (< 0: for ever) it
 * ends with E_TIMEOUT, and when the connection breaks with E_UNREACHABLE.
 */
int load_drive(struct control_client *client, const struct load *load,
	       int64_t timeout_ms, struct err *reterr);

#endif
