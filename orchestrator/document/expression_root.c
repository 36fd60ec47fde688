#include "document/expression_root.h"

#include <stddef.h>

#include "base/near.h"
#include "document/expression.h"

static const char *const roots[] = { "input", "attributes", "stash", "outputs",
				     "run" };

#define ROOTS (sizeof(roots) / sizeof(*roots))

int expression_check_root(struct slice name, struct err *reterr)
{
	struct near near = { 0 };

	for (size_t i = 0; i < ROOTS; i++) {
		if (slice_is(name, roots[i])) {
			return 0;
		}
		near_try(&near, name, roots[i]);
	}
	return err_set(reterr, E_INVALID,
		       "expressions know input, attributes, stash, outputs and "
		       "run, but not '%.*s'%s%s%s",
		       SLICE_ARG(name), near.best ? "; did you mean '" : "",
		       near.best ? near.best : "", near.best ? "'?" : "");
}

static size_t spaces_before(struct slice text)
{
	size_t at = 0;

	while (at < text.len &&
	       (text.ptr[at] == ' ' || text.ptr[at] == '\t' ||
		text.ptr[at] == '\n' || text.ptr[at] == '\r')) {
		at++;
	}
	return at;
}

int expression_check(struct slice text, size_t *ret_offset, struct err *reterr)
{
	struct expression *expression;
	int rc = expression_compile(text, &expression, ret_offset, reterr);

	if (rc < 0) {
		return rc;
	}
	rc = expression_check_root(expression_root(expression), reterr);
	expression_destroy(expression);
	if (rc < 0 && ret_offset) {
		*ret_offset = spaces_before(text);
	}
	return rc;
}
