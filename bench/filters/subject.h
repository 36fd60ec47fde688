/*
 * What is measured: some filters in an index (or in none), and a way to match
 * events against them.
 */
#ifndef BENCH_SUBJECT_H
#define BENCH_SUBJECT_H

#include "workload/events.h"
#include "workload/filters.h"

enum way {
	WAY_FRESH,  /* attributes that were decoded a moment ago */
	WAY_VALUE,  /* decoded long ago: they come from memory */
	WAY_PACKED, /* in MessagePack */
	WAY_LINEAR, /* as WAY_VALUE, one filter after the other: the floor */
	WAYS,
};

/* Everything is borrowed but the index. */
struct subject {
	struct filter_index *index;
	struct filter *const *filters;
	size_t len;
	const struct event *events;
	size_t event_count;
};

/* Ids are 0 to len - 1, generation 0. */
struct subject subject_of(struct filter *const *filters, size_t len,
			  const struct event *events, size_t event_count);
void subject_fini(struct subject *subject);

/* How many filters match the event. */
size_t subject_match(const struct subject *subject, enum way way,
		     const struct event *event);

/* Ends the process, with a message, unless all ways agree on `sample` of the
 * events. */
void subject_verify(const struct subject *subject, size_t sample);

#endif
