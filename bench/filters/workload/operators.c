#include "workload/operators.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

#define BIT(field) (1u << (field))

/* What filters name a few of, and events carry often. */
#define COMMON                                                           \
	(BIT(FIELD_EVENT_TYPE) | BIT(FIELD_SOURCE) | BIT(FIELD_REGION) | \
	 BIT(FIELD_STATUS))

typedef struct value draw_function(struct fields *fields, enum field field);

/* {"operator": operand} */
static struct value operation(const char *name, struct value operand)
{
	struct value map = value_map();

	value_set(&map, name, operand);
	return map;
}

static struct value part(struct value whole, size_t from, size_t len)
{
	struct slice text = whole.as.text;
	size_t start = from < text.len ? from : text.len;
	size_t rest = text.len - start;
	struct value result = value_string(
	    (struct slice){ text.ptr + start, len < rest ? len : rest });

	value_clear(&whole);
	return result;
}

static struct value draw_list(struct fields *fields, enum field field)
{
	struct value list = value_array();

	for (uint32_t i = dice_between(&fields->dice, 2, 8); i; i--) {
		value_push(&list, fields_draw(fields, field));
	}
	return list;
}

static struct value draw_start(struct fields *fields, enum field field)
{
	size_t len = field == FIELD_SOURCE     ? 5
		     : field == FIELD_CUSTOMER ? 4
		     : field == FIELD_TENANT   ? 9
					       : 4;

	return part(fields_draw(fields, field), 0,
		    len + dice_below(&fields->dice, 2));
}

static struct value draw_prefix(struct fields *fields, enum field field)
{
	return operation("prefix", draw_start(fields, field));
}

static struct value draw_suffix(struct fields *fields, enum field field)
{
	struct value file = fields_draw(fields, field);
	size_t len = file.as.text.len;
	const char *dot = memchr(file.as.text.ptr, '.', len);
	size_t at = (size_t)(dot - file.as.text.ptr);

	return operation("suffix",
			 part(file, at - dice_below(&fields->dice, 2), len));
}

static struct value draw_ignore_case(struct fields *fields, enum field field)
{
	struct value drawn = fields_draw(fields, field);
	char text[64];
	size_t len = drawn.as.text.len;

	for (size_t i = 0; i < len; i++) {
		int letter = (unsigned char)drawn.as.text.ptr[i];

		text[i] =
		    (char)(dice_chance(&fields->dice, 0.5) ? toupper(letter)
							   : tolower(letter));
	}
	value_clear(&drawn);
	return operation("equals-ignore-case",
			 value_string((struct slice){ text, len }));
}

/* Of "/data/07/job00107.csv": "/data/07/ *.csv", "*job001*.csv", "*07.csv". */
static struct value draw_wildcard(struct fields *fields, enum field field)
{
	struct value drawn = fields_draw(fields, field);
	char file[64];
	char text[96];

	(void)snprintf(file, sizeof(file), "%.*s", SLICE_ARG(drawn.as.text));
	value_clear(&drawn);
	switch (dice_below(&fields->dice, 3)) {
	case 0:
		(void)snprintf(text, sizeof(text), "%.9s*%s", file,
			       strchr(file, '.'));
		break;
	case 1:
		(void)snprintf(text, sizeof(text), "*%.6s*%s", file + 9,
			       strchr(file, '.'));
		break;
	default:
		(void)snprintf(text, sizeof(text), "*%s",
			       strchr(file, '.') - 2);
		break;
	}
	return operation("wildcard", value_text(text));
}

static struct value draw_range(struct fields *fields, enum field field)
{
	struct value a = fields_draw(fields, field);
	struct value b = fields_draw(fields, field);
	int order = value_compare_numbers(&a, &b);
	struct value list = value_array();

