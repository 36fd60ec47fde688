#include "document/yaml_scalar.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "document/base64.h"
#include "document/number.h"

#define TAG_PREFIX "tag:yaml.org,2002:"

enum form { FORM_TEXT, FORM_DECIMAL, FORM_OCTAL, FORM_HEX, FORM_FLOAT };

static struct slice from(struct slice text, size_t start)
{
	return (struct slice){ text.ptr + start, text.len - start };
}

static bool is_one_of(struct slice text, const char *const *words)
{
	for (; *words; words++) {
		if (slice_is(text, *words)) {
			return true;
		}
	}
	return false;
}

static bool is_null(struct slice text)
{
	static const char *const words[] = { "null", "Null", "NULL",
					     "~",    "",     NULL };

	return is_one_of(text, words);
}

static bool is_true(struct slice text)
{
	static const char *const words[] = { "true", "True", "TRUE", NULL };

	return is_one_of(text, words);
}

static bool is_false(struct slice text)
{
	static const char *const words[] = { "false", "False", "FALSE", NULL };

	return is_one_of(text, words);
}

static bool is_infinite_or_none(struct slice text)
{
	static const char *const infinite[] = { ".inf", ".Inf", ".INF", NULL };
	static const char *const none[] = { ".nan", ".NaN", ".NAN", NULL };
	bool sign = text.len && (text.ptr[0] == '-' || text.ptr[0] == '+');

	return is_one_of(text, none) ||
	       is_one_of(from(text, sign ? 1 : 0), infinite);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t digits_at(struct slice text, size_t at)
{
	size_t start = at;

	while (at < text.len && is_digit(text.ptr[at])) {
		at++;
	}
	return at - start;
}

/* [eE][-+]?[0-9]+ up to the end. */
static bool is_exponent(struct slice text, size_t at)
{
	if (text.ptr[at] != 'e' && text.ptr[at] != 'E') {
		return false;
	}
	at++;
	if (at < text.len && (text.ptr[at] == '-' || text.ptr[at] == '+')) {
		at++;
	}
	return at < text.len && at + digits_at(text, at) == text.len;
}

/* Without sign. A zero in front makes text of it, as in 010 or 007.5. */
static enum form decimal_form(struct slice text)
{
	size_t whole = digits_at(text, 0);
	size_t at = whole;

	if (whole > 1 && text.ptr[0] == '0') {
		return FORM_TEXT;
	}
	if (whole && at == text.len) {
		return FORM_DECIMAL;
	}
	if (at < text.len && text.ptr[at] == '.') {
		size_t fraction = digits_at(text, at + 1);

		if (whole == 0 && fraction == 0) {
			return FORM_TEXT;
		}
		at += 1 + fraction;
	} else if (whole == 0) {
		return FORM_TEXT;
	}
	return at == text.len || is_exponent(text, at) ? FORM_FLOAT : FORM_TEXT;
}

static bool all_in(struct slice text, const char *set)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\0' || !strchr(set, text.ptr[i])) {
			return false;
		}
	}
	return text.len != 0;
}

static enum form form_of(struct slice text)
{
	if (slice_starts_with(text, SLICE("0o"))) {
		return all_in(from(text, 2), "01234567") ? FORM_OCTAL
							 : FORM_TEXT;
	}
	if (slice_starts_with(text, SLICE("0x"))) {
		return all_in(from(text, 2), "0123456789abcdefABCDEF")
			   ? FORM_HEX
			   : FORM_TEXT;
	}
	bool sign = text.len && (text.ptr[0] == '-' || text.ptr[0] == '+');

	return decimal_form(from(text, sign ? 1 : 0));
}

static bool parse_decimal(struct slice text, struct value *ret_value)
{
	bool sign = text.ptr[0] == '-' || text.ptr[0] == '+';
	uint64_t number;

	if (!number_parse_digits(from(text, sign ? 1 : 0), 10, &number)) {
		return false;
	}
	if (text.ptr[0] != '-') {
		*ret_value = value_uint(number);
		return true;
	}
	if (number > (uint64_t)INT64_MAX + 1) {
		return false;
	}
	*ret_value = value_int((int64_t)(0 - number));
	return true;
}

