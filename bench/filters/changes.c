#include "changes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "stopwatch.h"

#define BATCH    1000 /* documents at a time */
#define SEED     0x5eed
#define COMPARED 1000 /* events, after the changes */

/* Filters in the index are [0, len), those that come and go follow. */
struct pool {
	struct filter **filters;
	size_t len;
	size_t all;
	struct filter_index *index;
	uint64_t generation;
	struct dice dice;
};

static double per_second(size_t count, int64_t ns)
{
	return (double)count * 1e9 / (double)ns;
}

/* Nanoseconds of the compiler alone. */
static int64_t compile_batch(struct fields *fields, struct filter **filters,
			     size_t len)
{
	struct value *documents = alloc_zeroed(len, sizeof(*documents));
	int64_t begin;

	for (size_t i = 0; i < len; i++) {
		documents[i] = filter_draw(fields, PROFILE_SELECTIVE);
	}
	begin = cpu_ns();
	for (size_t i = 0; i < len; i++) {
		filters[i] = filter_of(&documents[i]);
	}
	int64_t end = cpu_ns();

	for (size_t i = 0; i < len; i++) {
		value_clear(&documents[i]);
	}
	free(documents);
	return end - begin;
}

static void compile_all(struct pool *pool, struct fields *fields,
			struct changes *changes)
{
	size_t before = heap_bytes();
	size_t size = 0;
	int64_t ns = 0;

	for (size_t i = 0; i < pool->all; i += BATCH) {
		size_t rest = pool->all - i;

		ns += compile_batch(fields, &pool->filters[i],
				    rest < BATCH ? rest : BATCH);
	}
	changes->compiled = per_second(pool->all, ns);
	changes->filter_heap =
	    (double)(heap_bytes() - before) / (double)pool->all;
	for (size_t i = 0; i < pool->all; i++) {
		size += filter_size(pool->filters[i]);
	}
	changes->filter_size = (double)size / (double)pool->all;
}

static int64_t add_range(struct pool *pool, size_t first, size_t end)
{
	int64_t begin = cpu_ns();

	for (size_t i = first; i < end; i++) {
		filter_index_add(pool->index, pool->filters[i], (uint32_t)i,
				 pool->generation);
	}
	return cpu_ns() - begin;
}

static void build(struct pool *pool, struct changes *changes)
{
	size_t before = heap_bytes();

	pool->index = filter_index_create(SEED);
	changes->built = per_second(pool->len, add_range(pool, 0, pool->len));
	changes->index_heap =
	    (double)(heap_bytes() - before) / (double)pool->len;
	changes->index_size =
	    (double)filter_index_size(pool->index) / (double)pool->len;
}

static uint32_t *shuffled(struct dice *dice, size_t first, size_t end)
{
	size_t len = end - first;
	uint32_t *ids = alloc_zeroed(len, sizeof(*ids));

	for (size_t i = 0; i < len; i++) {
		uint32_t other = dice_below(dice, (uint32_t)i + 1);

		ids[i] = ids[other];
		ids[other] = (uint32_t)(first + i);
	}
	return ids;
}

static int64_t remove_range(struct pool *pool, size_t first, size_t end)
{
	uint32_t *ids = shuffled(&pool->dice, first, end);
	int64_t begin = cpu_ns();

	for (size_t i = 0; i < end - first; i++) {
		if (filter_index_remove(pool->index, ids[i])) {
			abort();
		}
	}
	int64_t ns = cpu_ns() - begin;

	free(ids);
	return ns;
}

static void add_and_remove(struct pool *pool, unsigned rounds,
			   struct changes *changes)
{
	double *added = alloc_zeroed(rounds, sizeof(*added));
	double *removed = alloc_zeroed(rounds, sizeof(*removed));
	size_t more = pool->all - pool->len;

	for (unsigned i = 0; i < rounds; i++) {
		added[i] =
		    per_second(more, add_range(pool, pool->len, pool->all));
		removed[i] =
		    per_second(more, remove_range(pool, pool->len, pool->all));
	}
	changes->added = median(added, rounds);
	changes->removed = median(removed, rounds);
	free(added);
	free(removed);
}

/* One more generation: the spare filter in, the other one out. */
static void replace(struct pool *pool, uint32_t old, uint32_t spare)
{
	pool->generation++;
	filter_index_add(pool->index, pool->filters[spare], spare,
			 pool->generation);
	if (filter_index_retire(pool->index, old, pool->generation) ||
	    filter_index_remove(pool->index, old)) {
		abort();
	}
}

/* As many as there are spare filters, with an event matched now and then. */
static int64_t replace_some(struct pool *pool, const uint32_t *ids,
			    const struct event *events, size_t event_count)
{
	size_t count = pool->all - pool->len;
	const uint32_t *found;
	int64_t ns = 0;

	for (size_t i = 0; i < count;) {
		size_t end = i + 50 < count ? i + 50 : count;
		int64_t begin = cpu_ns();

		for (; i < end; i++) {
			replace(pool, ids[i], (uint32_t)(pool->len + i));
		}
		ns += cpu_ns() - begin;
		(void)filter_index_match(pool->index,
					 &events[i % event_count].attributes,
					 pool->generation, &found);
	}
	return ns;
}

static void compare(struct pool *pool, struct filter_index *fresh,
		    const struct event *event)
{
	const uint32_t *ids[2];
	size_t len = filter_index_match(pool->index, &event->attributes,
					pool->generation, &ids[0]);

	if (filter_index_match(fresh, &event->attributes, pool->generation,
			       &ids[1]) != len ||
	    (len && memcmp(ids[0], ids[1], len * sizeof(*ids[0])) != 0)) {
		(void)fprintf(stderr, "bench_filters: after changes the index "
				      "differs from a new one\n");
		exit(1);
	}
}

static void compare_all(struct pool *pool, const uint32_t *gone,
			const struct event *events, size_t event_count)
{
	struct filter_index *fresh = filter_index_create(SEED + 1);
	size_t count = pool->all - pool->len;

	for (size_t i = count; i < pool->len; i++) {
		filter_index_add(fresh, pool->filters[gone[i]], gone[i], 0);
	}
	for (size_t i = pool->len; i < pool->all; i++) {
		filter_index_add(fresh, pool->filters[i], (uint32_t)i, 0);
	}
	for (size_t i = 0; i < COMPARED && i < event_count; i++) {
		compare(pool, fresh, &events[i]);
	}
	filter_index_destroy(fresh);
}

struct changes changes_measure(struct fields *fields, size_t len,
			       const struct options *options,
			       const struct event *events)
{
	struct changes changes = { 0 };
	size_t all = len + (len + 9) / 10;
	struct pool pool = {
		.filters = alloc_zeroed(all, sizeof(struct filter *)),
		.len = len,
		.all = all,
		.dice = dice_init(options->seed),
	};

	compile_all(&pool, fields, &changes);
	build(&pool, &changes);
	add_and_remove(&pool, options->rounds, &changes);
	uint32_t *ids = shuffled(&pool.dice, 0, len);

	changes.replaced = per_second(
	    all - len, replace_some(&pool, ids, events, options->events));
	compare_all(&pool, ids, events, options->events);
	free(ids);
	filter_index_destroy(pool.index);
	filters_destroy(pool.filters, all);
	return changes;
}