	if (order == 0 || dice_chance(&fields->dice, 0.3)) {
		value_push(&list, value_text(order < 0 ? ">=" : "<"));
		value_push(&list, a);
	} else {
		value_push(&list, value_text(">="));
		value_push(&list, order < 0 ? a : b);
		value_push(&list, value_text("<"));
		value_push(&list, order < 0 ? b : a);
	}
	return operation("numeric", list);
}

static struct value draw_but(struct fields *fields, enum field field)
{
	struct value list = value_array();

	for (uint32_t i = dice_between(&fields->dice, 1, 3); i; i--) {
		value_push(&list, fields_draw(fields, field));
	}
	return operation("anything-but", list);
}

static struct value draw_but_prefix(struct fields *fields, enum field field)
{
	return operation("anything-but",
			 operation("prefix", draw_start(fields, field)));
}

static struct value draw_present(struct fields *fields, enum field field)
{
	(void)fields;
	(void)field;
	return operation("exists", value_bool(true));
}

static struct value draw_absent(struct fields *fields, enum field field)
{
	(void)fields;
	(void)field;
	return operation("exists", value_bool(false));
}

static struct value draw_network(struct fields *fields, enum field field)
{
	struct value address = fields_draw(fields, field);
	char text[64];

	(void)snprintf(text, sizeof(text), "%.*s/%u",
		       SLICE_ARG(address.as.text),
		       dice_between(&fields->dice, 9, 16));
	value_clear(&address);
	return operation("cidr", value_text(text));
}

struct row {
	double weight;
	draw_function *draw;
	uint32_t fields; /* a set, by bit */
};

static const struct row rows[] = {
	{ 0.45, fields_draw,
	  COMMON | BIT(FIELD_PRIORITY) | BIT(FIELD_CANARY) | BIT(FIELD_TAGS) },
	{ 0.15, draw_list, COMMON | BIT(FIELD_TAGS) },
	{ 0.08, draw_prefix,
	  BIT(FIELD_SKU) | BIT(FIELD_SOURCE) | BIT(FIELD_CUSTOMER) },
	{ 0.04, draw_suffix, BIT(FIELD_FILE) },
	{ 0.03, draw_ignore_case, COMMON },
	{ 0.03, draw_wildcard, BIT(FIELD_FILE) },
	{ 0.10, draw_range, BIT(FIELD_AMOUNT) | BIT(FIELD_LATENCY) },
	{ 0.05, draw_but, COMMON },
	{ 0.01, draw_but_prefix, BIT(FIELD_SKU) | BIT(FIELD_TENANT) },
	{ 0.02, draw_present,
	  BIT(FIELD_ERROR_CODE) | BIT(FIELD_CANARY) | BIT(FIELD_TAGS) },
	{ 0.02, draw_absent,
	  BIT(FIELD_ERROR_CODE) | BIT(FIELD_CANARY) | BIT(FIELD_FILE) },
	{ 0.02, draw_network, BIT(FIELD_CLIENT_IP) },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct row *draw_row(struct dice *dice, uint32_t used)
{
	double weights[ROWS];

	for (size_t i = 0; i < ROWS; i++) {
		weights[i] = rows[i].fields & ~used ? rows[i].weight : 0;
	}
	return &rows[dice_weighted(dice, weights, ROWS)];
}

static enum field draw_field(struct dice *dice, uint32_t set)
{
	for (;;) {
		enum field field = (enum field)dice_below(dice, FIELDS);

		if (set & BIT(field)) {
			return field;
		}
	}
}

static struct value as_list(struct value item)
{
	struct value list = item;

	if (item.type != VALUE_ARRAY) {
		list = value_array();
		value_push(&list, item);
	}
	return list;
}

struct value clause_exact(struct fields *fields, enum field field)
{
	return as_list(fields_draw(fields, field));
}

struct value clause_draw(struct fields *fields, uint32_t *used,
			 enum field *ret_field)
{
	const struct row *row = draw_row(&fields->dice, *used);

	*ret_field = draw_field(&fields->dice, row->fields & ~*used);
	*used |= BIT(*ret_field);
	return as_list(row->draw(fields, *ret_field));
}
