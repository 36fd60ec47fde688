#include "filter/look.h"

#include <stdlib.h>

#include "base/alloc.h"

/*
 * Every clause is a goal that must be reached below the value at hand. A goal
 * alone is decided by clause_look(), so all that is left to do is to go down
 * where several goals share a list and find one element that serves them all.
 * Goals that go to different members of a map do not meet again.
 *
 * Only documents that spell one path in two ways, {"a": {"b": 1}, "a.b": 2},
 * leave a choice of member. The first choice is followed to its end; the work
 * on all others is bounded, because whoever writes the attributes could make it
 * endless, and beyond the bound nothing agrees.
 */
#define WORK_MAX 100000

struct goal {
	const struct clause *clause;
	struct rest rest;
	/* Below a map: the member chosen for it, and the choice after it. */
	const struct value *member;
	struct rest member_rest;
	struct step step;
};

struct agreement {
	struct goal *goals; /* a stack; each level works on its own part */
	size_t len;
	size_t cap;
	bool tried;  /* a first choice, which did not work out */
	size_t work; /* since then */
};

static bool agree_below(struct agreement *agreement, const struct value *value,
			size_t first, size_t end);

static bool reaches(struct agreement *agreement, const struct clause *clause,
		    const struct value *value, struct rest rest)
{
	struct sight sight = clause_look(clause, value, rest);

	agreement->work += agreement->tried ? sight.work : 0;
	return sight.reach != REACH_NONE && agreement->work <= WORK_MAX;
}

static void push(struct agreement *agreement, const struct clause *clause,
		 struct rest rest)
{
	alloc_grow(agreement->goals, agreement->len, agreement->cap);
	agreement->goals[agreement->len++] = (struct goal){
		.clause = clause,
		.rest = rest,
	};
}

static bool all_reach(struct agreement *agreement, const struct value *value,
		      size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		const struct goal *goal = &agreement->goals[i];

		if (!reaches(agreement, goal->clause, value, goal->rest)) {
			return false;
		}
	}
	return true;
}

/* Is a scalar of the list itself enough? It ties the goal to no element. */
static bool reaches_scalar(const struct goal *goal, const struct value *list)
{
	for (size_t i = 0; goal->rest.ended && i < value_len(list); i++) {
		const struct value *item = value_at(list, i);

		if (value_is_leaf(item) && clause_accepts(goal->clause, item)) {
			return true;
		}
	}
	return false;
}

static bool agree_list(struct agreement *agreement, const struct value *list,
		       size_t first, size_t end)
{
	size_t base = agreement->len;
	bool found = false;

	for (size_t i = first; i < end; i++) {
		if (!reaches_scalar(&agreement->goals[i], list)) {
			push(agreement, agreement->goals[i].clause,
			     agreement->goals[i].rest);
		}
	}
	size_t top = agreement->len;

	found = top == base;
	for (size_t i = 0; !found && i < value_len(list); i++) {
		const struct value *item = value_at(list, i);

		found = !value_is_leaf(item) &&
			all_reach(agreement, item, base, top) &&
			agree_below(agreement, item, base, top);
	}
	agreement->len = base;
	return found;
}

static void choose_start(struct goal *goal)
{
	goal->step = (struct step){
		.from = goal->rest,
		.tried = goal->rest.at,
	};
}

/* The next member of the map through which the goal alone is reached. */
static bool choose_next(struct agreement *agreement, size_t i,
			const struct value *map)
{
	struct goal *goal = &agreement->goals[i];

	do {
		goal->member = step_next(&goal->step, goal->clause, map,
					 &goal->member_rest);
	} while (goal->member && !reaches(agreement, goal->clause, goal->member,
					  goal->member_rest));
	return goal->member != NULL;
}

/* The next combination of members, as an odometer counts. */
static bool choose_other(struct agreement *agreement, const struct value *map,
			 size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		if (choose_next(agreement, i, map)) {
			return true;
		}
		choose_start(&agreement->goals[i]);
		if (!choose_next(agreement, i, map)) {
			return false; /* out of work */
		}
	}
	return false;
}

static bool is_leader(const struct agreement *agreement, size_t first, size_t i)
{
	for (size_t j = first; j < i; j++) {
		if (agreement->goals[j].member == agreement->goals[i].member) {
			return false;
		}
	}
	return true;
}

/* Goals that share a member with goal `i` must agree below it. */
static bool agree_member(struct agreement *agreement, size_t i, size_t end)
{
	const struct value *member = agreement->goals[i].member;
	size_t base = agreement->len;

	for (size_t j = i; j < end; j++) {
		if (agreement->goals[j].member == member) {
			push(agreement, agreement->goals[j].clause,
			     agreement->goals[j].member_rest);
		}
	}
	bool agreed = agreement->len == base + 1 ||
		      agree_below(agreement, member, base, agreement->len);

	agreement->len = base;
	return agreed;
}

static bool agree_members(struct agreement *agreement, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		if (is_leader(agreement, first, i) &&
		    !agree_member(agreement, i, end)) {
			return false;
		}
	}
	return true;
}

static bool agree_map(struct agreement *agreement, const struct value *map,
		      size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		choose_start(&agreement->goals[i]);
		if (!choose_next(agreement, i, map)) {
			return false;
		}
	}
	while (!agree_members(agreement, first, end)) {
		if (!choose_other(agreement, map, first, end)) {
			return false;
		}
		agreement->tried = true;
	}
	return true;
}

/* Each goal alone is known to be reached below `value`. */
static bool agree_below(struct agreement *agreement, const struct value *value,
			size_t first, size_t end)
{
	if (value->type == VALUE_MAP) {
		return agree_map(agreement, value, first, end);
	}
	if (value->type == VALUE_ARRAY) {
		return agree_list(agreement, value, first, end);
	}
	return true;
}

bool clauses_agree(const struct clause *const *clauses, size_t len,
		   const struct value *attributes)
{
	struct agreement agreement = { 0 };

	for (size_t i = 0; i < len; i++) {
		push(&agreement, clauses[i], (struct rest){ .at = 0 });
	}
	bool agreed = agree_below(&agreement, attributes, 0, len);

	free(agreement.goals);
	return agreed;
}
