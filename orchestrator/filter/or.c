#include "base/limits.h"
#include "filter/compile.h"

struct node *node_create(struct compiler *compiler, enum node_kind kind)
{
	struct node *node = scratch_take(&compiler->scratch, 1, sizeof(*node));

	node->kind = kind;
	node->conjunctions = kind == NODE_OR ? 0 : 1;
	node->clauses = kind == NODE_CLAUSE ? 1 : 0;
	return node;
}

/* Both factors are within their limits, so that nothing overflows. */
static void count(struct node *parent, const struct node *child)
{
	if (parent->kind == NODE_AND) {
		parent->clauses = parent->clauses * child->conjunctions +
				  child->clauses * parent->conjunctions;
		parent->conjunctions *= child->conjunctions;
	} else {
		parent->clauses += child->clauses;
		parent->conjunctions += child->conjunctions;
	}
}

int node_add(struct compiler *compiler, struct node *parent, struct node *child)
{
	if (parent->last) {
		parent->last->next = child;
	} else {
		parent->first = child;
	}
	parent->last = child;
	count(parent, child);
	if (parent->conjunctions > LIMIT_FILTER_CONJUNCTIONS) {
		return compiler_fail(compiler, E_TOO_BIG,
				     "the branches of '$or' make %zu "
				     "combinations up to here; at most %d",
				     parent->conjunctions,
				     LIMIT_FILTER_CONJUNCTIONS);
	}
	if (parent->clauses > LIMIT_FILTER_CLAUSES) {
		return compiler_fail(compiler, E_TOO_BIG,
				     "all combinations of '$or' name %zu "
				     "attributes up to here; at most %d",
				     parent->clauses, LIMIT_FILTER_CLAUSES);
	}
	return 0;
}

static int branch_compile(struct compiler *compiler, const struct value *branch,
			  struct node *parent)
{
	struct node *node = NULL;

	if (branch->type != VALUE_MAP) {
		return compiler_fail(compiler, E_INVALID,
				     "expected a map, found %s",
				     value_type_name(branch));
	}
	int rc = map_compile(compiler, branch, &node);

	return rc ? rc : node_add(compiler, parent, node);
}

int or_compile(struct compiler *compiler, const struct value *list,
	       struct node **ret_node)
{
	struct node *node = node_create(compiler, NODE_OR);

	if (list->type != VALUE_ARRAY) {
		return compiler_fail(compiler, E_INVALID,
				     "expected a list of maps, found %s",
				     value_type_name(list));
	}
	if (value_len(list) < 2) {
		return compiler_fail(compiler, E_INVALID,
				     "expected at least two maps to choose "
				     "from, found %zu",
				     value_len(list));
	}
	compiler->ors++;
	for (size_t i = 0; i < value_len(list); i++) {
		compiler_enter(compiler, i);
		int rc = branch_compile(compiler, value_at(list, i), node);
		if (rc) {
			return rc;
		}
		compiler_leave(compiler);
	}
	compiler->ors--;
	*ret_node = node;
	return 0;
}
