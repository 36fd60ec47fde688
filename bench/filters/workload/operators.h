/*
 * One key of a random filter: an operator of the workload's mix on a field
 * that suits it.
 */
#ifndef WORKLOAD_OPERATORS_H
#define WORKLOAD_OPERATORS_H

#include "workload/fields.h"

/* A list with one string, number or literal, drawn as an event draws it. */
struct value clause_exact(struct fields *fields, enum field field);

/*
 * Any operator of the mix. `used` is a set of fields, by bit: the field chosen
 * was not in it and is added.
 */
struct value clause_draw(struct fields *fields, uint32_t *used,
			 enum field *ret_field);

#endif
