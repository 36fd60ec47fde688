#include "document/json_scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "document/number.h"
#include "document/text_position.h"

/* Digits of the first integers beyond int64_t, and of the greatest double. */
#define DIGITS_MIN 19
#define DIGITS_MAX 309

struct scanner {
	struct slice text;
	size_t at;
	size_t start; /* of the token */
	size_t depth;
	size_t values;
	const struct document_limits *limits;
	struct json_scan *scan;
	struct err *reterr;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_number_part(char c)
{
	return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' ||
	       c == 'e' || c == 'E';
}

static bool is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

static int too_big(const struct scanner *s, const char *what, size_t limit)
{
	struct text_position place = text_position(s->text, s->start);

	return err_set(s->reterr, E_TOO_BIG,
		       "line %u, column %u: more than %zu %s", place.line,
		       place.column, limit, what);
}

static int refuse_nul(const struct scanner *s)
{
	struct text_position place = text_position(s->text, s->start);

	return err_set(s->reterr, E_INVALID, "line %u, column %u: a NUL byte",
		       place.line, place.column);
}

static int count_value(struct scanner *s)
{
	if (s->values == s->limits->nodes) {
		return too_big(s, "values", s->limits->nodes);
	}
	s->values++;
	return 0;
}

static void skip_string(struct scanner *s)
{
	s->at++;
	while (s->at < s->text.len && s->text.ptr[s->at] != '"') {
		s->at += s->text.ptr[s->at] == '\\' ? 2 : 1;
	}
	s->at++;
}

static bool is_key(const struct scanner *s)
{
	size_t at = s->at;

	while (at < s->text.len && is_space(s->text.ptr[at])) {
		at++;
	}
	return at < s->text.len && s->text.ptr[at] == ':';
}

static int scan_string(struct scanner *s)
{
	skip_string(s);
	return is_key(s) ? 0 : count_value(s);
}

static int remember_big(struct scanner *s, struct json_big big)
{
	struct json_scan *scan = s->scan;

	if (scan->len == scan->cap) {
		size_t cap = scan->cap ? scan->cap * 2 : 8;
		void *bigs =
		    alloc_try_resize(scan->bigs, cap * sizeof(*scan->bigs));

		if (!bigs) {
			return err_set(s->reterr, E_NO_MEMORY, "out of memory");
		}
		scan->bigs = bigs;
		scan->cap = cap;
	}
	scan->bigs[scan->len++] = big;
	return 0;
}

static bool is_digits(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9') {
			return false;
		}
	}
	return text.len && text.ptr[0] != '0';
}

/* Is it an integer beyond int64_t? False also for what is too great to be a
 * number at all: of that jansson says so. */
static bool read_big(struct slice text, struct value *ret_number)
{
	bool negative = text.len && text.ptr[0] == '-';
	struct slice digits = { text.ptr + negative, text.len - negative };
	uint64_t integer;
	double number;

	if (digits.len < DIGITS_MIN || digits.len > DIGITS_MAX ||
	    !is_digits(digits)) {
		return false;
	}
	if (number_parse_digits(digits, 10, &integer)) {
		if (integer <= (uint64_t)INT64_MAX + negative) {
			return false;
		}
		*ret_number = negative ? value_double(-(double)integer)
				       : value_uint(integer);
		return true;
	}
	if (!number_parse(text, &number)) {
		return false;
	}
	*ret_number = value_double(number);
	return true;
}

static int scan_number(struct scanner *s)
{
	int rc = count_value(s);

	while (s->at < s->text.len && is_number_part(s->text.ptr[s->at])) {
		s->at++;
	}
	struct slice text = { s->text.ptr + s->start, s->at - s->start };
	struct value number;

	if (rc < 0 || !read_big(text, &number)) {
		return rc;
	}
	return remember_big(s, (struct json_big){
				   .ordinal = s->values - 1,
				   .offset = s->start,
				   .len = text.len,
				   .number = number,
			       });
}

static int scan_literal(struct scanner *s)
{
	while (s->at < s->text.len && is_letter(s->text.ptr[s->at])) {
		s->at++;
	}
	return count_value(s);
}

static int scan_open(struct scanner *s)
{
	if (s->depth == s->limits->depth) {
		return too_big(s, "levels of nesting", s->limits->depth);
	}
	s->depth++;
	int rc = count_value(s);

	s->at++;
	return rc;
}

static int scan_token(struct scanner *s)
{
	char c = s->text.ptr[s->at];

	s->start = s->at;
	if (c == '"') {
		return scan_string(s);
	}
	if (c == '[' || c == '{') {
		return scan_open(s);
	}
	if (c == '-' || (c >= '0' && c <= '9')) {
		return scan_number(s);
	}
	if (is_letter(c)) {
		return scan_literal(s);
	}
	if ((c == ']' || c == '}') && s->depth) {
		s->depth--;
	}
	s->at++;
	return 0;
}

int json_scan(struct slice text, const struct document_limits *limits,
	      struct json_scan *scan, struct err *reterr)
{
	struct scanner s = {
		.text = text,
		.limits = limits,
		.scan = scan,
		.reterr = reterr,
	};
	int rc = 0;

	*scan = (struct json_scan){ 0 };
	if (text.len > limits->size) {
		return err_set(reterr, E_TOO_BIG,
			       "%zu bytes are more than the limit of %zu",
			       text.len, limits->size);
	}
	/* jansson takes a NUL for the end and does not look behind it. */
	const char *nul = text.len ? memchr(text.ptr, '\0', text.len) : NULL;

	if (nul) {
		s.start = (size_t)(nul - text.ptr);
		return refuse_nul(&s);
	}
	while (rc == 0 && s.at < text.len) {
		rc = scan_token(&s);
	}
	return rc;
}

void json_scan_fini(struct json_scan *scan)
{
	free(scan->bigs);
	*scan = (struct json_scan){ 0 };
}
