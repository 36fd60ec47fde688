#include "filter/clause.h"

#include <string.h>

bool value_is_leaf(const struct value *value)
{
	switch (value->type) {
	case VALUE_ARRAY:
	case VALUE_MAP:
	case VALUE_BYTES:
		return false;
	default:
		return true;
	}
}

static bool has_prefix(const struct value *leaf, const struct value *prefix)
{
	return leaf->type == VALUE_STRING &&
	       slice_starts_with(leaf->as.text, prefix->as.text);
}

static bool in_range(const struct value *leaf, const struct bound *lower,
		     const struct bound *upper)
{
	if (!value_is_number(leaf)) {
		return false;
	}
	if (lower->number) {
		int order = value_compare_numbers(leaf, lower->number);

		if (order < 0 || (order == 0 && !lower->inclusive)) {
			return false;
		}
	}
	if (upper->number) {
		int order = value_compare_numbers(leaf, upper->number);

		if (order > 0 || (order == 0 && !upper->inclusive)) {
			return false;
		}
	}
	return true;
}

/* Is the leaf one of the operand, which is a single one or a list? */
static bool is_any(const struct value *leaf, const struct value *operand,
		   bool (*test)(const struct value *, const struct value *))
{
	if (operand->type != VALUE_ARRAY) {
		return test(leaf, operand);
	}
	for (size_t i = 0; i < value_len(operand); i++) {
		if (test(leaf, value_at(operand, i))) {
			return true;
		}
	}
	return false;
}

static bool alternative_accepts(const struct alternative *alternative,
				const struct value *leaf)
{
	switch (alternative->kind) {
	case ALTERNATIVE_EQUAL:
		return value_equal(leaf, alternative->operand);
	case ALTERNATIVE_PREFIX:
		return has_prefix(leaf, alternative->operand);
	case ALTERNATIVE_RANGE:
		return in_range(leaf, &alternative->lower, &alternative->upper);
	case ALTERNATIVE_EXISTS:
		return true;
	case ALTERNATIVE_ABSENT:
		return false;
	case ALTERNATIVE_BUT:
		return !is_any(leaf, alternative->operand, value_equal);
	case ALTERNATIVE_BUT_PREFIX:
		return !is_any(leaf, alternative->operand, has_prefix);
	}
	return false;
}

bool clause_accepts(const struct clause *clause, const struct value *leaf)
{
	for (size_t i = 0; i < clause->len; i++) {
		if (alternative_accepts(&clause->alternatives[i], leaf)) {
			return true;
		}
	}
	return false;
}

const struct value *step_next(struct step *step, const struct clause *clause,
			      const struct value *map, struct rest *ret_rest)
{
	const char *start = clause->path + step->from.at;

	if (step->from.ended) {
		return NULL;
	}
	while (step->tried <= clause->path_len) {
		const char *from = clause->path + step->tried;
		const char *dot =
		    memchr(from, '.', clause->path_len - step->tried);
		const char *end = dot ? dot : clause->path + clause->path_len;
		struct slice key = { start, (size_t)(end - start) };
		const struct value *found = value_get_slice(map, key);

		step->tried = (size_t)(end - clause->path) + 1;
		if (found) {
			*ret_rest = (struct rest){
				.at = step->tried,
				.ended = !dot,
			};
			return found;
		}
	}
	return NULL;
}

struct look {
	const struct clause *clause;
	struct sight sight;
};

static void look_below(struct look *look, const struct value *value,
		       struct rest rest, enum reach reach);

static void look_leaf(struct look *look, const struct value *leaf,
		      enum reach reach)
{
	if (look->sight.leaves++ == 0) {
		look->sight.first = leaf;
	}
	if (reach > look->sight.reach && clause_accepts(look->clause, leaf)) {
		look->sight.reach = reach;
	}
}

static void look_map(struct look *look, const struct value *map,
		     struct rest rest, enum reach reach)
{
	struct step step = { .from = rest, .tried = rest.at };
	struct rest after;
	const struct value *child;

	while ((child = step_next(&step, look->clause, map, &after))) {
		look_below(look, child, after, reach);
	}
}

/* Scalars of a list bind nothing; what is inside an element does. */
static void look_list(struct look *look, const struct value *list,
		      struct rest rest, enum reach reach)
{
	for (size_t i = 0; i < value_len(list); i++) {
		const struct value *item = value_at(list, i);

		look_below(look, item, rest,
			   value_is_leaf(item) ? reach : REACH_BOUND);
	}
}

static void look_below(struct look *look, const struct value *value,
		       struct rest rest, enum reach reach)
{
	if (look->sight.reach == REACH_FREE) {
		return;
	}
	look->sight.work++;
	if (value->type == VALUE_MAP) {
		look_map(look, value, rest, reach);
	} else if (value->type == VALUE_ARRAY) {
		look_list(look, value, rest, reach);
	} else if (rest.ended && value_is_leaf(value)) {
		look_leaf(look, value, reach);
	}
}

struct sight clause_look(const struct clause *clause, const struct value *value,
			 struct rest rest)
{
	struct look look = { .clause = clause };

	look_below(&look, value, rest, REACH_FREE);
	return look.sight;
}
