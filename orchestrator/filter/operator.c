#include "filter/compile.h"

#include "base/near.h"

struct operator_row {
	const char *name;
	operand_compile *compile;
	bool in_anything_but; /* may stand inside anything-but */
};

static operand_compile prefix_compile;
static operand_compile suffix_compile;
static operand_compile folded_compile;
static operand_compile exists_compile;

static const struct operator_row operators[] = {
	{
	    .name = "prefix",
	    .compile = prefix_compile,
	    .in_anything_but = true,
	},
	{
	    .name = "suffix",
	    .compile = suffix_compile,
	    .in_anything_but = true,
	},
	{
	    .name = "equals-ignore-case",
	    .compile = folded_compile,
	    .in_anything_but = true,
	},
	{
	    .name = "wildcard",
	    .compile = wildcard_compile,
	    .in_anything_but = true,
	},
	{
	    .name = "anything-but",
	    .compile = anything_but_compile,
	},
	{
	    .name = "numeric",
	    .compile = numeric_compile,
	},
	{
	    .name = "exists",
	    .compile = exists_compile,
	},
	{
	    .name = "cidr",
	    .compile = cidr_compile,
	},
};

#define OPERATORS (sizeof(operators) / sizeof(operators[0]))

static const struct operator_row *operator_find(struct slice name)
{
	for (size_t i = 0; i < OPERATORS; i++) {
		if (slice_is(name, operators[i].name)) {
			return &operators[i];
		}
	}
	return NULL;
}

bool operator_is_name(struct slice name)
{
	return operator_find(name) != NULL;
}

bool operator_is_reserved(struct slice name)
{
	return operator_is_name(name) || numeric_is_comparison(name) ||
	       slice_is(name, "exactly");
}

static int fail_unknown(struct compiler *compiler, struct slice name)
{
	struct near near = { 0 };

	if (slice_is(name, "$or")) {
		return compiler_fail_key(compiler, E_INVALID,
					 "'$or' stands beside keys, not in a "
					 "list");
	}
	for (size_t i = 0; i < OPERATORS; i++) {
		near_try(&near, name, operators[i].name);
	}
	if (near.best) {
		return compiler_fail_key(compiler, E_INVALID,
					 "unknown operator '%.*s'; did you "
					 "mean '%s'?",
					 SLICE_ARG(name), near.best);
	}
	return compiler_fail_key(compiler, E_INVALID,
				 "unknown operator '%.*s'; known are prefix, "
				 "suffix, equals-ignore-case, wildcard, "
				 "anything-but, numeric, exists and cidr",
				 SLICE_ARG(name));
}

/* The one operator in the map; the walk steps on it. */
static int row_find(struct compiler *compiler, const struct value *map,
		    const struct operator_row **ret_row)
{
	if (value_len(map) != 1) {
		return compiler_fail(compiler, E_INVALID,
				     "expected one operator in the map, found "
				     "%zu",
				     value_len(map));
	}
	struct slice name = value_entry_at(map, 0)->key;

	compiler_enter(compiler, 0);
	*ret_row = operator_find(name);
	return *ret_row ? 0 : fail_unknown(compiler, name);
}

int operator_compile(struct compiler *compiler, const struct value *map,
		     struct alternative *ret_alternative)
{
	const struct operator_row *row = NULL;
	int rc = row_find(compiler, map, &row);

	if (rc == 0) {
		rc = row->compile(compiler, &value_entry_at(map, 0)->value,
				  ret_alternative);
	}
	if (rc == 0) {
		compiler_leave(compiler);
	}
	return rc;
}

static int text_compile(struct compiler *compiler, const struct value *operand,
			enum alternative_kind kind,
			struct alternative *ret_alternative)
{
	ret_alternative->kind = kind;
	return compiler_text(compiler, operand, &ret_alternative->as.text);
}

/* {"prefix": {"equals-ignore-case": "p"}}, and so with suffix. */
static int nested_compile(struct compiler *compiler, const struct value *map,
			  const char *outside, enum alternative_kind kind,
			  struct alternative *ret_alternative)
{
	const struct operator_row *row = NULL;
	int rc = row_find(compiler, map, &row);

