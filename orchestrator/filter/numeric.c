#include "filter/compile.h"

#include <assert.h>

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

static const struct comparison *comparison_find(const struct value *name)
{
	for (size_t i = 0; i < COMPARISONS; i++) {
		if (name->type == VALUE_STRING &&
		    slice_is(name->as.text, comparisons[i].name)) {
			return &comparisons[i];
		}
	}
	return NULL;
}

/* The pair at list[index]: an operator and its number. */
static int pair_read(struct compiler *compiler, const struct value *list,
		     size_t index, struct alternative *alternative,
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
		alternative->lower.number = number;
		alternative->lower.inclusive = comparison->inclusive;
	}
	if (comparison->side != SIDE_LOWER) {
		alternative->upper.number = number;
		alternative->upper.inclusive = comparison->inclusive;
	}
	*ret_comparison = comparison;
	return 0;
}

static int second_read(struct compiler *compiler, const struct value *list,
		       const struct comparison *first,
		       struct alternative *alternative)
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
	int rc = pair_read(compiler, list, 2, alternative, &second);

	if (rc) {
		return rc;
	}
	if (value_compare_numbers(alternative->lower.number,
				  alternative->upper.number) >= 0) {
		return compiler_fail(
		    compiler, E_INVALID,
		    "the lower bound must be less than the upper one");
	}
	return 0;
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
	ret_alternative->kind = ALTERNATIVE_RANGE;
	int rc = pair_read(compiler, operand, 0, ret_alternative, &first);

	if (rc || len == 2) {
		return rc;
	}
	if (len > 4) {
		return compiler_fail(compiler, E_INVALID,
				     "expected at most two comparisons");
	}
	assert(first);
	return second_read(compiler, operand, first, ret_alternative);
}
