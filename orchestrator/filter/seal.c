#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "filter/compile.h"

/* Where the next one of each kind goes. All but the last two have sizes that
 * keep the next kind aligned. */
struct block {
	struct clause *clauses;
	struct conjunction *conjunctions;
	struct alternative *alternatives;
	struct range *ranges;
	struct network *networks;
	struct slice *pieces;
	uint32_t *indexes;
	char *text;
};

static size_t block_size(const struct parts *parts, const struct node *root)
{
	return sizeof(struct filter) + parts->clauses * sizeof(struct clause) +
	       root->conjunctions * sizeof(struct conjunction) +
	       parts->alternatives * sizeof(struct alternative) +
	       parts->ranges * sizeof(struct range) +
	       parts->networks * sizeof(struct network) +
	       parts->pieces * sizeof(struct slice) +
	       root->clauses * sizeof(uint32_t) + parts->text;
}

static struct block block_divide(struct filter *filter,
				 const struct parts *parts,
				 const struct node *root)
{
	struct block block = { .clauses = (struct clause *)(filter + 1) };

	block.conjunctions =
	    (struct conjunction *)(block.clauses + parts->clauses);
	block.alternatives =
	    (struct alternative *)(block.conjunctions + root->conjunctions);
	block.ranges =
	    (struct range *)(block.alternatives + parts->alternatives);
	block.networks = (struct network *)(block.ranges + parts->ranges);
	block.pieces = (struct slice *)(block.networks + parts->networks);
	block.indexes = (uint32_t *)(block.pieces + parts->pieces);
	block.text = (char *)(block.indexes + root->clauses);
	return block;
}

static struct slice seal_text(struct block *block, struct slice text)
{
	struct slice copy = { block->text, text.len };

	if (text.len) {
		memcpy(block->text, text.ptr, text.len);
	}
	block->text += text.len;
	return copy;
}

static struct pieces seal_pieces(struct block *block,
				 const struct pieces *pieces)
{
	struct slice *list = block->pieces;

	block->pieces += pieces->len;
	for (size_t i = 0; i < pieces->len; i++) {
		list[i] = seal_text(block, pieces->list[i]);
	}
	return (struct pieces){ list, pieces->len };
}

static const struct network *seal_network(struct block *block,
					  const struct network *network)
{
	struct network *copy = block->networks++;

	*copy = *network;
	copy->text = seal_text(block, network->text);
	return copy;
}

static const struct range *seal_range(struct block *block,
				      const struct range *range)
{
	*block->ranges = *range;
	return block->ranges++;
}

static const struct alternative *
seal_alternatives(struct block *block, const struct alternative *list,
		  size_t len);

static void seal_alternative(struct block *block, struct alternative *it)
{
	switch (it->kind) {
	case ALTERNATIVE_EQUAL:
		if (it->as.operand.type == VALUE_STRING) {
			it->as.operand.as.text =
			    seal_text(block, it->as.operand.as.text);
		}
		break;
	case ALTERNATIVE_WILDCARD:
		it->as.pieces = seal_pieces(block, &it->as.pieces);
		break;
	case ALTERNATIVE_RANGE:
		it->as.range = seal_range(block, it->as.range);
		break;
	case ALTERNATIVE_CIDR:
		it->as.network = seal_network(block, it->as.network);
		break;
	case ALTERNATIVE_EXISTS:
	case ALTERNATIVE_ABSENT:
		break;
	case ALTERNATIVE_BUT:
		it->as.excluded.list = seal_alternatives(
		    block, it->as.excluded.list, it->as.excluded.len);
		break;
	default:
		it->as.text = seal_text(block, it->as.text);
	}
}

static const struct alternative *
seal_alternatives(struct block *block, const struct alternative *list,
		  size_t len)
{
	struct alternative *copy = block->alternatives;

	block->alternatives += len;
	memcpy(copy, list, len * sizeof(*list));
	for (size_t i = 0; i < len; i++) {
		seal_alternative(block, &copy[i]);
	}
	return copy;
}

static void seal_clauses(struct block *block, const struct node *node)
{
	for (; node; node = node->next_clause) {
		struct clause *clause = block->clauses++;

		*clause = node->clause;
		clause->path = seal_text(block, clause->path);
		clause->alternatives =
		    seal_alternatives(block, clause->alternatives, clause->len);
	}
}

/* The clauses of the `which`-th of the conjunctions below the node: choices of
 * branches are counted through as an odometer counts. */
static void seal_choice(struct block *block, const struct node *node,
			size_t which)
{
	size_t left = node->conjunctions;

	if (node->kind == NODE_CLAUSE) {
		*block->indexes++ = node->index;
		return;
	}
	for (const struct node *child = node->first; child;
	     child = child->next) {
		if (node->kind == NODE_AND) {
			left /= child->conjunctions;
			seal_choice(block, child, which / left);
			which %= left;
		} else if (which < child->conjunctions) {
			seal_choice(block, child, which);
			return;
		} else {
			which -= child->conjunctions;
		}
	}
}

static void seal_conjunctions(struct block *block, const struct node *root)
{
	for (size_t i = 0; i < root->conjunctions; i++) {
		struct conjunction *conjunction = block->conjunctions++;

		conjunction->clauses = block->indexes;
		seal_choice(block, root, i);
		conjunction->len =
		    (size_t)(block->indexes - conjunction->clauses);
	}
}

struct filter *filter_seal(const struct compiler *compiler,
			   const struct node *root)
{
	const struct parts *parts = &compiler->parts;
	size_t size = block_size(parts, root);
	struct filter *filter = alloc_bytes(size);
	struct block block = block_divide(filter, parts, root);

	*filter = (struct filter){
		.clauses = block.clauses,
		.clause_count = parts->clauses,
		.conjunctions = block.conjunctions,
		.conjunction_count = root->conjunctions,
		.size = size,
	};
	seal_clauses(&block, compiler->first_clause);
	seal_conjunctions(&block, root);
	assert(block.text <= (char *)filter + size);
	return filter;
}

void filter_destroy(struct filter *filter)
{
	free(filter);
}

size_t filter_size(const struct filter *filter)
{
	return filter->size;
}
