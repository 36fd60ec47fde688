/*
 * Shapes that break other matchers: the adversarial ones of the specification,
 * and what comes near this one's own limits.
 */
#ifndef WORKLOAD_SHAPES_H
#define WORKLOAD_SHAPES_H

#include "document/value.h"
#include "workload/dice.h"

struct shape {
	const char *name;
	size_t filters;
	size_t events;
	/* The i-th of them. */
	struct value (*filter)(struct dice *dice, size_t i);
	struct value (*event)(struct dice *dice, size_t i);
};

/* Ends with one without a name. */
extern const struct shape shapes_specified[];
extern const struct shape shapes_hostile[];

/* {"key": list}, {"operator": operand}, and a list of one. */
struct value shape_pair(const char *key, struct value item);
struct value shape_list(struct value item);

/* {"key": [{"operator": operand}]} */
struct value shape_clause(const char *key, const char *operator,
			  struct value operand);

/* `len` letters a to z. */
struct value shape_letters(struct dice *dice, size_t len);

/* "v123" */
struct value shape_word(uint32_t number);

/* `depth` levels of $or with four branches each; a tree whose leaves are
 * 4^depth conjunctions. The i-th differs in its operands. */
struct value shape_or(unsigned depth, size_t i);

#endif
