/*
 * Compiling, between the walk over a filter's maps, the table of operators and
 * the block in which all of it ends: private to this room.
 */
#ifndef FILTER_COMPILE_H
#define FILTER_COMPILE_H

#include "filter/clause.h"
#include "filter/scratch.h"

/* How many of each kind the finished filter holds. */
struct parts {
	size_t clauses;
	size_t alternatives; /* those in anything-but among them */
	size_t ranges;
	size_t networks;
	size_t pieces;
	size_t text; /* bytes */
};

/*
 * The filter as a tree: clauses, and ANDs and ORs of what is below them. It
 * says how many conjunctions it would be expanded to, and how many clauses
 * these would hold together, before that is done.
 */
enum node_kind { NODE_CLAUSE, NODE_AND, NODE_OR };

struct node {
	enum node_kind kind;
	struct clause clause; /* NODE_CLAUSE; so are the next two */
	uint32_t index;
	struct node *next_clause; /* in order of the document */
	struct node *first;       /* below */
	struct node *last;
	struct node *next; /* beside */
	size_t conjunctions;
	size_t clauses; /* of all conjunctions together */
};

struct compiler {
	const struct value *document;
	struct filter_fault fault; /* where the walk stands */
	size_t alternatives;       /* so far, for the limit */
	struct buf path;
	size_t keys; /* that the path is made of */
	size_t maps; /* round the place where the walk stands */
	size_t ors;  /* likewise */
	struct scratch scratch;
	struct parts parts;
	struct node *first_clause;
	struct node *last_clause;
	struct err *reterr;
};

void compiler_enter(struct compiler *compiler, size_t index);
void compiler_leave(struct compiler *compiler);

/* Fill the error with "filter.path: sentence" and return its code. */
int compiler_fail(struct compiler *compiler, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, blaming the key where the walk stands. */
int compiler_fail_key(struct compiler *compiler, int code, const char *format,
		      ...) __attribute__((format(printf, 3, 4)));

/* Counts `more` operands against the limit. */
int compiler_count(struct compiler *compiler, size_t more);

/* Fails for what is no string or too long a one; else *ret_text is its text,
 * which lives as long as the document. */
int compiler_text(struct compiler *compiler, const struct value *operand,
		  struct slice *ret_text);

/* A map's entries, all of which must hold. */
int map_compile(struct compiler *compiler, const struct value *map,
		struct node **ret_node);

/* A list of maps, one of which must hold. */
int or_compile(struct compiler *compiler, const struct value *list,
	       struct node **ret_node);

struct node *node_create(struct compiler *compiler, enum node_kind kind);

/* Puts it under the AND or OR. E_TOO_BIG. */
int node_add(struct compiler *compiler, struct node *parent,
	     struct node *child);

/* {"prefix": ...} and the like; the walk stands at the map. */
int operator_compile(struct compiler *compiler, const struct value *map,
		     struct alternative *ret_alternative);

/* The same inside anything-but. */
int operator_compile_excluded(struct compiler *compiler,
			      const struct value *map, struct alternative *but);

/* Makes `but` an anything-but with room for its operand, or for each of them
 * when it is a list. */
int excluded_create(struct compiler *compiler, const struct value *operand,
		    struct alternative *but, struct alternative **ret_list);

bool operator_is_name(struct slice name);

/* Also the comparisons of "numeric", and names that others use. */
bool operator_is_reserved(struct slice name);

/* The right sides of operators. */
typedef int operand_compile(struct compiler *compiler,
			    const struct value *operand,
			    struct alternative *ret_alternative);

operand_compile equal_compile; /* a value as it stands */
operand_compile numeric_compile;
operand_compile wildcard_compile;
operand_compile cidr_compile;
operand_compile anything_but_compile;

bool numeric_is_comparison(struct slice name);

/* The block with everything that the tree holds. */
struct filter *filter_seal(const struct compiler *compiler,
			   const struct node *root);

#endif
