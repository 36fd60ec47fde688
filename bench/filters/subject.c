#include "subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "document/json.h"

#define SEED 0x5eed

struct subject subject_of(struct filter *const *filters, size_t len,
			  const struct event *events, size_t event_count)
{
	struct subject subject = {
		.index = filter_index_create(SEED),
		.filters = filters,
		.len = len,
		.events = events,
		.event_count = event_count,
	};

	for (size_t i = 0; i < len; i++) {
		filter_index_add(subject.index, filters[i], (uint32_t)i, 0);
	}
	return subject;
}

void subject_fini(struct subject *subject)
{
	filter_index_destroy(subject->index);
	subject->index = NULL;
}

static size_t match_linear(const struct subject *subject,
			   const struct event *event)
{
	size_t matches = 0;

	for (size_t i = 0; i < subject->len; i++) {
		matches +=
		    filter_match(subject->filters[i], &event->attributes);
	}
	return matches;
}

size_t subject_match(const struct subject *subject, enum way way,
		     const struct event *event)
{
	const uint32_t *ids;

	if (way == WAY_LINEAR) {
		return match_linear(subject, event);
	}
	if (way == WAY_PACKED) {
		return filter_index_match_packed(
		    subject->index, buf_slice(&event->packed), 0, &ids);
	}
	return filter_index_match(subject->index, &event->attributes, 0, &ids);
}

static _Noreturn void disagree(const struct event *event, const char *what)
{
	struct buf json = { 0 };

	json_write(&json, &event->attributes, JSON_COMPACT);
	if (json.len > 2000) {
		json.len = 2000;
	}
	(void)fprintf(stderr, "bench_filters: %s differs: %.*s\n", what,
		      SLICE_ARG(buf_slice(&json)));
	exit(1);
}

static void verify_ids(const struct subject *subject, const struct event *event,
		       const uint32_t *ids, size_t len, const char *what)
{
	size_t at = 0;

	for (size_t i = 0; i < subject->len; i++) {
		bool found = at < len && ids[at] == i;

		at += found;
		if (filter_match(subject->filters[i], &event->attributes) !=
		    found) {
			disagree(event, what);
		}
	}
	if (at != len) {
		disagree(event, what);
	}
}

static void verify_event(const struct subject *subject,
			 const struct event *event)
{
	const uint32_t *ids;
	size_t len =
	    filter_index_match(subject->index, &event->attributes, 0, &ids);
	uint32_t *copy = alloc_zeroed(len, sizeof(*copy));

	verify_ids(subject, event, ids, len, "the index");
	if (len) {
		memcpy(copy, ids, len * sizeof(*ids));
	}
	if (filter_index_match_packed(subject->index, buf_slice(&event->packed),
				      0, &ids) != len ||
	    (len && memcmp(copy, ids, len * sizeof(*ids)) != 0)) {
		disagree(event, "the index on packed attributes");
	}
	free(copy);
}

void subject_verify(const struct subject *subject, size_t sample)
{
	size_t step = subject->event_count / sample;

	for (size_t i = 0; i < subject->event_count; i += step ? step : 1) {
		verify_event(subject, &subject->events[i]);
	}
}
