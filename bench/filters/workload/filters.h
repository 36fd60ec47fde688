/*
 * Filters of the workload's profiles.
 */
#ifndef WORKLOAD_FILTERS_H
#define WORKLOAD_FILTERS_H

#include "filter/filter.h"
#include "workload/fields.h"

enum profile {
	PROFILE_SELECTIVE, /* the first key names something rare */
	PROFILE_BROAD,     /* the first key is drawn as events draw it */
	PROFILE_TWO_EXACT, /* something rare and something common */
	PROFILE_SINGLE,    /* something rare alone */
	PROFILES,
};

const char *profile_name(enum profile profile);

/* The matches per event that the specification names for so many filters of
 * the profile; 0 where it names none. */
double profile_expected(enum profile profile, size_t filters);

/* The document of one filter. */
struct value filter_draw(struct fields *fields, enum profile profile);

/* `len` of them, compiled. Release with filters_destroy(). */
struct filter **filters_create(struct fields *fields, enum profile profile,
			       size_t len);
void filters_destroy(struct filter **filters, size_t len);

/* As filters_create(), from one document that must compile. */
struct filter *filter_of(const struct value *document);

#endif
