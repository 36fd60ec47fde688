/*
 * The attributes of the workload: which there are, how often an event carries
 * them, and what stands there. The numbers are those of
 * tests/data/filters/workload_spec.json.
 */
#ifndef WORKLOAD_FIELDS_H
#define WORKLOAD_FIELDS_H

#include "document/value.h"
#include "workload/dice.h"

enum field {
	FIELD_EVENT_TYPE,
	FIELD_SOURCE,
	FIELD_REGION,
	FIELD_TENANT,
	FIELD_CUSTOMER,
	FIELD_SKU,
	FIELD_FILE,
	FIELD_STATUS,
	FIELD_PRIORITY,
	FIELD_AMOUNT,
	FIELD_LATENCY,
	FIELD_CLIENT_IP,
	FIELD_TAGS,
	FIELD_CANARY,
	FIELD_ERROR_CODE,
	FIELDS,
};

#define NOISE_KEYS 35
#define TAGS_MAX   6

/* Draws of one seed. Owns its tables. */
struct fields {
	struct dice dice;
	struct zipf zipfs[FIELDS]; /* empty for what is not drawn so */
};

void fields_init(struct fields *fields, uint64_t seed);
void fields_fini(struct fields *fields);

const char *field_name(enum field field);
double field_present(enum field field);  /* the share of events with it */
uint32_t field_values(enum field field); /* 0: not counted */

/* The i-th value of a field of texts; for tags, one tag. */
struct value field_value_at(enum field field, uint32_t i);

/* Drawn as an event draws it; for tags, one tag. */
struct value fields_draw(struct fields *fields, enum field field);

/* What an event carries: the same but for tags, which are a list. */
struct value fields_draw_member(struct fields *fields, enum field field);

#endif
