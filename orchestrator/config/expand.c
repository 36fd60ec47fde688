#include "config/expand.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#define OPEN         SLICE("${")
#define OPEN_CODE    SLICE("${{")
#define ESCAPED      SLICE("$${")
#define ESCAPED_CODE SLICE("$${{")
#define CLOSE        SLICE("}}")
#define OTHERWISE    SLICE(":-")

static struct slice skip(struct slice text, size_t len)
{
	return (struct slice){ text.ptr + len, text.len - len };
}

static size_t name_len(struct slice text)
{
	size_t len = 0;

	while (len < text.len && (isalnum((unsigned char)text.ptr[len]) ||
				  text.ptr[len] == '_')) {
		len++;
	}
	return len && isdigit((unsigned char)text.ptr[0]) ? 0 : len;
}

/* The variable's text; NULL when unset or empty. */
static const char *look_up(struct slice name)
{
	char *copy = slice_dup(name);
	const char *found = getenv(copy);

	free(copy);
	return found && found[0] ? found : NULL;
}

static int put_found(struct slice found, enum expand_into into, struct buf *out,
		     struct slice name, struct err *reterr)
{
	if (!utf8_valid(found)) {
		return err_set(reterr, E_INVALID,
			       "the environment variable '%.*s' holds bytes "
			       "that are not UTF-8",
			       SLICE_ARG(name));
	}
	while (found.len) {
		if (into == EXPAND_TEMPLATE &&
		    slice_starts_with(found, OPEN_CODE)) {
			buf_put_byte(out, '$');
		}
		buf_put_byte(out, (uint8_t)found.ptr[0]);
		found = skip(found, 1);
	}
	return 0;
}

/* `inside` is what stands between the braces. */
static int put_variable(struct slice inside, enum expand_into into,
			struct buf *out, struct err *reterr)
{
	struct slice name = { inside.ptr, name_len(inside) };
	struct slice rest = skip(inside, name.len);
	bool has_default = slice_starts_with(rest, OTHERWISE);

	if (name.len == 0 || (rest.len && !has_default)) {
		return err_set(reterr, E_INVALID,
			       "expected ${NAME} or ${NAME:-default}; a "
			       "literal ${ is written $${");
	}
	const char *found = look_up(name);

	if (found) {
		return put_found(slice_of(found), into, out, name, reterr);
	}
	if (!has_default) {
		return err_set(reterr, E_INVALID,
			       "the environment variable '%.*s' is not set "
			       "and has no default",
			       SLICE_ARG(name));
	}
	buf_put_slice(out, skip(rest, OTHERWISE.len));
	return 0;
}

static int take_variable(struct slice *text, enum expand_into into,
			 struct buf *out, struct slice *ret_mistake,
			 struct err *reterr)
{
	const char *close = memchr(text->ptr, '}', text->len);

	*ret_mistake = *text;
	if (!close) {
		return err_set(reterr, E_INVALID,
			       "this ${ has no }; a literal ${ is written $${");
	}
	size_t len = (size_t)(close - text->ptr);
	struct slice inside = { text->ptr + OPEN.len, len - OPEN.len };

	ret_mistake->len = len + 1;
	*text = skip(*text, len + 1);
	return put_variable(inside, into, out, reterr);
}

/* Length of a ${{ ... }} at the start; the whole text when it has no end. */
static size_t code_len(struct slice text)
{
	bool quoted = false;

	for (size_t at = OPEN_CODE.len; at < text.len; at++) {
		char c = text.ptr[at];

		if (c == '"') {
			quoted = !quoted;
		} else if (quoted && c == '\\') {
			at++;
		} else if (!quoted &&
			   slice_starts_with(skip(text, at), CLOSE)) {
			return at + CLOSE.len;
		}
	}
	return text.len;
}

/* Moves what stands for itself from `text` to `out`. */
static void take_literal(struct slice *text, struct buf *out)
{
	size_t len = 1;

	if (slice_starts_with(*text, ESCAPED_CODE)) {
		len = ESCAPED_CODE.len;
	} else if (slice_starts_with(*text, ESCAPED)) {
		buf_put_slice(out, OPEN);
		*text = skip(*text, ESCAPED.len);
		return;
	} else if (slice_starts_with(*text, OPEN_CODE)) {
		len = code_len(*text);
	}
	buf_put(out, text->ptr, len);
	*text = skip(*text, len);
}

int expand(struct slice text, enum expand_into into, struct buf *out,
	   struct slice *ret_mistake, struct err *reterr)
{
	int rc = 0;

	while (rc == 0 && text.len) {
		if (slice_starts_with(text, OPEN) &&
		    !slice_starts_with(text, OPEN_CODE)) {
			rc = take_variable(&text, into, out, ret_mistake,
					   reterr);
		} else {
			take_literal(&text, out);
		}
	}
	return rc;
}

void expand_escape(struct slice text, struct buf *out)
{
	while (text.len) {
		if (slice_starts_with(text, ESCAPED_CODE) ||
		    slice_starts_with(text, OPEN_CODE)) {
			take_literal(&text, out);
			continue;
		}
		if (slice_starts_with(text, OPEN)) {
			buf_put_byte(out, '$');
			buf_put_slice(out, OPEN);
			text = skip(text, OPEN.len);
			continue;
		}
		buf_put_byte(out, (uint8_t)text.ptr[0]);
		text = skip(text, 1);
	}
}
