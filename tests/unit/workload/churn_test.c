/*
 * The churn of the workload's specification: while events are matched, a
 * random tenth of the filters goes and as many new ones come; then the index
 * answers as one that has been built from the survivors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "workload/events.h"
#include "workload/filters.h"

#define FILTERS 5000
#define EVENTS  1000
#define ROUNDS  4
#define SEED    7

struct churn {
	struct fields fields;
	enum profile profile;
	struct filter **filters; /* by id */
	struct event *events;
	struct filter_index *index;
	uint64_t generation;
	size_t matched;
};

static void match(struct churn *churn, size_t i)
{
	const uint32_t *ids;

	churn->matched += filter_index_match(
	    churn->index, &churn->events[i % EVENTS].attributes,
	    churn->generation, &ids);
}

static struct filter *draw(struct churn *churn)
{
	struct value document = filter_draw(&churn->fields, churn->profile);
	struct filter *filter = filter_of(&document);

	value_clear(&document);
	return filter;
}

/* Some leave at once, some are retired first; matches go on. */
static void replace_one(struct churn *churn)
{
	uint32_t id = dice_below(&churn->fields.dice, FILTERS);

	churn->generation++;
	if (dice_chance(&churn->fields.dice, 0.5)) {
		assert_int_equal(
		    filter_index_retire(churn->index, id, churn->generation),
		    0);
		match(churn, id);
	}
	assert_int_equal(filter_index_remove(churn->index, id), 0);
	match(churn, id + 1);
	filter_destroy(churn->filters[id]);
	churn->filters[id] = draw(churn);
	filter_index_add(churn->index, churn->filters[id], id,
			 churn->generation);
}

static void assert_same(struct churn *churn, struct filter_index *fresh,
			const struct event *event)
{
	const uint32_t *ids;
	const uint32_t *expected;
	size_t len = filter_index_match(churn->index, &event->attributes,
					churn->generation, &ids);

	assert_int_equal(
	    filter_index_match_packed(fresh, buf_slice(&event->packed),
				      churn->generation, &expected),
	    len);
	if (len) {
		assert_memory_equal(ids, expected, len * sizeof(*ids));
	}
}

static void assert_like_fresh(struct churn *churn)
{
	struct filter_index *fresh = filter_index_create(SEED);

	for (uint32_t id = 0; id < FILTERS; id++) {
		filter_index_add(fresh, churn->filters[id], id, 0);
	}
	for (size_t i = 0; i < EVENTS; i++) {
		assert_same(churn, fresh, &churn->events[i]);
	}
	filter_index_destroy(fresh);
}

static void run(enum profile profile)
{
	struct churn churn = { .profile = profile };

	fields_init(&churn.fields, SEED);
	churn.filters = filters_create(&churn.fields, profile, FILTERS);
	churn.events = events_create(&churn.fields, EVENTS);
	churn.index = filter_index_create(SEED + 1);
	for (uint32_t id = 0; id < FILTERS; id++) {
		filter_index_add(churn.index, churn.filters[id], id, 0);
	}
	for (size_t round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < FILTERS / 10; i++) {
			replace_one(&churn);
		}
		assert_like_fresh(&churn);
	}
	assert_true(churn.matched > 0);
	filter_index_destroy(churn.index);
	filters_destroy(churn.filters, FILTERS);
	events_destroy(churn.events, EVENTS);
	fields_fini(&churn.fields);
}

static void selective_churn(void **arg)
{
	(void)arg;
	run(PROFILE_SELECTIVE);
}

static void broad_churn(void **arg)
{
	(void)arg;
	run(PROFILE_BROAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selective_churn),
		cmocka_unit_test(broad_churn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
