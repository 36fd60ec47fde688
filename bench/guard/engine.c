/* The engine alone: nothing is stored. */
#include "count.h"
#include "plant.h"

static void count_runs(size_t members, size_t runs, const char *row)
{
	struct plant plant;

	plant_init(&plant, members, plant_write_nothing, NULL);
	plant_run(&plant);
	count_begin();
	for (size_t i = 0; i < runs; i++) {
		plant_run(&plant);
	}
	count_end(row, runs * (members + 2));
	plant_fini(&plant);
}

void count_engine(void)
{
	count_runs(8, 50, "engine_task");
	count_runs(1000, 1, "engine_member_1000");
	count_runs(10000, 1, "engine_member_10000");
}