static bool parse_based(struct slice digits, unsigned base,
			struct value *ret_value)
{
	uint64_t number;

	if (!number_parse_digits(digits, base, &number)) {
		return false;
	}
	*ret_value = value_uint(number);
	return true;
}

static bool parse_float(struct slice text, struct value *ret_value)
{
	double number;

	if (!number_parse(text, &number)) {
		return false;
	}
	*ret_value = value_double(number);
	return true;
}

static bool parse_number(struct slice text, enum form form,
			 struct value *ret_value)
{
	switch (form) {
	case FORM_DECIMAL:
		return parse_decimal(text, ret_value);
	case FORM_OCTAL:
		return parse_based(from(text, 2), 8, ret_value);
	case FORM_HEX:
		return parse_based(from(text, 2), 16, ret_value);
	default:
		return parse_float(text, ret_value);
	}
}

static struct value borrow(struct slice text)
{
	return (struct value){ .type = VALUE_STRING, .as.text = text };
}

int yaml_scalar_resolve(struct slice text, struct value *ret_value,
			const char **ret_problem)
{
	if (is_null(text)) {
		*ret_value = value_null();
		return 0;
	}
	if (is_true(text) || is_false(text)) {
		*ret_value = value_bool(is_true(text));
		return 0;
	}
	if (is_infinite_or_none(text)) {
		*ret_problem = "is no number that a document can hold";
		return E_INVALID;
	}
	enum form form = form_of(text);

	if (form == FORM_TEXT) {
		*ret_value = borrow(text);
		return 0;
	}
	if (!parse_number(text, form, ret_value)) {
		*ret_problem = form == FORM_FLOAT
				   ? "is larger than any number of 64 bits"
				   : "does not fit a number of 64 bits";
		return E_INVALID;
	}
	return 0;
}

bool yaml_scalar_is_string(struct slice text)
{
	return !is_null(text) && !is_true(text) && !is_false(text) &&
	       !is_infinite_or_none(text) && form_of(text) == FORM_TEXT;
}

static int resolve_binary(struct slice text, struct value *ret_value,
			  const char **ret_problem)
{
	struct buf bytes = { 0 };
	bool ok = base64_read(&bytes, text);

	if (ok) {
		*ret_value = value_bytes(buf_slice(&bytes));
	} else {
		*ret_problem = "is no base 64 text";
	}
	buf_fini(&bytes);
	return ok ? 0 : E_INVALID;
}

static bool fits_tag(const struct value *value, const char *name)
{
	switch (value->type) {
	case VALUE_NULL:
		return strcmp(name, "null") == 0;
	case VALUE_BOOL:
		return strcmp(name, "bool") == 0;
	case VALUE_INT:
	case VALUE_UINT:
		return strcmp(name, "int") == 0;
	case VALUE_DOUBLE:
		return strcmp(name, "float") == 0;
	default:
		return false;
	}
}

int yaml_scalar_resolve_tagged(struct slice text, const char *tag,
			       struct value *ret_value,
			       const char **ret_problem)
{
	static const char *const known[] = { "null", "bool", "int", "float",
					     NULL };
	struct value value;

	if (strcmp(tag, "!") == 0 || strcmp(tag, TAG_PREFIX "str") == 0) {
		*ret_value = borrow(text);
		return 0;
	}
	if (strcmp(tag, TAG_PREFIX "binary") == 0) {
		return resolve_binary(text, ret_value, ret_problem);
	}
	const char *name = strncmp(tag, TAG_PREFIX, strlen(TAG_PREFIX)) == 0
			       ? tag + strlen(TAG_PREFIX)
			       : "";

	if (!is_one_of(slice_of(name), known)) {
		return E_UNSUPPORTED;
	}
	int rc = yaml_scalar_resolve(text, &value, ret_problem);

	if (rc < 0) {
		return rc;
	}
	if (strcmp(name, "float") == 0 && value_is_number(&value)) {
		value = value_double(value_as_double(&value));
	}
	if (!fits_tag(&value, name)) {
		*ret_problem = "does not fit its tag";
		return E_INVALID;
	}
	*ret_value = value;
	return 0;
}
