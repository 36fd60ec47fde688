/*
 * A filter taken apart: private to this room.
 *
 * A filter is an OR of conjunctions ($or expanded), a conjunction an AND of
 * clauses, a clause a path and an OR of alternatives, an alternative a test of
 * one leaf. Everything stands in one block of memory, texts included, and is
 * constant once compiled.
 */
#ifndef FILTER_CLAUSE_H
#define FILTER_CLAUSE_H

#include "filter/filter.h"

enum alternative_kind {
	ALTERNATIVE_EQUAL,  /* `operand`, a string, number, bool or null */
	ALTERNATIVE_PREFIX, /* `text`; so are the next two */
	ALTERNATIVE_SUFFIX,
	ALTERNATIVE_FOLDED,        /* equals-ignore-case */
	ALTERNATIVE_FOLDED_PREFIX, /* and inside prefix and suffix */
	ALTERNATIVE_FOLDED_SUFFIX,
	ALTERNATIVE_WILDCARD, /* `pieces` */
	ALTERNATIVE_RANGE,    /* `range` */
	ALTERNATIVE_CIDR,     /* `network` */
	ALTERNATIVE_EXISTS,   /* any leaf */
	ALTERNATIVE_ABSENT,   /* no leaf: it accepts none */
	ALTERNATIVE_BUT,      /* any leaf that none of `excluded` accepts */
};

struct bound {
	struct value number; /* null: none */
	bool inclusive;
};

struct range {
	struct bound lower; /* both the same and inclusive: "=" */
	struct bound upper;
};

/* The text between two stars, unescaped. "a*b" is [a, b], "*x" is ["", x],
 * "abc" is [abc]: the first is a prefix, the last a suffix. */
struct pieces {
	const struct slice *list;
	size_t len;
};

#define ADDRESS_SIZE 16

struct network {
	unsigned char address[ADDRESS_SIZE]; /* host bits are 0; 4 bytes of v4
					      */
	uint8_t bits;                        /* of the mask */
	bool v6;
	struct slice text; /* as written */
};

struct alternative {
	enum alternative_kind kind;
	union {
		struct value operand; /* text lies in the filter's block */
		struct slice text;    /* as written, not folded */
		struct pieces pieces;
		const struct range *range;
		const struct network *network;
		/* EQUAL, PREFIX, SUFFIX, FOLDED and WILDCARD only. */
		struct {
			const struct alternative *list;
			size_t len;
			/* Written as a list? Only how it is shown. */
			bool listed;
		} excluded;
	} as;
};

struct clause {
	struct slice path; /* keys joined with dots */
	const struct alternative *alternatives;
	uint32_t len;
	bool absent; /* one of them is ABSENT: no leaf at all satisfies it */
};

struct conjunction {
	const uint32_t *clauses; /* indexes in the filter's, ascending */
	size_t len;              /* 0: matches everything */
};

struct filter {
	const struct clause *clauses;
	size_t clause_count;
	const struct conjunction *conjunctions;
	size_t conjunction_count; /* at least 1 */
	size_t size;              /* of the whole block */
};

bool alternative_accepts(const struct alternative *alternative,
			 const struct value *leaf);

/* Does the leaf satisfy any of the clause's alternatives? */
bool clause_accepts(const struct clause *clause, const struct value *leaf);

/* Strings, numbers, booleans and null are leaves; bytes are ignored. */
bool value_is_leaf(const struct value *value);

#endif
