#include "shapes.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "progress.h"
#include "stopwatch.h"
#include "subject.h"
#include "workload/shapes.h"

#define ROUNDS     3
#define SLICE_NS   30000000
#define LINEAR_MAX 200000000 /* nanoseconds for one event */

static struct filter **make_filters(const struct shape *shape,
				    struct dice *dice)
{
	struct filter **filters =
	    alloc_zeroed(shape->filters, sizeof(struct filter *));

	for (size_t i = 0; i < shape->filters; i++) {
		struct value document = shape->filter(dice, i);

		filters[i] = filter_of(&document);
		value_clear(&document);
	}
	return filters;
}

static struct event *make_events(const struct shape *shape, struct dice *dice)
{
	struct event *events = alloc_zeroed(shape->events, sizeof(*events));

	for (size_t i = 0; i < shape->events; i++) {
		events[i] = event_of(shape->event(dice, i));
	}
	return events;
}

/* Whether one filter after the other is worth the wait. */
static bool is_short(const struct subject *subject)
{
	int64_t begin = cpu_ns();

	(void)subject_match(subject, WAY_LINEAR, &subject->events[0]);
	return cpu_ns() - begin < LINEAR_MAX;
}

static void measure_shape(struct report *report, const struct shape *shape,
			  uint64_t seed)
{
	const struct options options = {
		.rounds = ROUNDS,
		.slice_ns = SLICE_NS,
	};
	struct dice dice = dice_init(seed);
	struct filter **filters = make_filters(shape, &dice);
	struct event *events = make_events(shape, &dice);
	struct measured measured = {
		.subject =
		    subject_of(filters, shape->filters, events, shape->events),
	};
	bool linear = is_short(&measured.subject);

	subject_verify(&measured.subject, linear ? 8 : 1);
	speed_measure(&measured, 1, &options, linear ? SIZE_MAX : 0);
	report_shape(report, shape->name, &measured);
	measured_fini(&measured);
	events_destroy(events, shape->events);
	filters_destroy(filters, shape->filters);
}

static size_t count(const struct shape *shapes)
{
	size_t len = 0;

	while (shapes[len].name) {
		len++;
	}
	return len;
}

static void measure_all(struct report *report, const struct shape *shapes,
			size_t before, size_t all, uint64_t seed)
{
	for (size_t i = 0; shapes[i].name; i++) {
		progress_show("shape", shapes[i].name, before + i + 1, all);
		measure_shape(report, &shapes[i], seed);
	}
}

void shapes_measure(struct report *report, const struct options *options)
{
	size_t specified = count(shapes_specified);
	size_t all = specified + count(shapes_hostile);

	report_head(report, "shape");
	measure_all(report, shapes_specified, 0, all, options->seed);
	measure_all(report, shapes_hostile, specified, all, options->seed);
}
