#include "shape.h"

#include <stdlib.h>

#include "fail.h"

static void allocate(struct shape *shape, size_t len)
{
	shape->len = len;
	shape->phases = calloc(len, sizeof(*shape->phases));
	if (!shape->phases) {
		floor_fail_errno("shape");
	}
}

void shape_init_activity(struct shape *shape, uint32_t parallel)
{
	size_t last = parallel ? 2 : 1;

	allocate(shape, last + 1);
	shape->activities = 1;
	shape->plugins = parallel + 2;
	shape->phases[0] =
	    (struct phase){ .plugin = 1, .plugins = 1, .begins = true };
	if (parallel) {
		shape->phases[1] =
		    (struct phase){ .plugin = 2, .plugins = parallel };
	}
	shape->phases[last] = (struct phase){
		.plugin = parallel + 2,
		.plugins = 1,
		.ends = true,
	};
}

void shape_init_sequence(struct shape *shape, uint32_t activities)
{
	allocate(shape, activities);
	shape->activities = activities;
	shape->plugins = activities;
	for (uint32_t i = 0; i < activities; i++) {
		shape->phases[i] = (struct phase){
			.activity = i,
			.plugin = 1,
			.plugins = 1,
			.begins = true,
			.ends = true,
		};
	}
}

void shape_fini(struct shape *shape)
{
	free(shape->phases);
}
