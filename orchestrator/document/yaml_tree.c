#include "document/yaml_tree.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "document/owned.h"
#include "document/yaml_private.h"

#define BYTE_ORDER_MARK SLICE("\xef\xbb\xbf")

struct yaml_cell *yaml_tree_add(struct yaml_tree *tree, enum yaml_kind kind)
{
	struct yaml_cell *cell = alloc_zeroed(1, sizeof(*cell));

	cell->node.kind = kind;
	cell->nodes = 1;
	alloc_grow(tree->cells, tree->len, tree->cap);
	tree->cells[tree->len++] = cell;
	return cell;
}

void yaml_cell_push(struct yaml_cell *cell, struct yaml_cell *key,
		    struct yaml_cell *item)
{
	struct yaml_node *node = &cell->node;

	if (node->len == cell->cap) {
		cell->cap = cell->cap ? cell->cap * 2 : 4;
		node->items = alloc_resize(node->items, cell->cap,
					   sizeof(struct yaml_node *));
		if (key) {
			node->keys = alloc_resize(node->keys, cell->cap,
						  sizeof(struct yaml_node *));
		}
	}
	if (key) {
		node->keys[node->len] = &key->node;
	}
	node->items[node->len++] = &item->node;
	if (cell->height <= item->height) {
		cell->height = item->height + 1;
	}
}

static void cell_destroy(struct yaml_cell *cell)
{
	/* Where the scalar is a string, it is the text itself. */
	if (cell->node.scalar.type != VALUE_STRING) {
		value_clear(&cell->node.scalar);
	}
	owned_free(cell->node.text);
	free(cell->node.keys);
	free(cell->node.items);
	free(cell);
}

void yaml_tree_destroy(struct yaml_tree *tree)
{
	if (tree) {
		for (size_t i = 0; i < tree->len; i++) {
			cell_destroy(tree->cells[i]);
		}
		free(tree->cells);
		free(tree);
	}
}

static int read_tree(struct slice text, const struct document_limits *limits,
		     struct yaml_tree **ret_tree, struct yaml_error *reterr)
{
	struct yaml_edits edits = { 0 };
	struct yaml_tree *tree = alloc_zeroed(1, sizeof(*tree));
	char *edited = yaml_surrogates_replace(text, limits, &edits);

	if (edited) {
		text = (struct slice){ edited, edits.text_len };
	}
	int rc = yaml_build(text, limits, &edits, tree, reterr);

	free(edited);
	yaml_edits_fini(&edits);
	if (rc < 0) {
		yaml_tree_destroy(tree);
		return rc;
	}
	*ret_tree = tree;
	return 0;
}

int yaml_tree_read(struct slice text, const struct document_limits *limits,
		   struct yaml_tree **ret_tree, struct yaml_error *reterr)
{
	struct yaml_error unseen;
	struct yaml_error *error = reterr ? reterr : &unseen;

	if (!limits) {
		limits = &document_limits_config;
	}
	if (text.len > limits->size) {
		*error = (struct yaml_error){ .mark = { 1, 1 } };
		(void)snprintf(error->msg, sizeof(error->msg),
			       "%zu bytes are more than the limit of %zu",
			       text.len, limits->size);
		return E_TOO_BIG;
	}
	if (slice_starts_with(text, BYTE_ORDER_MARK)) {
		text.ptr += BYTE_ORDER_MARK.len;
		text.len -= BYTE_ORDER_MARK.len;
	}
	return read_tree(text, limits, ret_tree, error);
}

const struct yaml_node *yaml_tree_root(const struct yaml_tree *tree)
{
	return &tree->root->node;
}

const struct yaml_node *yaml_get(const struct yaml_node *mapping,
				 const char *key)
{
	if (!mapping || mapping->kind != YAML_MAPPING) {
		return NULL;
	}
	for (size_t i = 0; i < mapping->len; i++) {
		if (slice_is(mapping->keys[i]->text, key)) {
			return mapping->items[i];
		}
	}
	return NULL;
}

struct value yaml_to_value(const struct yaml_node *node)
{
	struct value value;

	if (node->kind == YAML_SCALAR) {
		return value_copy(&node->scalar);
	}
	value = node->kind == YAML_MAPPING ? value_map() : value_array();
	for (size_t i = 0; i < node->len; i++) {
		struct value item = yaml_to_value(node->items[i]);

		if (node->kind == YAML_MAPPING) {
			value_set_slice(&value, node->keys[i]->text, item);
		} else {
			value_push(&value, item);
		}
	}
	return value;
}
