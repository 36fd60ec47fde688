#include "document/value.h"

#define TWO_TO_63 9223372036854775808.0
#define TWO_TO_64 18446744073709551616.0

bool value_is_number(const struct value *value)
{
	return value->type == VALUE_INT || value->type == VALUE_UINT ||
	       value->type == VALUE_DOUBLE;
}

double value_as_double(const struct value *value)
{
	switch (value->type) {
	case VALUE_INT:
		return (double)value->as.integer;
	case VALUE_UINT:
		return (double)value->as.unsigned_integer;
	case VALUE_DOUBLE:
		return value->as.number;
	default:
		return 0;
	}
}

static int order_doubles(double a, double b)
{
	return (a > b) - (a < b);
}

/* Converting the integer would round it, so the double is cut instead. */
static int order_int_double(int64_t integer, double number)
{
	if (number >= TWO_TO_63) {
		return -1;
	}
	if (number < -TWO_TO_63) {
		return 1;
	}
	int64_t whole = (int64_t)number;

	if (integer != whole) {
		return integer < whole ? -1 : 1;
	}
	return order_doubles((double)whole, number);
}

static int order_uint_double(uint64_t integer, double number)
{
	if (number >= TWO_TO_64) {
		return -1;
	}
	if (number < 0) {
		return 1;
	}
	uint64_t whole = (uint64_t)number;

	if (integer != whole) {
		return integer < whole ? -1 : 1;
	}
	return order_doubles((double)whole, number);
}

static int order_with_double(const struct value *a, double number)
{
	if (a->type == VALUE_DOUBLE) {
		return order_doubles(a->as.number, number);
	}
	return a->type == VALUE_INT
		   ? order_int_double(a->as.integer, number)
		   : order_uint_double(a->as.unsigned_integer, number);
}

static int order_uint_int(uint64_t a, int64_t b)
{
	if (b < 0) {
		return 1;
	}
	return (a > (uint64_t)b) - (a < (uint64_t)b);
}

int value_compare_numbers(const struct value *a, const struct value *b)
{
	if (!value_is_number(a) || !value_is_number(b)) {
		return 0;
	}
	if (b->type == VALUE_DOUBLE) {
		return order_with_double(a, b->as.number);
	}
	if (a->type == VALUE_DOUBLE) {
		return -order_with_double(b, a->as.number);
	}
	if (a->type == VALUE_INT && b->type == VALUE_INT) {
		return (a->as.integer > b->as.integer) -
		       (a->as.integer < b->as.integer);
	}
	if (a->type == VALUE_INT) {
		return -order_uint_int(b->as.unsigned_integer, a->as.integer);
	}
	if (b->type == VALUE_INT) {
		return order_uint_int(a->as.unsigned_integer, b->as.integer);
	}
	return (a->as.unsigned_integer > b->as.unsigned_integer) -
	       (a->as.unsigned_integer < b->as.unsigned_integer);
}
