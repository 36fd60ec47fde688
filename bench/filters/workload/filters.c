#include "workload/filters.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "document/json.h"
#include "workload/operators.h"

#define OR_FRACTION 0.03
#define SHOWN_MAX   500 /* bytes of a filter in a message */

static const double key_counts[] = { 0.25, 0.35, 0.25, 0.10, 0.05 };

struct expectation {
	size_t filters;
	double matches;
};

static const struct {
	const char *name;
	struct expectation expected[4];
} profiles[PROFILES] = {
	[PROFILE_SELECTIVE] = { "selective",
				{ { 1000, 0.02 },
				  { 10000, 0.25 },
				  { 100000, 2.0 } } },
	[PROFILE_BROAD] = { "broad",
			    { { 100, 1.47 },
			      { 1000, 16.1 },
			      { 10000, 139 },
			      { 100000, 1503 } } },
	[PROFILE_TWO_EXACT] = { "two-exact",
				{ { 10000, 0.07 }, { 100000, 0.59 } } },
	[PROFILE_SINGLE] = { "single", { { 1000, 0.08 }, { 100000, 6.25 } } },
};

const char *profile_name(enum profile profile)
{
	return profiles[profile].name;
}

double profile_expected(enum profile profile, size_t filters)
{
	for (size_t i = 0; i < 4; i++) {
		if (profiles[profile].expected[i].filters == filters) {
			return profiles[profile].expected[i].matches;
		}
	}
	return 0;
}

static void put_clause(struct value *document, uint32_t *used, enum field field,
		       struct value list)
{
	*used |= 1u << field;
	value_set(document, field_name(field), list);
}

static void put_any(struct fields *fields, struct value *document,
		    uint32_t *used)
{
	enum field field;
	struct value list = clause_draw(fields, used, &field);

	put_clause(document, used, field, list);
}

static void put_rare(struct fields *fields, struct value *document,
		     uint32_t *used)
{
	static const enum field rare[] = { FIELD_CUSTOMER, FIELD_TENANT,
					   FIELD_SKU };
	static const double weights[] = { 0.45, 0.35, 0.20 };
	enum field field = rare[dice_weighted(&fields->dice, weights, 3)];
	struct value list = value_array();

	value_push(&list,
		   field_value_at(
		       field, dice_below(&fields->dice, field_values(field))));
	put_clause(document, used, field, list);
}

static void put_broad(struct fields *fields, struct value *document,
		      uint32_t *used)
{
	static const enum field common[] = { FIELD_EVENT_TYPE, FIELD_TENANT,
					     FIELD_CUSTOMER, FIELD_SOURCE };
	static const double weights[] = { 0.40, 0.25, 0.15, 0.10, 0.10 };
	size_t i = dice_weighted(&fields->dice, weights, 5);

	if (i == 4) {
		put_any(fields, document, used);
	} else {
		put_clause(document, used, common[i],
			   clause_exact(fields, common[i]));
	}
}

static void put_second(struct fields *fields, struct value *document,
		       uint32_t *used)
{
	static const enum field second[] = { FIELD_EVENT_TYPE, FIELD_REGION,
					     FIELD_STATUS, FIELD_SOURCE };
	enum field field = second[dice_below(&fields->dice, 4)];

	put_clause(document, used, field, clause_exact(fields, field));
}

/* Two or three branches of one key each. */
static void put_or(struct fields *fields, struct value *document,
		   const uint32_t *used)
{
	struct value branches = value_array();

	for (uint32_t i = dice_between(&fields->dice, 2, 3); i; i--) {
		struct value branch = value_map();
		uint32_t used_here = *used;

		put_any(fields, &branch, &used_here);
		value_push(&branches, branch);
	}
	value_set(document, "$or", branches);
}

static void put_others(struct fields *fields, struct value *document,
		       uint32_t *used)
{
	size_t more = dice_weighted(&fields->dice, key_counts, 5);

	if (dice_chance(&fields->dice, OR_FRACTION)) {
		put_or(fields, document, used);
	}
	for (size_t i = 0; i < more; i++) {
		put_any(fields, document, used);
	}
}

struct value filter_draw(struct fields *fields, enum profile profile)
{
	struct value document = value_map();
	uint32_t used = 0;

	if (profile == PROFILE_BROAD) {
		put_broad(fields, &document, &used);
	} else {
		put_rare(fields, &document, &used);
	}
	if (profile == PROFILE_TWO_EXACT) {
		put_second(fields, &document, &used);
	} else if (profile != PROFILE_SINGLE) {
		put_others(fields, &document, &used);
	}
	return document;
}

static _Noreturn void refuse(const struct value *document,
			     const struct err *err)
{
	struct buf json = { 0 };

	json_write(&json, document, JSON_COMPACT);
	json.len = json.len < SHOWN_MAX ? json.len : SHOWN_MAX;
	(void)fprintf(stderr, "%.*s: %s\n", SLICE_ARG(buf_slice(&json)),
		      err->msg);
	exit(1);
}

struct filter *filter_of(const struct value *document)
{
	struct filter *filter;
	struct err err = { 0 };

	if (filter_compile(document, &filter, &err)) {
		refuse(document, &err);
	}
	return filter;
}

static struct filter *draw_compiled(struct fields *fields, enum profile profile)
{
	struct value document = filter_draw(fields, profile);
	struct filter *filter = filter_of(&document);

	value_clear(&document);
	return filter;
}

struct filter **filters_create(struct fields *fields, enum profile profile,
			       size_t len)
{
	struct filter **filters = alloc_zeroed(len, sizeof(struct filter *));

	for (size_t i = 0; i < len; i++) {
		filters[i] = draw_compiled(fields, profile);
	}
	return filters;
}

void filters_destroy(struct filter **filters, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		filter_destroy(filters[i]);
	}
	free(filters);
}
