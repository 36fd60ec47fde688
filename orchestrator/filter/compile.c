#include "filter/compile.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "document/json.h"

void compiler_enter(struct compiler *compiler, size_t index)
{
	compiler->fault.steps[compiler->fault.depth++] = index;
}

void compiler_leave(struct compiler *compiler)
{
	compiler->fault.depth--;
}

static bool is_plain(struct slice key)
{
	for (size_t i = 0; i < key.len; i++) {
		char c = key.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || c == '_' || c == '-' ||
		      c == '$')) {
			return false;
		}
	}
	return key.len > 0;
}

/* Long keys are cut, so that the sentence after them is not. */
#define KEY_SHOWN_MAX 60

static void put_key(struct buf *out, struct slice key)
{
	buf_put_byte(out, '.');
	key.len = utf8_floor(key, KEY_SHOWN_MAX);
	if (is_plain(key)) {
		buf_put_slice(out, key);
	} else {
		json_write_string(out, key);
	}
}

/* "filter.size[0].numeric" for where the walk stands. */
static void put_place(struct buf *out, const struct compiler *compiler)
{
	const struct value *here = compiler->document;

	buf_put_text(out, "filter");
	for (size_t i = 0; i < compiler->fault.depth; i++) {
		size_t index = compiler->fault.steps[i];

		if (here->type == VALUE_MAP) {
			const struct value_entry *entry =
			    value_entry_at(here, index);

			put_key(out, entry->key);
			here = &entry->value;
		} else {
			buf_printf(out, "[%zu]", index);
			here = value_at(here, index);
		}
	}
}

static void __attribute__((format(printf, 3, 0)))
fail(struct compiler *compiler, int code, const char *format, va_list args)
{
	struct buf sentence = { 0 };

	put_place(&sentence, compiler);
	buf_put_text(&sentence, ": ");
	buf_vprintf(&sentence, format, args);
	err_set(compiler->reterr, code, "%.*s",
		SLICE_ARG(buf_slice(&sentence)));
	buf_fini(&sentence);
}

int compiler_fail(struct compiler *compiler, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fail(compiler, code, format, args);
	va_end(args);
	return code;
}

int compiler_fail_key(struct compiler *compiler, int code, const char *format,
		      ...)
{
	va_list args;

	compiler->fault.at_key = true;
	va_start(args, format);
	fail(compiler, code, format, args);
	va_end(args);
	return code;
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

static int compile_alternative(struct compiler *compiler,
			       const struct value *item,
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
	ret_alternative->kind = ALTERNATIVE_EQUAL;
	ret_alternative->operand = item;
	return 0;
}

static int compile_alternatives(struct compiler *compiler,
				struct clause *clause)
{
	for (size_t i = 0; i < clause->len; i++) {
		struct alternative *alternative = &clause->alternatives[i];

		compiler_enter(compiler, i);
		int rc = compile_alternative(
		    compiler, value_at(&clause->wanted, i), alternative);
		if (rc) {
			return rc;
		}
		compiler_leave(compiler);
		if (alternative->kind == ALTERNATIVE_ABSENT) {
			clause->absent = true;
		}
	}
	return 0;
}

static struct clause *add_clause(struct compiler *compiler,
				 const struct value *list)
{
	struct filter *filter = compiler->filter;
	struct slice path = buf_slice(&compiler->path);

	alloc_grow(filter->clauses, filter->len, compiler->clause_cap);
	struct clause *clause = &filter->clauses[filter->len++];

	*clause = (struct clause){
		.path = slice_dup(path),
		.path_len = path.len,
		.len = value_len(list),
		.wanted = value_copy(list),
	};
	clause->alternatives =
	    alloc_zeroed(clause->len, sizeof(*clause->alternatives));
	return clause;
}

static int compile_clause(struct compiler *compiler, const struct value *list)
{
	size_t len = value_len(list);

	if (len == 0) {
		return compiler_fail(compiler, E_INVALID,
				     "an empty list would never match; write "
				     "at least one alternative");
	}
	int rc = compiler_count(compiler, len);

	return rc ? rc
		  : compile_alternatives(compiler, add_clause(compiler, list));
}

static int compile_map(struct compiler *compiler, const struct value *map);

static int compile_nested(struct compiler *compiler, const struct value *map)
{
	if (value_len(map) == 0) {
		return compiler_fail(compiler, E_INVALID,
				     "an empty map; write what must match");
	}
	if (compiler->fault.depth >= LIMIT_FILTER_DEPTH) {
		return compiler_fail(compiler, E_TOO_BIG,
				     "nested deeper than %d levels",
				     LIMIT_FILTER_DEPTH);
	}
	return compile_map(compiler, map);
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

static int compile_entry(struct compiler *compiler,
			 const struct value_entry *entry)
{
	if (slice_is(entry->key, "$or")) {
		return compiler_fail_key(
		    compiler, E_UNSUPPORTED,
		    "'$or' is not supported by this version");
	}
	switch (entry->value.type) {
	case VALUE_ARRAY:
		return compile_clause(compiler, &entry->value);
	case VALUE_MAP:
		return compile_nested(compiler, &entry->value);
	default:
		return compile_scalar(compiler, entry->key, &entry->value);
	}
}

static int compile_map(struct compiler *compiler, const struct value *map)
{
	size_t path_len = compiler->path.len;
	bool nested = compiler->fault.depth > 0;

	for (size_t i = 0; i < value_len(map); i++) {
		const struct value_entry *entry = value_entry_at(map, i);

		compiler_enter(compiler, i);
		if (nested) {
			buf_put_byte(&compiler->path, '.');
		}
		buf_put_slice(&compiler->path, entry->key);
		int rc = compile_entry(compiler, entry);
		if (rc) {
			return rc;
		}
		compiler->path.len = path_len;
		compiler_leave(compiler);
	}
	return 0;
}

static int compile_root(struct compiler *compiler)
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
	return compile_map(compiler, document);
}

int filter_compile_located(const struct value *document,
			   struct filter **ret_filter,
			   struct filter_fault *ret_fault, struct err *reterr)
{
	struct compiler compiler = {
		.document = document,
		.filter = alloc_zeroed(1, sizeof(struct filter)),
		.reterr = reterr,
	};
	int rc = compile_root(&compiler);

	buf_fini(&compiler.path);
	if (rc) {
		filter_destroy(compiler.filter);
		*ret_fault = compiler.fault;
	} else {
		*ret_filter = compiler.filter;
	}
	return rc;
}

int filter_compile(const struct value *document, struct filter **ret_filter,
		   struct err *reterr)
{
	struct filter_fault fault;

	return filter_compile_located(document, ret_filter, &fault, reterr);
}

void filter_destroy(struct filter *filter)
{
	if (!filter) {
		return;
	}
	for (size_t i = 0; i < filter->len; i++) {
		free(filter->clauses[i].path);
		free(filter->clauses[i].alternatives);
		value_clear(&filter->clauses[i].wanted);
	}
	free(filter->clauses);
	free(filter);
}
