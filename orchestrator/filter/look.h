/*
 * Walking attributes along a clause's path: private to this room.
 */
#ifndef FILTER_LOOK_H
#define FILTER_LOOK_H

#include "filter/clause.h"

/*
 * What is left of a path below some value: the text from `at` on, or nothing
 * any more.
 */
struct rest {
	size_t at;
	bool ended;
};

/*
 * Keys may hold dots, so the first key of "a.b.c" may be any of "a", "a.b"
 * and "a.b.c". Steps through those that the map has: `from` is the rest to
 * look up, `tried` starts as its `at`. NULL at the end.
 */
struct step {
	struct rest from;
	size_t tried; /* bytes of path after which the next key may end */
};

const struct value *step_next(struct step *step, const struct clause *clause,
			      const struct value *map, struct rest *ret_rest);

/* How a clause is satisfied by what is below a value. */
enum reach {
	REACH_NONE,
	REACH_BOUND, /* only by leaves inside an element of a list */
	REACH_FREE,  /* also by one outside of any, or by there being none */
};

struct sight {
	enum reach reach;
	size_t leaves;             /* seen before it was decided */
	const struct value *first; /* the first of them */
	size_t work;               /* values passed on the way */
};

/* Below `value`, where absence satisfies nothing. */
struct sight clause_look(const struct clause *clause, const struct value *value,
			 struct rest rest);

/* What is given as attributes, as the functions below take it: NULL when it
 * is neither a map nor null, which satisfies no clause at all. */
const struct value *look_at(const struct value *given);

/* In the whole of the attributes: what the clause alone says of them. */
struct sight clause_judge(const struct clause *clause,
			  const struct value *attributes);

/* Appends copies of the leaves at the path until *list holds `max`; returns
 * how many leaves there are. */
size_t clause_leaves(const struct clause *clause,
		     const struct value *attributes, struct value *list,
		     size_t max);

/* What stands at the path: the first of it, be it a leaf, a map or a list.
 * NULL: nothing. */
const struct value *clause_value(const struct clause *clause,
				 const struct value *attributes);

/*
 * Clauses that lists satisfy must agree on the elements they use: is there a
 * choice of one element per list that satisfies them all?
 */
bool clauses_agree(const struct clause *const *clauses, size_t len,
		   const struct value *attributes);

#endif
