#include "filter/compile.h"

#include "base/near.h"

typedef int compile_function(struct compiler *compiler,
			     const struct value *operand,
			     struct alternative *ret_alternative);

struct operator_row {
	const char *name;
	compile_function *compile; /* NULL: known, but not understood here */
	bool in_anything_but;      /* may stand inside anything-but */
};

static compile_function prefix_compile;
static compile_function exists_compile;
static compile_function anything_but_compile;

static const struct operator_row operators[] = {
	{
	    .name = "prefix",
	    .compile = prefix_compile,
	    .in_anything_but = true,
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
	    .name = "anything-but",
	    .compile = anything_but_compile,
	},
	{
	    .name = "suffix",
	    .in_anything_but = true,
	},
	{
	    .name = "equals-ignore-case",
	    .in_anything_but = true,
	},
	{
	    .name = "wildcard",
	    .in_anything_but = true,
	},
	{
	    .name = "cidr",
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

static int fail_unsupported(struct compiler *compiler, struct slice name)
{
	return compiler_fail_key(compiler, E_UNSUPPORTED,
				 "'%.*s' is not supported by this version",
				 SLICE_ARG(name));
}

static int fail_unknown(struct compiler *compiler, struct slice name)
{
	struct near near = { 0 };

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
				 "numeric, exists and anything-but",
				 SLICE_ARG(name));
}

int operator_compile(struct compiler *compiler, const struct value *map,
		     struct alternative *ret_alternative)
{
	if (value_len(map) != 1) {
		return compiler_fail(compiler, E_INVALID,
				     "expected one operator in the map, found "
				     "%zu",
				     value_len(map));
	}
	const struct value_entry *entry = value_entry_at(map, 0);
	const struct operator_row *row = operator_find(entry->key);

	compiler_enter(compiler, 0);
	if (!row) {
		return fail_unknown(compiler, entry->key);
	}
	if (!row->compile) {
		return fail_unsupported(compiler, entry->key);
	}
	int rc = row->compile(compiler, &entry->value, ret_alternative);

	if (rc == 0) {
		compiler_leave(compiler);
	}
	return rc;
}

/* {"prefix": {"equals-ignore-case": "p"}} exists, but is not for here. */
static int prefix_fail(struct compiler *compiler, const struct value *operand)
{
	if (value_len(operand) == 1 &&
	    value_get(operand, "equals-ignore-case")) {
		compiler_enter(compiler, 0);
		return fail_unsupported(compiler, SLICE("equals-ignore-case"));
	}
	return compiler_fail(compiler, E_INVALID, "expected a string, found %s",
			     value_type_name(operand));
}

static int prefix_compile(struct compiler *compiler,
			  const struct value *operand,
			  struct alternative *ret_alternative)
{
	if (operand->type != VALUE_STRING) {
		return prefix_fail(compiler, operand);
	}
	ret_alternative->kind = ALTERNATIVE_PREFIX;
	ret_alternative->operand = operand;
	return 0;
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

static int but_list_check(struct compiler *compiler, const struct value *list)
{
	bool numbers = value_len(list) && value_is_number(value_at(list, 0));

	if (value_len(list) == 0) {
		return compiler_fail(compiler, E_INVALID,
				     "an empty list excludes nothing");
	}
	for (size_t i = 0; i < value_len(list); i++) {
		const struct value *item = value_at(list, i);

		if (numbers ? !value_is_number(item)
			    : item->type != VALUE_STRING) {
			compiler_enter(compiler, i);
			return compiler_fail(compiler, E_INVALID,
					     "the list must hold only strings "
					     "or only numbers, found %s",
					     value_type_name(item));
		}
	}
	return compiler_count(compiler, value_len(list));
}

static int but_prefix_check(struct compiler *compiler,
			    const struct value *prefix)
{
	if (prefix->type != VALUE_STRING) {
		return compiler_fail(compiler, E_INVALID,
				     "expected a string, found %s",
				     value_type_name(prefix));
	}
	if (prefix->as.text.len == 0) {
		return compiler_fail(compiler, E_INVALID,
				     "an empty prefix excludes every string");
	}
	return 0;
}

static int but_prefixes_check(struct compiler *compiler,
			      const struct value *operand)
{
	if (operand->type != VALUE_ARRAY) {
		return but_prefix_check(compiler, operand);
	}
	if (value_len(operand) == 0) {
		return compiler_fail(compiler, E_INVALID,
				     "an empty list excludes nothing");
	}
	for (size_t i = 0; i < value_len(operand); i++) {
		compiler_enter(compiler, i);
		int rc = but_prefix_check(compiler, value_at(operand, i));
		if (rc) {
			return rc;
		}
		compiler_leave(compiler);
	}
	return compiler_count(compiler, value_len(operand));
}

static int but_operator_compile(struct compiler *compiler,
				const struct value *map,
				struct alternative *ret_alternative)
{
	if (value_len(map) != 1) {
		return compiler_fail(compiler, E_INVALID,
				     "expected one operator in the map, found "
				     "%zu",
				     value_len(map));
	}
	const struct value_entry *entry = value_entry_at(map, 0);
	const struct operator_row *row = operator_find(entry->key);

	compiler_enter(compiler, 0);
	if (!row) {
		return fail_unknown(compiler, entry->key);
	}
	if (!row->in_anything_but) {
		return compiler_fail_key(
		    compiler, E_INVALID,
		    "'%s' cannot stand inside anything-but", row->name);
	}
	if (!row->compile) {
		return fail_unsupported(compiler, entry->key);
	}
	int rc = but_prefixes_check(compiler, &entry->value);

	if (rc == 0) {
		ret_alternative->kind = ALTERNATIVE_BUT_PREFIX;
		ret_alternative->operand = &entry->value;
		compiler_leave(compiler);
	}
	return rc;
}

static int anything_but_compile(struct compiler *compiler,
				const struct value *operand,
				struct alternative *ret_alternative)
{
	ret_alternative->kind = ALTERNATIVE_BUT;
	ret_alternative->operand = operand;
	if (operand->type == VALUE_STRING || value_is_number(operand)) {
		return 0;
	}
	if (operand->type == VALUE_ARRAY) {
		return but_list_check(compiler, operand);
	}
	if (operand->type == VALUE_MAP) {
		return but_operator_compile(compiler, operand, ret_alternative);
	}
	return compiler_fail(compiler, E_INVALID,
			     "expected a string, a number, a list of either, "
			     "or a prefix, found %s",
			     value_type_name(operand));
}
