/*
 * Where a clause is filed: the one thing that must be seen at its key before
 * the clause can hold. Private to this room.
 */
#ifndef FILTER_TERM_H
#define FILTER_TERM_H

#include "base/buf.h"
#include "filter/clause.h"
#include "filter/keys.h"

enum term_kind {
	TERM_NONE, /* no table can hold the alternative */
	TERM_EQUAL,
	TERM_FOLDED,
	TERM_AFFIX,
	TERM_GRAM, /* three bytes somewhere in the text */
	TERM_NETWORK,
	TERM_RANGE,
};

struct term {
	enum term_kind kind;
	enum affix affix;
	unsigned length; /* AFFIX: index in affix_lengths; NETWORK: bits */
	bool v6;
	uint64_t hash; /* all but RANGE: what it is listed under */
	double lower;  /* RANGE */
	double upper;
};

/* `scratch` is for folded text. */
struct term term_of(uint64_t seed, uint32_t key,
		    const struct alternative *alternative, struct buf *scratch);

/* Can each alternative be filed by itself? Else the clause is a group's. */
bool term_fits(const struct clause *clause);

/* Of the first or last `len` bytes of the text, which has so many. */
uint64_t term_affix_hash(uint64_t seed, uint32_t key, enum affix affix,
			 struct slice text, size_t len);

#define GRAM 3 /* bytes that a gram has */

uint64_t term_gram_hash(uint64_t seed, uint32_t key, const char *bytes);
uint64_t term_network_hash(uint64_t seed, uint32_t key, bool v6, unsigned bits,
			   const unsigned char *address);

/* The text folded into `scratch`, valid until that changes. */
struct slice term_fold(struct slice text, struct buf *scratch);

/* Of the whole clause; equal clauses of one key have equal hashes. */
uint64_t term_clause_hash(uint64_t seed, uint32_t key,
			  const struct clause *clause);
bool term_clauses_equal(const struct clause *a, const struct clause *b);

#endif
