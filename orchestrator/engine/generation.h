/*
 * Which generations of the subscriptions are still looked at: a run takes the
 * newest when it opens its first phase, and keeps it.
 */
#ifndef ENGINE_GENERATION_H
#define ENGINE_GENERATION_H

#include <stddef.h>
#include <stdint.h>

/* A generation that runs keep. */
struct pin {
	uint64_t generation;
	size_t runs;
	struct pin *older;
	struct pin *newer;
};

struct pins {
	struct pin *oldest;
	struct pin *newest;
};

/* One more run keeps the generation, which is no older than those that are
 * kept already. */
struct pin *pins_take(struct pins *pins, uint64_t generation);

/* One run less. NULL is fine. */
void pins_release(struct pins *pins, struct pin *pin);

#endif
