#include "filter/compile.h"

#include "base/limits.h"
#include "base/near.h"

void compiler_enter(struct compiler *compiler, size_t index)
{
	compiler->fault.steps[compiler->fault.depth++] = index;
}

void compiler_leave(struct compiler *compiler)
{
	compiler->fault.depth--;
}

int compiler_count(struct compiler *compiler, size_t more)
{
	compiler->alternatives += more;
	if (compiler->alternatives > LIMIT_FILTER_ALTERNATIVES) {
		return compiler_fail(compiler, E_TOO_BIG,
				     "more than %d alternatives in one filter",
				     LIMIT_FILTER_ALTERNATIVES);
	}
	return 0;
}

int compiler_text(struct compiler *compiler, const struct value *operand,
		  struct slice *ret_text)
{
	if (operand->type != VALUE_STRING) {
		return compiler_fail(compiler, E_INVALID,
				     "expected a string, found %s",
				     value_type_name(operand));
	}
	if (operand->as.text.len > LIMIT_FILTER_TEXT) {
		return compiler_fail(compiler, E_TOO_BIG,
				     "longer than %d bytes", LIMIT_FILTER_TEXT);
	}
	compiler->parts.text += operand->as.text.len;
	*ret_text = operand->as.text;
	return 0;
}

int equal_compile(struct compiler *compiler, const struct value *operand,
		  struct alternative *ret_alternative)
{
	struct slice text;

	ret_alternative->kind = ALTERNATIVE_EQUAL;
	ret_alternative->as.operand = *operand;
	return operand->type == VALUE_STRING
		   ? compiler_text(compiler, operand, &text)
		   : 0;
}

static int compile_value(struct compiler *compiler, const struct value *item,
			 struct alternative *ret_alternative)
{
	if (item->type == VALUE_MAP) {
		return operator_compile(compiler, item, ret_alternative);
	}
	if (item->type == VALUE_ARRAY) {
		return compiler_fail(
		    compiler, E_INVALID,
		    "a list inside the list; put its items in the outer one");
	}
	if (!value_is_leaf(item)) {
		return compiler_fail(compiler, E_INVALID,
				     "expected a string, number, true, false, "
				     "null or operator, found %s",
				     value_type_name(item));
	}
	return equal_compile(compiler, item, ret_alternative);
}

static int compile_alternatives(struct compiler *compiler,
				const struct value *list, struct clause *clause)
{
	size_t len = value_len(list);
	struct alternative *alternatives = scratch_take(
	    &compiler->scratch, len, sizeof(*clause->alternatives));

	for (size_t i = 0; i < len; i++) {
		compiler_enter(compiler, i);
		int rc = compile_value(compiler, value_at(list, i),
				       &alternatives[i]);
		if (rc) {
			return rc;
		}
		compiler_leave(compiler);
		if (alternatives[i].kind == ALTERNATIVE_ABSENT) {
			clause->absent = true;
		}
	}
	compiler->parts.alternatives += len;
	clause->alternatives = alternatives;
	clause->len = (uint32_t)len;
	return 0;
}

static struct node *add_clause(struct compiler *compiler)
{
	struct node *node = node_create(compiler, NODE_CLAUSE);
	struct slice path = buf_slice(&compiler->path);

	node->clause.path = scratch_text(&compiler->scratch, path);
	node->index = (uint32_t)compiler->parts.clauses++;
	compiler->parts.text += path.len;
	if (compiler->last_clause) {
		compiler->last_clause->next_clause = node;
	} else {
		compiler->first_clause = node;
	}
	compiler->last_clause = node;
	return node;
}

static int compile_clause(struct compiler *compiler, const struct value *list,
			  struct node **ret_node)
{
	size_t len = value_len(list);

	if (len == 0) {
		return compiler_fail(compiler, E_INVALID,
				     "an empty list would never match; write "
				     "at least one alternative");
	}
	if (compiler->path.len > LIMIT_FILTER_PATH) {
		return compiler_fail(compiler, E_TOO_BIG,
				     "a path of more than %d bytes",
				     LIMIT_FILTER_PATH);
	}
	int rc = compiler_count(compiler, len);

	if (rc) {
		return rc;
	}
	*ret_node = add_clause(compiler);
	return compile_alternatives(compiler, list, &(*ret_node)->clause);
}

static int compile_scalar(struct compiler *compiler, struct slice key,
			  const struct value *value)
{
	if (operator_is_name(key) && compiler->fault.depth > 1) {
		return compiler_fail(
		    compiler, E_INVALID,
		    "operators stand in a list, as in [{\"%.*s\": ...}]",
		    SLICE_ARG(key));
	}
	return compiler_fail(
	    compiler, E_INVALID,
	    "expected a list of alternatives or a map, found %s",
	    value_type_name(value));
}

