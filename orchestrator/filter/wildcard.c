#include "filter/wildcard.h"

#include <string.h>

#include "base/limits.h"
#include "filter/compile.h"

/* The first place of the piece settles nothing that a later one would not:
 * whatever follows has the most text left after the first. */
static bool find_all(const struct slice *pieces, size_t len, struct slice text)
{
	for (size_t i = 0; i < len; i++) {
		const char *at =
		    memmem(text.ptr, text.len, pieces[i].ptr, pieces[i].len);

		if (!at) {
			return false;
		}
		text.len -= (size_t)(at - text.ptr) + pieces[i].len;
		text.ptr = at + pieces[i].len;
	}
	return true;
}

bool wildcard_matches(const struct pieces *pieces, struct slice text)
{
	struct slice first = pieces->list[0];
	struct slice last = pieces->list[pieces->len - 1];

	if (pieces->len == 1) {
		return slice_equal(text, first);
	}
	if (text.len < first.len + last.len ||
	    !slice_starts_with(text, first) || !slice_ends_with(text, last)) {
		return false;
	}
	if (pieces->len == 2) {
		return true;
	}
	struct slice middle = {
		.ptr = text.ptr + first.len,
		.len = text.len - first.len - last.len,
	};

	return find_all(pieces->list + 1, pieces->len - 2, middle);
}

void wildcard_write(struct buf *out, const struct pieces *pieces)
{
	for (size_t i = 0; i < pieces->len; i++) {
		struct slice piece = pieces->list[i];

		if (i) {
			buf_put_byte(out, '*');
		}
		for (size_t j = 0; j < piece.len; j++) {
			if (piece.ptr[j] == '*' || piece.ptr[j] == '\\') {
				buf_put_byte(out, '\\');
			}
			buf_put_byte(out, (uint8_t)piece.ptr[j]);
		}
	}
}

static int check_star(struct compiler *compiler, size_t stars, bool adjacent)
{
	if (adjacent) {
		return compiler_fail(compiler, E_INVALID,
				     "two stars together; one is enough");
	}
	if (stars > LIMIT_FILTER_WILDCARD_STARS) {
		return compiler_fail(compiler, E_TOO_BIG, "more than %d stars",
				     LIMIT_FILTER_WILDCARD_STARS);
	}
	return 0;
}

static int check_escape(struct compiler *compiler, struct slice pattern,
			size_t at)
{
	if (at < pattern.len &&
	    (pattern.ptr[at] == '*' || pattern.ptr[at] == '\\')) {
		return 0;
	}
	return compiler_fail(compiler, E_INVALID,
			     "a backslash must stand before '*' or another "
			     "backslash");
}

static int check(struct compiler *compiler, struct slice pattern,
		 size_t *ret_stars)
{
	size_t stars = 0;
	size_t after_star = SIZE_MAX;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < pattern.len; i++) {
		if (pattern.ptr[i] == '*') {
			rc = check_star(compiler, ++stars, i == after_star);
			after_star = i + 1;
		} else if (pattern.ptr[i] == '\\') {
			rc = check_escape(compiler, pattern, ++i);
		}
	}
	*ret_stars = stars;
	return rc;
}

/* Unescapes into `text`, which is as long as the pattern. */
static size_t split(struct slice pattern, char *text, struct slice *pieces)
{
	char *end = text;

	*pieces = (struct slice){ text, 0 };
	for (size_t i = 0; i < pattern.len; i++) {
		if (pattern.ptr[i] == '*') {
			*++pieces = (struct slice){ end, 0 };
			continue;
		}
		if (pattern.ptr[i] == '\\') {
			i++;
		}
		*end++ = pattern.ptr[i];
		pieces->len++;
	}
	return (size_t)(end - text);
}

int wildcard_compile(struct compiler *compiler, const struct value *operand,
		     struct alternative *ret_alternative)
{
	struct scratch *scratch = &compiler->scratch;
	size_t stars = 0;

	if (operand->type != VALUE_STRING) {
		return compiler_fail(compiler, E_INVALID,
				     "expected a string, found %s",
				     value_type_name(operand));
	}
	struct slice pattern = operand->as.text;

	if (pattern.len > LIMIT_FILTER_WILDCARD) {
		return compiler_fail(compiler, E_TOO_BIG,
				     "longer than %d bytes",
				     LIMIT_FILTER_WILDCARD);
	}
	int rc = check(compiler, pattern, &stars);

	if (rc) {
		return rc;
	}
	struct slice *pieces =
	    scratch_take(scratch, stars + 1, sizeof(*pieces));

	compiler->parts.text +=
	    split(pattern, scratch_take(scratch, pattern.len, 1), pieces);
	compiler->parts.pieces += stars + 1;
	ret_alternative->kind = ALTERNATIVE_WILDCARD;
	ret_alternative->as.pieces = (struct pieces){ pieces, stars + 1 };
	return 0;
}
