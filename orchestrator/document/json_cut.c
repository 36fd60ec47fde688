#include "document/json_cut.h"

#include <string.h>

#include "document/text_position.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(struct json_cut *cut)
{
	while (cut->at < cut->text.len && is_space(cut->text.ptr[cut->at])) {
		cut->at++;
	}
}

/* The character to come after blanks; 0 at the end. */
static char look(struct json_cut *cut)
{
	skip_space(cut);
	if (cut->at == cut->text.len) {
		return '\0';
	}
	return cut->text.ptr[cut->at];
}

static int refuse(const struct json_cut *cut, size_t at, const char *sentence,
		  struct err *reterr)
{
	struct text_position place = text_position(cut->text, at);

	return err_set(reterr, E_INVALID, "line %u, column %u: %s", place.line,
		       place.column, sentence);
}

int json_cut_begin(struct json_cut *cut, struct slice text, struct err *reterr)
{
	*cut = (struct json_cut){ .text = text, .first = true };
	char open = look(cut);

	if (open != '{' && open != '[') {
		return refuse(cut, cut->at, "expected '{' or '['", reterr);
	}
	cut->close = open == '{' ? '}' : ']';
	cut->at++;
	return 0;
}

/* Behind the string's closing quote; false when it has none. */
static bool skip_string(struct slice text, size_t *at)
{
	for (size_t i = *at + 1; i < text.len; i++) {
		if (text.ptr[i] == '"') {
			*at = i + 1;
			return true;
		}
		if (text.ptr[i] == '\\') {
			i++;
		}
	}
	return false;
}

/* Brackets are counted, not matched: who reads the part sees what is wrong. */
static bool skip_nested(struct slice text, size_t *at)
{
	size_t depth = 0;
	size_t i = *at;

	while (i < text.len) {
		char c = text.ptr[i];

		if (c == '"') {
			if (!skip_string(text, &i)) {
				return false;
			}
			continue;
		}
		depth += c == '{' || c == '[';
		depth -= c == '}' || c == ']';
		i++;
		if (depth == 0) {
			*at = i;
			return true;
		}
	}
	return false;
}

static void skip_bare(struct slice text, size_t *at)
{
	while (*at < text.len && !is_space(text.ptr[*at]) &&
	       (!text.ptr[*at] || !strchr(",:{}[]\"", text.ptr[*at]))) {
		++*at;
	}
}

static int cut_value(struct json_cut *cut, struct slice *ret_value,
		     struct err *reterr)
{
	char c = look(cut);
	size_t start = cut->at;
	bool ended = true;

	if (c == '"') {
		ended = skip_string(cut->text, &cut->at);
	} else if (c == '{' || c == '[') {
		ended = skip_nested(cut->text, &cut->at);
	} else {
		skip_bare(cut->text, &cut->at);
	}
	if (!ended) {
		return refuse(cut, start, "what begins here does not end",
			      reterr);
	}
	if (cut->at == start) {
		return refuse(cut, start, "expected a value", reterr);
	}
	*ret_value = (struct slice){ cut->text.ptr + start, cut->at - start };
	return 0;
}

static int cut_key(struct json_cut *cut, struct slice *ret_key,
		   struct err *reterr)
{
	if (look(cut) != '"') {
		return refuse(cut, cut->at, "expected a key in quotes", reterr);
	}
	int rc = cut_value(cut, ret_key, reterr);

	if (rc == 0 && look(cut) != ':') {
		rc = refuse(cut, cut->at, "expected ':' after the key", reterr);
	}
	cut->at++;
	return rc;
}

static int end(struct json_cut *cut, struct err *reterr)
{
	cut->at++;
	return look(cut) || cut->at < cut->text.len
		   ? refuse(cut, cut->at, "nothing may follow the end", reterr)
		   : 0;
}

int json_cut_next(struct json_cut *cut, struct json_part *ret_part,
		  struct err *reterr)
{
	struct json_part part = { 0 };
	char c = look(cut);
	int rc = 0;

	if (c == cut->close) {
		return end(cut, reterr);
	}
	if (!cut->first && c != ',') {
		return refuse(cut, cut->at,
			      cut->close == '}' ? "expected ',' or '}'"
						: "expected ',' or ']'",
			      reterr);
	}
	cut->at += !cut->first;
	cut->first = false;
	if (cut->close == '}') {
		rc = cut_key(cut, &part.key, reterr);
	}
	if (rc == 0) {
		rc = cut_value(cut, &part.value, reterr);
	}
	if (rc < 0) {
		return rc;
	}
	*ret_part = part;
	return 1;
}
