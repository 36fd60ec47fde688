#include "filter/compile.h"

int excluded_create(struct compiler *compiler, const struct value *operand,
		    struct alternative *but, struct alternative **ret_list)
{
	bool listed = operand->type == VALUE_ARRAY;
	size_t len = listed ? value_len(operand) : 1;

	if (len == 0) {
		return compiler_fail(compiler, E_INVALID,
				     "an empty list excludes nothing");
	}
	int rc = compiler_count(compiler, listed ? len : 0);

	if (rc) {
		return rc;
	}
	*ret_list = scratch_take(&compiler->scratch, len, sizeof(**ret_list));
	compiler->parts.alternatives += len;
	but->kind = ALTERNATIVE_BUT;
	but->as.excluded.list = *ret_list;
	but->as.excluded.len = len;
	but->as.excluded.listed = listed;
	return 0;
}

static int compile_list(struct compiler *compiler, const struct value *operand,
			struct alternative *list)
{
	bool numbers = value_is_number(value_at(operand, 0));

	for (size_t i = 0; i < value_len(operand); i++) {
		const struct value *item = value_at(operand, i);

		compiler_enter(compiler, i);
		if (numbers ? !value_is_number(item)
			    : item->type != VALUE_STRING) {
			return compiler_fail(compiler, E_INVALID,
					     "the list must hold only strings "
					     "or only numbers, found %s",
					     value_type_name(item));
		}
		int rc = equal_compile(compiler, item, &list[i]);

		if (rc) {
			return rc;
		}
		compiler_leave(compiler);
	}
	return 0;
}

static int compile_values(struct compiler *compiler,
			  const struct value *operand, struct alternative *but)
{
	struct alternative *list = NULL;
	int rc = excluded_create(compiler, operand, but, &list);

	if (rc) {
		return rc;
	}
	return operand->type == VALUE_ARRAY
		   ? compile_list(compiler, operand, list)
		   : equal_compile(compiler, operand, list);
}

int anything_but_compile(struct compiler *compiler, const struct value *operand,
			 struct alternative *ret_alternative)
{
	if (operand->type == VALUE_MAP) {
		return operator_compile_excluded(compiler, operand,
						 ret_alternative);
	}
	if (operand->type == VALUE_STRING || operand->type == VALUE_ARRAY ||
	    value_is_number(operand)) {
		return compile_values(compiler, operand, ret_alternative);
	}
	return compiler_fail(compiler, E_INVALID,
			     "expected a string, a number, a list of either, "
			     "or an operator, found %s",
			     value_type_name(operand));
}
