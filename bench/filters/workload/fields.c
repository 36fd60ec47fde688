#include "workload/fields.h"

#include <math.h>
#include <stdio.h>

struct row {
	const char *name;
	double present;
	uint32_t values;
	double exponent; /* of the Zipf distribution over the values */
};

static const struct row rows[FIELDS] = {
	[FIELD_EVENT_TYPE] = { "event_type", 1.0, 200, 1.0 },
	[FIELD_SOURCE] = { "source", 1.0, 50, 1.1 },
	[FIELD_REGION] = { "region", 1.0, 20, 0.8 },
	[FIELD_TENANT] = { "tenant", 0.95, 10000, 0.9 },
	[FIELD_CUSTOMER] = { "customer", 0.9, 100000, 0.8 },
	[FIELD_SKU] = { "sku", 0.6, 5000, 0.9 },
	[FIELD_FILE] = { "file", 0.5, 20000, 0.7 },
	[FIELD_STATUS] = { "status", 0.9, 8, 0.6 },
	[FIELD_PRIORITY] = { "priority", 0.8, 0, 0 },
	[FIELD_AMOUNT] = { "amount", 0.7, 0, 0 },
	[FIELD_LATENCY] = { "latency_ms", 0.7, 0, 0 },
	[FIELD_CLIENT_IP] = { "client_ip", 0.5, 0, 0 },
	[FIELD_TAGS] = { "tags", 0.4, 1000, 1.0 },
	[FIELD_CANARY] = { "canary", 0.3, 0, 0 },
	[FIELD_ERROR_CODE] = { "error_code", 0.1, 300, 1.0 },
};

static const char *const statuses[] = {
	"ok",        "failed",  "pending", "retry",
	"Cancelled", "TIMEOUT", "skipped", "unknown",
};

static const char *const extensions[] = {
	"csv", "json", "log", "xml", "parquet", "gz", "txt", "bin",
};

void fields_init(struct fields *fields, uint64_t seed)
{
	*fields = (struct fields){ .dice = dice_init(seed) };
	for (int i = 0; i < FIELDS; i++) {
		if (rows[i].values) {
			zipf_init(&fields->zipfs[i], rows[i].values,
				  rows[i].exponent);
		}
	}
}

void fields_fini(struct fields *fields)
{
	for (int i = 0; i < FIELDS; i++) {
		zipf_fini(&fields->zipfs[i]);
	}
}

const char *field_name(enum field field)
{
	return rows[field].name;
}

double field_present(enum field field)
{
	return rows[field].present;
}

uint32_t field_values(enum field field)
{
	return rows[field].values;
}

/* 26 families of three letters. */
static void family(uint32_t i, char text[4])
{
	(void)snprintf(text, 4, "%c%c%c", 'A' + (int)(i % 26),
		       'A' + (int)((i * 7 + 3) % 26),
		       'A' + (int)((i * 11 + 5) % 26));
}

struct value field_value_at(enum field field, uint32_t i)
{
	char text[64] = "";
	char letters[4];

	switch (field) {
	case FIELD_EVENT_TYPE:
		(void)snprintf(text, sizeof(text), "et-%03u", i);
		break;
	case FIELD_SOURCE:
		(void)snprintf(text, sizeof(text), "svc.%02u.internal", i);
		break;
	case FIELD_REGION:
		(void)snprintf(text, sizeof(text), "rg-%02u", i);
		break;
	case FIELD_TENANT:
		(void)snprintf(text, sizeof(text), "tenant-%05u", i);
		break;
	case FIELD_CUSTOMER:
		(void)snprintf(text, sizeof(text), "c%06u", i);
		break;
	case FIELD_SKU:
		family(i % 26, letters);
		(void)snprintf(text, sizeof(text), "%s-%04u", letters, i);
		break;
	case FIELD_FILE:
		(void)snprintf(text, sizeof(text), "/data/%02u/job%05u.%s",
			       i % 100, i, extensions[i / 100 % 8]);
		break;
	case FIELD_STATUS:
		return value_text(statuses[i]);
	case FIELD_TAGS:
		(void)snprintf(text, sizeof(text), "tag%03u", i);
		break;
	case FIELD_ERROR_CODE:
		(void)snprintf(text, sizeof(text), "E%03u", i);
		break;
	default:
		return value_null();
	}
	return value_text(text);
}

static struct value draw_address(struct dice *dice)
{
	char text[32];
	uint32_t bits = dice_below(dice, 1u << 24);

	(void)snprintf(text, sizeof(text), "10.%u.%u.%u", bits >> 16,
		       bits >> 8 & 255, bits & 255);
	return value_text(text);
}

struct value fields_draw(struct fields *fields, enum field field)
{
	struct dice *dice = &fields->dice;

	switch (field) {
	case FIELD_PRIORITY:
		return value_int(dice_below(dice, 10));
	case FIELD_AMOUNT:
		return value_double(
		    round(dice_lognormal(dice, 4.0, 1.5) * 100) / 100);
	case FIELD_LATENCY:
		return value_int((int64_t)dice_lognormal(dice, 3.5, 1.2));
	case FIELD_CLIENT_IP:
		return draw_address(dice);
	case FIELD_CANARY:
		return value_bool(dice_chance(dice, 0.05));
	default:
		return field_value_at(field,
				      zipf_draw(&fields->zipfs[field], dice));
	}
}

struct value fields_draw_member(struct fields *fields, enum field field)
{
	if (field != FIELD_TAGS) {
		return fields_draw(fields, field);
	}
	struct value list = value_array();

	for (uint32_t i = dice_between(&fields->dice, 0, TAGS_MAX); i; i--) {
		value_push(&list, fields_draw(fields, FIELD_TAGS));
	}
	return list;
}
