/* Who takes part: filters of the workload of docs/filters.md. */
#include "filter/filter.h"
#include "base/alloc.h"
#include "count.h"
#include "workload/events.h"
#include "workload/filters.h"

#define SEED     22
#define FILTERS  10000
#define COMPILED 200
#define EVENTS   200

static struct filter_index *index_of(struct filter *const *filters, size_t len)
{
	struct filter_index *index = filter_index_create(SEED);

	for (size_t i = 0; i < len; i++) {
		filter_index_add(index, filters[i], (uint32_t)i, 0);
	}
	return index;
}

static void match(struct filter_index *index, const struct event *events)
{
	const uint32_t *ids;

	for (size_t i = 0; i < EVENTS; i++) {
		(void)filter_index_match_packed(
		    index, buf_slice(&events[i].packed), 0, &ids);
	}
}

static void count_match(struct filter *const *filters, size_t len,
			const struct event *events, const char *row)
{
	struct filter_index *index = index_of(filters, len);

	match(index, events);
	count_begin();
	match(index, events);
	count_end(row, EVENTS);
	filter_index_destroy(index);
}

static void compile(const struct value *documents)
{
	for (size_t i = 0; i < COMPILED; i++) {
		filter_destroy(filter_of(&documents[i]));
	}
}

static void count_compile(struct fields *fields)
{
	struct value documents[COMPILED];

	for (size_t i = 0; i < COMPILED; i++) {
		documents[i] = filter_draw(fields, PROFILE_SELECTIVE);
	}
	compile(documents);
	count_begin();
	compile(documents);
	count_end("filter_compile", COMPILED);
	for (size_t i = 0; i < COMPILED; i++) {
		value_clear(&documents[i]);
	}
}

void count_filter(void)
{
	struct fields fields;

	fields_init(&fields, SEED);
	count_compile(&fields);

	struct filter **filters =
	    filters_create(&fields, PROFILE_SELECTIVE, FILTERS);
	struct event *events = events_create(&fields, EVENTS);

	count_match(filters, FILTERS / 10, events, "filter_match_1000");
	count_match(filters, FILTERS, events, "filter_match_10000");
	events_destroy(events, EVENTS);
	filters_destroy(filters, FILTERS);
	fields_fini(&fields);
}