	if (rc) {
		return rc;
	}
	if (row->compile != folded_compile) {
		return compiler_fail_key(compiler, E_INVALID,
					 "only equals-ignore-case can stand "
					 "inside %s",
					 outside);
	}
	rc = text_compile(compiler, &value_entry_at(map, 0)->value, kind,
			  ret_alternative);
	if (rc == 0) {
		compiler_leave(compiler);
	}
	return rc;
}

static int prefix_compile(struct compiler *compiler,
			  const struct value *operand,
			  struct alternative *ret_alternative)
{
	if (operand->type == VALUE_MAP) {
		return nested_compile(compiler, operand, "prefix",
				      ALTERNATIVE_FOLDED_PREFIX,
				      ret_alternative);
	}
	return text_compile(compiler, operand, ALTERNATIVE_PREFIX,
			    ret_alternative);
}

static int suffix_compile(struct compiler *compiler,
			  const struct value *operand,
			  struct alternative *ret_alternative)
{
	if (operand->type == VALUE_MAP) {
		return nested_compile(compiler, operand, "suffix",
				      ALTERNATIVE_FOLDED_SUFFIX,
				      ret_alternative);
	}
	return text_compile(compiler, operand, ALTERNATIVE_SUFFIX,
			    ret_alternative);
}

static int folded_compile(struct compiler *compiler,
			  const struct value *operand,
			  struct alternative *ret_alternative)
{
	return text_compile(compiler, operand, ALTERNATIVE_FOLDED,
			    ret_alternative);
}

static int exists_compile(struct compiler *compiler,
			  const struct value *operand,
			  struct alternative *ret_alternative)
{
	if (operand->type != VALUE_BOOL) {
		return compiler_fail(compiler, E_INVALID,
				     "expected true or false, found %s",
				     value_type_name(operand));
	}
	ret_alternative->kind =
	    operand->as.boolean ? ALTERNATIVE_EXISTS : ALTERNATIVE_ABSENT;
	return 0;
}

/* One operand inside anything-but, which takes no operator in its turn. */
static int excluded_compile(struct compiler *compiler,
			    const struct operator_row *row,
			    const struct value *operand,
			    struct alternative *ret_alternative)
{
	if (operand->type != VALUE_STRING) {
		return compiler_fail(compiler, E_INVALID,
				     "expected a string, found %s",
				     value_type_name(operand));
	}
	int rc = row->compile(compiler, operand, ret_alternative);

	if (rc == 0 && operand->as.text.len == 0 &&
	    (ret_alternative->kind == ALTERNATIVE_PREFIX ||
	     ret_alternative->kind == ALTERNATIVE_SUFFIX)) {
		return compiler_fail(compiler, E_INVALID,
				     "an empty %s excludes every string",
				     row->name);
	}
	return rc;
}

static int excluded_list_compile(struct compiler *compiler,
				 const struct operator_row *row,
				 const struct value *operand,
				 struct alternative *but)
{
	struct alternative *list = NULL;
	int rc = excluded_create(compiler, operand, but, &list);

	if (rc) {
		return rc;
	}
	if (!but->as.excluded.listed) {
		return excluded_compile(compiler, row, operand, list);
	}
	for (size_t i = 0; i < but->as.excluded.len; i++) {
		compiler_enter(compiler, i);
		rc = excluded_compile(compiler, row, value_at(operand, i),
				      &list[i]);
		if (rc) {
			return rc;
		}
		compiler_leave(compiler);
	}
	return 0;
}

int operator_compile_excluded(struct compiler *compiler,
			      const struct value *map, struct alternative *but)
{
	const struct operator_row *row = NULL;
	int rc = row_find(compiler, map, &row);

	if (rc) {
		return rc;
	}
	if (!row->in_anything_but) {
		return compiler_fail_key(
		    compiler, E_INVALID,
		    "'%s' cannot stand inside anything-but", row->name);
	}
	rc = excluded_list_compile(compiler, row,
				   &value_entry_at(map, 0)->value, but);
	if (rc == 0) {
		compiler_leave(compiler);
	}
	return rc;
}
