/*
 * A filter taken apart: private to this room. A filter is a conjunction of
 * clauses; a clause is a path and what may stand there.
 */
#ifndef FILTER_CLAUSE_H
#define FILTER_CLAUSE_H

#include "filter/filter.h"

enum alternative_kind {
	ALTERNATIVE_EQUAL,
	ALTERNATIVE_PREFIX,
	ALTERNATIVE_RANGE,
	ALTERNATIVE_EXISTS,
	ALTERNATIVE_ABSENT,
	ALTERNATIVE_BUT,        /* anything but these values */
	ALTERNATIVE_BUT_PREFIX, /* anything but with these prefixes */
};

struct bound {
	const struct value *number; /* NULL: none */
	bool inclusive;
};

/* Operands are borrowed from the clause's `wanted`. */
struct alternative {
	enum alternative_kind kind;
	const struct value *operand; /* BUT and BUT_PREFIX: one or a list */
	struct bound lower;          /* RANGE */
	struct bound upper;
};

struct clause {
	char *path; /* keys joined with dots */
	size_t path_len;
	struct alternative *alternatives;
	size_t len;
	bool absent;         /* no value at all satisfies it */
	struct value wanted; /* the list as written */
};

struct filter {
	struct clause *clauses;
	size_t len;
};

/* Does the leaf satisfy any of the clause's alternatives? */
bool clause_accepts(const struct clause *clause, const struct value *leaf);

/* Strings, numbers, booleans and null are leaves; bytes are ignored. */
bool value_is_leaf(const struct value *value);

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
 * and "a.b.c". Steps through those that the map has: `cursor` starts as the
 * rest to look up and is moved past the key found. NULL at the end.
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
	REACH_FREE,  /* also by one outside of any */
};

struct sight {
	enum reach reach;
	size_t leaves;             /* seen before it was decided */
	const struct value *first; /* the first of them */
	size_t work;               /* values passed on the way */
};

struct sight clause_look(const struct clause *clause, const struct value *value,
			 struct rest rest);

/*
 * Clauses that lists satisfy must agree on the elements they use: is there a
 * choice of one element per list that satisfies them all?
 */
bool clauses_agree(const struct clause *const *clauses, size_t len,
		   const struct value *attributes);

#endif
