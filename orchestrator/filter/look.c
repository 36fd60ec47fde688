#include "filter/look.h"

#include <string.h>

const struct value *step_next(struct step *step, const struct clause *clause,
			      const struct value *map, struct rest *ret_rest)
{
	struct slice path = clause->path;
	const char *start = path.ptr + step->from.at;

	if (step->from.ended) {
		return NULL;
	}
	while (step->tried <= path.len) {
		const char *from = path.ptr + step->tried;
		const char *dot = memchr(from, '.', path.len - step->tried);
		const char *end = dot ? dot : path.ptr + path.len;
		struct slice key = { start, (size_t)(end - start) };
		const struct value *found = value_get_slice(map, key);

		step->tried = (size_t)(end - path.ptr) + 1;
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
	struct value *list; /* NULL: test leaves; else collect them here */
	size_t max;
	const struct value *value; /* the first at the path, when collecting */
};

static void look_below(struct look *look, const struct value *value,
		       struct rest rest, enum reach reach);

static void look_leaf(struct look *look, const struct value *leaf,
		      enum reach reach)
{
	if (look->sight.leaves++ == 0) {
		look->sight.first = leaf;
	}
	if (look->list) {
		if (value_len(look->list) < look->max) {
			value_push(look->list, value_copy(leaf));
		}
	} else if (reach > look->sight.reach &&
		   clause_accepts(look->clause, leaf)) {
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
		if (look->list && after.ended && !look->value) {
			look->value = child;
		}
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

const struct value *look_at(const struct value *given)
{
	static const struct value none;

	if (!given || given->type == VALUE_NULL) {
		return &none;
	}
	return given->type == VALUE_MAP ? given : NULL;
}

struct sight clause_judge(const struct clause *clause,
			  const struct value *attributes)
{
	struct sight sight = { .reach = REACH_NONE };

	if (!attributes) {
		return sight;
	}
	sight = clause_look(clause, attributes, (struct rest){ .at = 0 });
	if (sight.leaves == 0 && clause->absent) {
		sight.reach = REACH_FREE;
	}
	return sight;
}

size_t clause_leaves(const struct clause *clause,
		     const struct value *attributes, struct value *list,
		     size_t max)
{
	struct look look = {
		.clause = clause,
		.list = list,
		.max = max,
	};

	if (attributes) {
		look_below(&look, attributes, (struct rest){ .at = 0 },
			   REACH_FREE);
	}
	return look.sight.leaves;
}

const struct value *clause_value(const struct clause *clause,
				 const struct value *attributes)
{
	struct value none = value_array();
	struct look look = { .clause = clause, .list = &none };

	if (attributes) {
		look_below(&look, attributes, (struct rest){ .at = 0 },
			   REACH_FREE);
	}
	value_clear(&none);
	return look.value;
}
