/*
 * What the files of the YAML reader share. Inside this room only.
 */
#ifndef DOCUMENT_YAML_PRIVATE_H
#define DOCUMENT_YAML_PRIVATE_H

#include "document/yaml_surrogate.h"
#include "document/yaml_tree.h"

/* The public node comes first, so that a pointer to one is one to the other. */
struct yaml_cell {
	struct yaml_node node;
	size_t cap;
	/* Of the subtree with all aliases expanded: for the budget of more. */
	size_t nodes;
	size_t bytes;
	size_t height; /* 0 for a scalar */
	bool open;     /* a collection that has not ended yet */
};

struct yaml_tree {
	struct yaml_cell *root;
	struct yaml_cell **cells; /* all of them */
	size_t len;
	size_t cap;
};

struct yaml_cell *yaml_tree_add(struct yaml_tree *tree, enum yaml_kind kind);

/* A new place at the end of a collection; a sequence has no key. */
void yaml_cell_push(struct yaml_cell *cell, struct yaml_cell *key,
		    struct yaml_cell *item);

/*
 * Fills `tree` from events. `edits` leads back to the positions of the text
 * that people see.
 */
int yaml_build(struct slice text, const struct document_limits *limits,
	       const struct yaml_edits *edits, struct yaml_tree *tree,
	       struct yaml_error *reterr);

#endif
