/*
 * YAML 1.2 for people: libyaml's events made into a tree that remembers where
 * everything stood. The core schema decides types (yes, no, 010 and dates stay
 * strings; 0o17 and 0x1f are numbers); numbers that are infinite, none or do
 * not fit 64 bits are refused. Directives, tags other than the core ones and
 * !!binary, and merge keys (<<) are refused with a sentence that says what to
 * write instead; aliases are expanded within a budget; duplicate keys name both
 * places. JSON files are YAML files; but a key of more than 1,000 characters,
 * or with its colon on another line, is refused, and so are the characters
 * U+007F to U+009F, U+2028 and U+2029 where they are not escaped.
 *
 * Not thread-safe while it reads; a tree that is read is constant.
 */
#ifndef DOCUMENT_YAML_TREE_H
#define DOCUMENT_YAML_TREE_H

#include "base/err.h"
#include "document/limits.h"
#include "document/value.h"

/* Lines and columns count from 1; a column is a character, not a byte. */
struct yaml_mark {
	unsigned line;
	unsigned column;
};

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

struct yaml_node {
	enum yaml_kind kind;
	struct yaml_mark start;
	/* One past the last character; a block scalar's is on the next line. */
	struct yaml_mark end;
	/* A scalar with its resolved type, owned by the tree. */
	struct value scalar;
	bool quoted; /* or a block scalar: always a string */
	/* The text of a scalar as resolved from escapes, before typing. */
	struct slice text;
	/*
	 * Sequence: items. Mapping: keys[i] is a scalar whose `text` is the
	 * key, items[i] its value. What aliases name stands here as it is
	 * there, the same node in several places.
	 */
	struct yaml_node **keys;
	struct yaml_node **items;
	size_t len;
};

struct yaml_tree; /* owns all nodes */

struct yaml_error {
	struct yaml_mark mark;
	struct yaml_mark other; /* line 0 when there is no second place */
	char msg[300];
	char hint[200]; /* what to do; may be empty */
};

/*
 * Reads exactly one document; an empty one gives a null scalar. On failure
 * E_INVALID, E_TOO_BIG or E_NO_MEMORY and *reterr (may be NULL). limits NULL:
 * the LIMIT_CONFIG_* ones. What aliases repeat counts each time.
 */
int yaml_tree_read(struct slice text, const struct document_limits *limits,
		   struct yaml_tree **ret_tree, struct yaml_error *reterr);

const struct yaml_node *yaml_tree_root(const struct yaml_tree *tree);

/* Member of a mapping, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *mapping,
				 const char *key);

/* The subtree as a value of its own; the caller clears it. */
struct value yaml_to_value(const struct yaml_node *node);

/* NULL is fine. */
void yaml_tree_destroy(struct yaml_tree *tree);

#endif
