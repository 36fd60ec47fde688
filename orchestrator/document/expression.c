#include "document/expression.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "document/expression_name.h"
#include "document/number.h"
#include "document/owned.h"

/* One step from a value to a part of it. */
struct step {
	enum { FIELD, INDEX } kind;
	struct slice name; /* owned */
	int64_t index;
};

struct expression {
	struct step *steps;
	size_t len;
	size_t cap;
};

struct parser {
	struct slice text;
	size_t at;
	struct expression *expression;
	struct err *reterr;
};

static int fail(struct parser *parser, const char *sentence)
{
	return err_set(parser->reterr, E_INVALID, "%s", sentence);
}

static void skip_spaces(struct parser *parser)
{
	while (parser->at < parser->text.len) {
		char c = parser->text.ptr[parser->at];

		if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
			return;
		}
		parser->at++;
	}
}

/* The next character behind spaces, or NUL at the end. */
static char peek(struct parser *parser)
{
	skip_spaces(parser);
	if (parser->at == parser->text.len) {
		return '\0';
	}
	return parser->text.ptr[parser->at];
}

static void add_step(struct parser *parser, struct step step)
{
	struct expression *expression = parser->expression;

	alloc_grow(expression->steps, expression->len, expression->cap);
	expression->steps[expression->len++] = step;
}

static int parse_name(struct parser *parser)
{
	struct buf name = { 0 };
	char first = peek(parser);
	int rc = first == '"'
		     ? expression_name_quoted(parser->text, &parser->at, &name,
					      parser->reterr)
		     : expression_name_bare(parser->text, &parser->at, &name,
					    parser->reterr);

	if (rc < 0) {
		buf_fini(&name);
		return rc;
	}
	size_t len = name.len;

	add_step(parser, (struct step){
			     .kind = FIELD,
			     .name = { buf_take(&name), len },
			 });
	return 0;
}

static struct slice take_digits(struct parser *parser)
{
	size_t start = parser->at;

	while (parser->at < parser->text.len &&
	       parser->text.ptr[parser->at] >= '0' &&
	       parser->text.ptr[parser->at] <= '9') {
		parser->at++;
	}
	return (struct slice){ parser->text.ptr + start, parser->at - start };
}

static int parse_index(struct parser *parser)
{
	parser->at++;
	bool negative = peek(parser) == '-';

	if (negative) {
		parser->at++;
	}
	size_t start = parser->at;
	struct slice digits = take_digits(parser);
	uint64_t number;

	if (digits.len == 0) {
		return fail(parser, "an index in [] must be a whole number");
	}
	if (!number_parse_digits(digits, 10, &number) || number > INT64_MAX) {
		parser->at = start;
		return fail(parser, "the index is too large");
	}
	if (peek(parser) != ']') {
		return fail(parser, "a ']' is missing behind the index");
	}
	parser->at++;
	add_step(parser,
		 (struct step){
		     .kind = INDEX,
		     .index = negative ? -(int64_t)number : (int64_t)number,
		 });
	return 0;
}

static int parse_step(struct parser *parser)
{
	switch (peek(parser)) {
	case '[':
		return parse_index(parser);
	case '.':
		parser->at++;
		return parse_name(parser);
	default:
		return fail(parser, "only '.', '[' or the end can stand here");
	}
}

static int parse(struct parser *parser)
{
	char first = peek(parser);

	if (parser->at == parser->text.len) {
		return fail(parser, "the expression is empty");
	}
	int rc = first == '[' ? parse_index(parser) : parse_name(parser);

	while (rc == 0 && (peek(parser) || parser->at < parser->text.len)) {
		rc = parse_step(parser);
	}
	return rc;
}

int expression_compile(struct slice text, struct expression **ret_expression,
		       size_t *ret_offset, struct err *reterr)
{
	struct parser parser = {
		.text = text,
		.expression = alloc_zeroed(1, sizeof(struct expression)),
		.reterr = reterr,
	};
	int rc = parse(&parser);

	if (rc < 0) {
		expression_destroy(parser.expression);
		if (ret_offset) {
			*ret_offset = parser.at;
		}
		return rc;
	}
	*ret_expression = parser.expression;
	return 0;
}

static const struct value *element(const struct value *array, int64_t index)
{
	size_t len = value_len(array);

	if (index >= 0) {
		return value_at(array, (size_t)index);
	}
	size_t back = (size_t)-index;

	return back <= len ? value_at(array, len - back) : NULL;
}

const struct value *expression_find(const struct expression *expression,
				    const struct value *scope)
{
	const struct value *found = scope;

	for (size_t i = 0; found && i < expression->len; i++) {
		const struct step *step = &expression->steps[i];

		found = step->kind == FIELD ? value_get_slice(found, step->name)
					    : element(found, step->index);
	}
	return found;
}

struct value expression_evaluate(const struct expression *expression,
				 const struct value *scope)
{
	const struct value *found = expression_find(expression, scope);

	return found ? value_copy(found) : value_null();
}

struct slice expression_root(const struct expression *expression)
{
	/* An index has no name. */
	return expression->steps[0].name;
}

void expression_destroy(struct expression *expression)
{
	if (expression) {
		for (size_t i = 0; i < expression->len; i++) {
			owned_free(expression->steps[i].name);
		}
		free(expression->steps);
		free(expression);
	}
}
