#include "document/template_text.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "document/owned.h"

#define OPEN    SLICE("${{")
#define CLOSE   SLICE("}}")
#define LITERAL SLICE("$${{")

static struct slice rest_of(struct slice text, size_t at)
{
	return (struct slice){ text.ptr + at, text.len - at };
}

static bool stands_at(struct slice text, size_t at, struct slice what)
{
	return slice_starts_with(rest_of(text, at), what);
}

static void add_part(struct template_text *text, struct template_part part)
{
	alloc_grow(text->parts, text->len, text->cap);
	text->parts[text->len++] = part;
}

static void add_literal(struct template_text *text, struct buf *literal)
{
	size_t len = literal->len;

	if (len) {
		add_part(text, (struct template_part){
				   .literal = { buf_take(literal), len },
			       });
	}
}

/* Where "}}" stands, but for one in a quoted name; the length if nowhere. */
static size_t find_close(struct slice text, size_t at)
{
	bool quoted = false;

	for (; at < text.len; at++) {
		char c = text.ptr[at];

		if (c == '"') {
			quoted = !quoted;
		} else if (quoted && c == '\\') {
			at++;
		} else if (!quoted && stands_at(text, at, CLOSE)) {
			return at;
		}
	}
	return text.len;
}

static int take_expression(struct slice text, size_t *at,
			   struct template_text *result, struct err *reterr)
{
	size_t start = *at + OPEN.len;
	size_t end = find_close(text, start);
	struct expression *expression;
	size_t offset;

	if (end == text.len) {
		return err_set(reterr, E_INVALID,
			       "this ${{ has no }}; a literal ${{ is written "
			       "as $${{");
	}
	int rc =
	    expression_compile((struct slice){ text.ptr + start, end - start },
			       &expression, &offset, reterr);

	if (rc < 0) {
		*at = start + offset;
		return rc;
	}
	add_part(result, (struct template_part){ .expression = expression });
	result->dynamic = true;
	*at = end + CLOSE.len;
	return 0;
}

static int parse(struct slice text, size_t *at, struct template_text *result,
		 struct err *reterr)
{
	struct buf literal = { 0 };
	int rc = 0;

	while (rc == 0 && *at < text.len) {
		if (stands_at(text, *at, LITERAL)) {
			buf_put_slice(&literal, OPEN);
			*at += LITERAL.len;
		} else if (stands_at(text, *at, OPEN)) {
			add_literal(result, &literal);
			rc = take_expression(text, at, result, reterr);
		} else {
			buf_put_byte(&literal, (uint8_t)text.ptr[(*at)++]);
		}
	}
	add_literal(result, &literal);
	buf_fini(&literal);
	return rc;
}

int template_text_parse(struct slice text, struct template_text *ret_text,
			size_t *ret_offset, struct err *reterr)
{
	struct template_text result = { 0 };
	size_t at = 0;
	int rc = parse(text, &at, &result, reterr);

	if (rc < 0) {
		template_text_fini(&result);
		*ret_offset = at;
		return rc;
	}
	*ret_text = result;
	return 0;
}

void template_text_fini(struct template_text *text)
{
	for (size_t i = 0; i < text->len; i++) {
		owned_free(text->parts[i].literal);
		expression_destroy(text->parts[i].expression);
	}
	free(text->parts);
	*text = (struct template_text){ 0 };
}