/* A map of keys, as no list of alternatives has. */
static bool is_branch(const struct value *item)
{
	if (item->type != VALUE_MAP || value_len(item) == 0) {
		return false;
	}
	const struct value_entry *first = value_entry_at(item, 0);

	return !operator_is_name(first->key) &&
	       (first->value.type == VALUE_ARRAY ||
		first->value.type == VALUE_MAP);
}

static bool holds_branches(const struct value *list)
{
	if (list->type != VALUE_ARRAY) {
		return false;
	}
	for (size_t i = 0; i < value_len(list); i++) {
		if (!is_branch(value_at(list, i))) {
			return false;
		}
	}
	return value_len(list) > 0;
}

/* "$and" and the like; attributes may be called so. */
static int fail_dollar(struct compiler *compiler, struct slice key)
{
	struct near near = { 0 };

	near_try(&near, key, "$or");
	return compiler_fail_key(
	    compiler, E_INVALID, "there is no '%.*s'%s", SLICE_ARG(key),
	    slice_is(key, "$and") ? ": keys are and-ed anyway"
	    : near.best           ? "; did you mean '$or'?"
			: "; only '$or' takes a list of maps of keys");
}

/* What stands under a key that is part of the path. */
static int compile_member(struct compiler *compiler,
			  const struct value_entry *entry,
			  struct node **ret_node)
{
	if (compiler->ors && operator_is_reserved(entry->key)) {
		return compiler_fail_key(
		    compiler, E_INVALID,
		    "no attribute inside '$or' may be called like an operator");
	}
	if (slice_starts_with(entry->key, SLICE("$")) &&
	    holds_branches(&entry->value)) {
		return fail_dollar(compiler, entry->key);
	}
	switch (entry->value.type) {
	case VALUE_ARRAY:
		return compile_clause(compiler, &entry->value, ret_node);
	case VALUE_MAP:
		return map_compile(compiler, &entry->value, ret_node);
	default:
		return compile_scalar(compiler, entry->key, &entry->value);
	}
}

static int compile_key(struct compiler *compiler,
		       const struct value_entry *entry, struct node **ret_node)
{
	size_t path_len = compiler->path.len;

	if (compiler->keys++) {
		buf_put_byte(&compiler->path, '.');
	}
	buf_put_slice(&compiler->path, entry->key);
	int rc = compile_member(compiler, entry, ret_node);

	compiler->path.len = path_len;
	compiler->keys--;
	return rc;
}

static int compile_entries(struct compiler *compiler, const struct value *map,
			   struct node *parent)
{
	compiler->maps++;
	for (size_t i = 0; i < value_len(map); i++) {
		const struct value_entry *entry = value_entry_at(map, i);
		struct node *node = NULL;

		compiler_enter(compiler, i);
		int rc = slice_is(entry->key, "$or")
			     ? or_compile(compiler, &entry->value, &node)
			     : compile_key(compiler, entry, &node);
		if (rc == 0) {
			rc = node_add(compiler, parent, node);
		}
		if (rc) {
			return rc;
		}
		compiler_leave(compiler);
	}
	compiler->maps--;
	return 0;
}

int map_compile(struct compiler *compiler, const struct value *map,
		struct node **ret_node)
{
	if (value_len(map) == 0) {
		return compiler_fail(compiler, E_INVALID,
				     "an empty map; write what must match");
	}
	if (compiler->maps == LIMIT_FILTER_DEPTH) {
		return compiler_fail(compiler, E_TOO_BIG,
				     "nested deeper than %d levels",
				     LIMIT_FILTER_DEPTH);
	}
	*ret_node = node_create(compiler, NODE_AND);
	return compile_entries(compiler, map, *ret_node);
}

static int compile_root(struct compiler *compiler, struct node *root)
{
	const struct value *document = compiler->document;

	if (document->type == VALUE_NULL) {
		return 0;
	}
	if (document->type != VALUE_MAP) {
		return compiler_fail(compiler, E_INVALID,
				     "expected a map from attribute to list "
				     "of alternatives, found %s",
				     value_type_name(document));
	}
	return compile_entries(compiler, document, root);
}

int filter_compile_located(const struct value *document,
			   struct filter **ret_filter,
			   struct filter_fault *ret_fault, struct err *reterr)
{
	struct compiler compiler = {
		.document = document,
		.reterr = reterr,
	};
	struct node *root = node_create(&compiler, NODE_AND);
	int rc = compile_root(&compiler, root);

	if (rc) {
		*ret_fault = compiler.fault;
	} else {
		*ret_filter = filter_seal(&compiler, root);
	}
	buf_fini(&compiler.path);
	scratch_fini(&compiler.scratch);
	return rc;
}

int filter_compile(const struct value *document, struct filter **ret_filter,
		   struct err *reterr)
{
	struct filter_fault fault;

	return filter_compile_located(document, ret_filter, &fault, reterr);
}
