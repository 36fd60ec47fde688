/*
 * An engine whose plugins answer at once, and who writes for it.
 */
#ifndef GUARD_PLANT_H
#define GUARD_PLANT_H

#include "engine/engine.h"
#include "model/definition.h"

/* Called between the steps of a round and their effects. */
typedef void plant_write(void *arg, struct output *out);

struct plant {
	struct engine *engine;
	struct definition *definition;
	struct blob *attributes;
	struct blob *output; /* of each task */
	struct output out;
	struct event *answers; /* of plugins, to be stepped through next */
	size_t answer_count;
	size_t answer_cap;
	uint64_t runs_made;
	int64_t now_us;
	plant_write *write;
	void *write_arg;
};

/* One activity: one plugin before, `members` in parallel, one after. */
void plant_init(struct plant *plant, size_t members, plant_write *write,
		void *write_arg);
void plant_fini(struct plant *plant);

/* A run from its start to its end. */
void plant_run(struct plant *plant);

/* For who has no store: what was changed counts as written. */
plant_write plant_write_nothing;

#endif
