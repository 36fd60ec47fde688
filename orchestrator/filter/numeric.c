#include "filter/compile.h"

#include <assert.h>

#include "document/json.h"

enum side { SIDE_LOWER, SIDE_UPPER, SIDE_BOTH };

static const struct comparison {
	const char *name;
	enum side side;
	bool inclusive;
} comparisons[] = {
	{
	    .name = "=",
	    .side = SIDE_BOTH,
	    .inclusive = true,
	},
	{
	    .name = "<",
	    .side = SIDE_UPPER,
	},
	{
	    .name = "<=",
	    .side = SIDE_UPPER,
	    .inclusive = true,
	},
	{
	    .name = ">",
	    .side = SIDE_LOWER,
	},
	{
	    .name = ">=",
	    .side = SIDE_LOWER,
	    .inclusive = true,
	},
};

#define COMPARISONS (sizeof(comparisons) / sizeof(comparisons[0]))

static int fail_at(struct compiler *compiler, size_t index,
		   const char *expected, const struct value *found)
{
	compiler_enter(compiler, index);
	if (found->type == VALUE_STRING) {
		return compiler_fail(compiler, E_INVALID,
				     "expected %s, found '%.*s'", expected,
				     SLICE_ARG(found->as.text));
	}
	return compiler_fail(compiler, E_INVALID, "expected %s, found %s",
			     expected, value_type_name(found));
}

static const struct comparison *comparison_named(struct slice name)
{
	for (size_t i = 0; i < COMPARISONS; i++) {
		if (slice_is(name, comparisons[i].name)) {
			return &comparisons[i];
		}
	}
	return NULL;
}

static const struct comparison *comparison_find(const struct value *name)
{
	return name->type == VALUE_STRING ? comparison_named(name->as.text)
					  : NULL;
}

bool numeric_is_comparison(struct slice name)
{
	return comparison_named(name) != NULL;
}

/* The pair at list[index]: an operator and its number. */
static int pair_read(struct compiler *compiler, const struct value *list,
		     size_t index, struct range *range,
		     const struct comparison **ret_comparison)
{
	const struct value *name = value_at(list, index);
	const struct value *number = value_at(list, index + 1);
	const struct comparison *comparison = comparison_find(name);

	if (!comparison) {
		return fail_at(compiler, index, "one of = < <= > >=", name);
	}
	if (!number) {
		return compiler_fail(compiler, E_INVALID,
				     "a number must follow '%s'",
				     comparison->name);
	}
	if (!value_is_number(number)) {
		return fail_at(compiler, index + 1, "a number", number);
	}
	if (comparison->side != SIDE_UPPER) {
		range->lower.number = *number;
		range->lower.inclusive = comparison->inclusive;
	}
	if (comparison->side != SIDE_LOWER) {
		range->upper.number = *number;
		range->upper.inclusive = comparison->inclusive;
	}
	*ret_comparison = comparison;
	return 0;
}

static int fail_empty(struct compiler *compiler, const struct range *range,
		      bool equal)
{
	struct buf instead = { 0 };

	if (equal && range->lower.inclusive && range->upper.inclusive) {
		buf_put_text(&instead, "; write [\"=\", ");
		json_write(&instead, &range->lower.number, JSON_COMPACT);
		buf_put_byte(&instead, ']');
	}
	int rc =
	    compiler_fail(compiler, E_INVALID,
			  "the lower bound must be less than the upper one%.*s",
			  SLICE_ARG(buf_slice(&instead)));

	buf_fini(&instead);
	return rc;
}

static int second_read(struct compiler *compiler, const struct value *list,
		       const struct comparison *first, struct range *range)
{
	const struct comparison *second;
	const struct value *name = value_at(list, 2);

	if (first->side == SIDE_BOTH) {
		return compiler_fail(compiler, E_INVALID,
				     "nothing may follow '=' and its number");
	}
	if (first->side == SIDE_UPPER) {
		return compiler_fail(compiler, E_INVALID,
				     "the lower bound (> or >=) comes first");
	}
	second = comparison_find(name);
	if (!second || second->side != SIDE_UPPER) {
		return fail_at(compiler, 2, "< or <=", name);
	}
	int rc = pair_read(compiler, list, 2, range, &second);

	if (rc) {
		return rc;
	}
	int order =
	    value_compare_numbers(&range->lower.number, &range->upper.number);

	return order < 0 ? 0 : fail_empty(compiler, range, order == 0);
}

int numeric_compile(struct compiler *compiler, const struct value *operand,
		    struct alternative *ret_alternative)
{
	const struct comparison *first = NULL;
	size_t len = value_len(operand);

	if (operand->type != VALUE_ARRAY || len == 0) {
		return compiler_fail(compiler, E_INVALID,
				     "expected a list such as [\">\", 0, "
				     "\"<=\", 100], found %s",
				     operand->type == VALUE_ARRAY
					 ? "an empty one"
					 : value_type_name(operand));
	}
	struct range *range =
	    scratch_take(&compiler->scratch, 1, sizeof(*range));

	compiler->parts.ranges++;
	ret_alternative->kind = ALTERNATIVE_RANGE;
	ret_alternative->as.range = range;
	int rc = pair_read(compiler, operand, 0, range, &first);

	if (rc || len == 2) {
		return rc;
	}
	if (len > 4) {
		return compiler_fail(compiler, E_INVALID,
				     "expected at most two comparisons");
	}
	assert(first);
	return second_read(compiler, operand, first, range);
}
