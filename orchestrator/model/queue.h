/*
 * How the queue of a plugin behaves: what a config's `queue:` or the plugin's
 * own declaration says of it. One document form serves the config, the store
 * and the protocol. Pure.
 */
#ifndef MODEL_QUEUE_H
#define MODEL_QUEUE_H

#include "model/retry.h"

/* Defaults of what is left out. */
#define QUEUE_ATTEMPTS 5

/* Bounds of what may be said. */
#define QUEUE_PRIORITY_MAX    1000 /* and -1000 */
#define QUEUE_CONCURRENCY_MAX 1000000
#define QUEUE_RATE_MAX        1000000
#define QUEUE_TIME_MAX_MS     (366 * 24 * 3600 * INT64_C(1000))
#define QUEUE_EXPRESSION_MAX  1024 /* bytes */

/* When a message can be had that was put aside because its run is paused: not
 * before that ends. */
#define QUEUE_ASIDE INT64_MAX

struct queue_policy {
	char *name; /* of the queue; NULL: the plugin's */
	/* Attempts, after which a message goes to the dead letters, and the
	 * waits between them. A binding's own `retry` stands in its place. */
	struct retry_policy retry;
	/* How long a consumer may keep a message without a word about it; 0:
	 * as long as it lives. */
	int64_t visibility_ms;
	int64_t delay_ms;     /* before a new message can be had */
	uint32_t concurrency; /* messages in hands at a time; 0: no limit */
	/* At most so many per time are handed out, evenly; 0: no limit. */
	uint32_t rate;
	int64_t rate_per_ms;
	/* Expression over a task's scope. Messages for which it gives the same
	 * are handed out one after another, in the order in which they came;
	 * those for which it gives null stand alone. NULL: all do. */
	char *fifo_key;
	int priority;       /* higher ones go first; 0 by default */
	char *priority_key; /* expression, instead of `priority`; or NULL */
};

/* It looks like another one: such names are refused. */
bool queue_name_has_blank_end(struct slice name);

/* With the defaults; fini and copy own the texts. */
struct queue_policy queue_policy_default(void);
struct queue_policy queue_policy_copy(const struct queue_policy *policy);
void queue_policy_fini(struct queue_policy *policy);
/* NULL is no policy. */
bool queue_policy_equal(const struct queue_policy *a,
			const struct queue_policy *b);

/* What is said for `fifo_key` or `priority`: E_INVALID, with the byte where the
 * mistake lies in *ret_offset. */
int queue_expression_check(struct slice text, size_t *ret_offset,
			   struct err *reterr);

/* The name of the queue that the plugin has by it: a slice of either. */
struct slice queue_policy_name(const struct queue_policy *policy,
			       struct slice plugin);

/*
 * {"name", "attempts", "backoff_ms", "factor", "max_ms", "jitter",
 * "visibility_ms", "delay_ms", "concurrency", "rate", "rate_per_ms",
 * "fifo_key", "priority"}; "priority" is a number or an expression. Without
 * what is NULL or no limit.
 */
struct value queue_policy_to_value(const struct queue_policy *policy);

/*
 * The inverse, which takes defaults for what is left out, and believes nothing.
 * "max_ms" and "backoff_ms", given alone, move the other's default along.
 * E_INVALID with a sentence for a type, a bound, a name or an expression that
 * cannot be, and for keys it does not know.
 */
int queue_policy_from_value(const struct value *map,
			    struct queue_policy *ret_policy,
			    struct err *reterr);

#endif
