#include "config/reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/near.h"
#include "base/utf8.h"

#define FOUND_MAX 40 /* bytes of a text in a sentence */

bool reader_is_null(const struct yaml_node *node)
{
	return node->kind == YAML_SCALAR && node->scalar.type == VALUE_NULL;
}

static void put_found_scalar(struct buf *out, const struct yaml_node *node)
{
	struct slice text = node->text;
	const char *more = "";

	if (text.len > FOUND_MAX) {
		text.len = utf8_floor(text, FOUND_MAX);
		more = "...";
	}
	switch (node->scalar.type) {
	case VALUE_NULL:
		buf_put_text(out, text.len ? "null" : "nothing");
		break;
	case VALUE_BOOL:
		buf_printf(out, "%.*s", SLICE_ARG(text));
		break;
	case VALUE_STRING:
		buf_printf(out, "'%.*s%s'", SLICE_ARG(text), more);
		break;
	default:
		buf_printf(out, "the number %.*s%s", SLICE_ARG(text), more);
		break;
	}
}

void reader_expected(struct reader *reader, const struct yaml_node *node,
		     const char *expected)
{
	struct buf found = { 0 };

	if (node->kind == YAML_MAPPING) {
		buf_put_text(&found, "a map");
	} else if (node->kind == YAML_SEQUENCE) {
		buf_put_text(&found, "a list");
	} else {
		put_found_scalar(&found, node);
	}
	report_error(&reader->report, span_of(node), "expected %s, found %.*s",
		     expected, SLICE_ARG(buf_slice(&found)));
	buf_fini(&found);
}

bool reader_is(struct reader *reader, const struct yaml_node *node,
	       enum yaml_kind kind, const char *expected)
{
	if (node->kind != kind) {
		reader_expected(reader, node, expected);
		return false;
	}
	return true;
}

static bool is_string(const struct yaml_node *node)
{
	return node->kind == YAML_SCALAR && node->scalar.type == VALUE_STRING;
}

char *reader_any_text(struct reader *reader, const struct yaml_node *node,
		      const char *expected)
{
	if (!is_string(node)) {
		reader_expected(reader, node, expected);
		return NULL;
	}
	struct value value = reader_document(reader, node, EXPAND_PLAIN);
	char *text = NULL;

	if (value.type == VALUE_STRING &&
	    memchr(value.as.text.ptr, '\0', value.as.text.len)) {
		report_error(&reader->report, span_of(node),
			     "expected %s, found a text with a NUL in it",
			     expected);
	} else if (value.type == VALUE_STRING) {
		text = slice_dup(value.as.text);
	}
	value_clear(&value);
	return text;
}

char *reader_text(struct reader *reader, const struct yaml_node *node,
		  const char *expected)
{
	char *text = reader_any_text(reader, node, expected);

	if (text && !*text) {
		report_error(&reader->report, span_of(node),
			     "expected %s, found an empty text", expected);
		free(text);
		return NULL;
	}
	return text;
}

bool reader_check_name(struct reader *reader, const struct yaml_node *node,
		       struct slice name)
{
	if (!name_valid(name)) {
		report_error(&reader->report, span_of(node),
			     "a name has 1 to %d bytes, without '/' and "
			     "control characters",
			     LIMIT_NAME);
		return false;
	}
	return true;
}

char *reader_name(struct reader *reader, const struct yaml_node *node,
		  const char *expected)
{
	char *name = reader_text(reader, node, expected);

	if (name && !reader_check_name(reader, node, slice_of(name))) {
		free(name);
		return NULL;
	}
	return name;
}

/* Never without a slash: a bare name would be looked for elsewhere. */
static char *join(const char *folder, const char *path)
{
	struct buf whole = { 0 };

	if (path[0] != '/') {
		while (path[0] == '.' && path[1] == '/') {
			path += 2;
		}
		buf_put_text(&whole, folder[0] ? folder : ".");
		buf_put_byte(&whole, '/');
	}
	buf_put_text(&whole, path);
	return buf_take(&whole);
}

char *reader_join(const struct reader *reader, const char *path)
{
	return join(reader->folder, path);
}

char *reader_path(struct reader *reader, const struct yaml_node *node)
{
	char *text = reader_text(reader, node, "a path");
	char *path = text ? join(reader->folder, text) : NULL;

	free(text);
	return path;
}

void reader_path_into(struct reader *reader, const struct yaml_node *node,
		      char **ret_path)
{
	char *path = reader_path(reader, node);

	if (path) {
		free(*ret_path);
		*ret_path = path;
	}
}

void reader_description(struct reader *reader, const struct yaml_node *node,
			void *target)
{
	(void)target;
	free(reader_text(reader, node, "a text"));
}

bool reader_boolean(struct reader *reader, const struct yaml_node *node,
		    bool *ret_boolean)
{
	if (node->kind != YAML_SCALAR || node->scalar.type != VALUE_BOOL) {
		reader_expected(reader, node, "true or false");
		return false;
	}
	*ret_boolean = node->scalar.as.boolean;
	return true;
}

bool reader_integer(struct reader *reader, const struct yaml_node *node,
		    int64_t min, int64_t max, int64_t *ret_integer)
{
	if (node->kind != YAML_SCALAR || node->scalar.type != VALUE_INT ||
	    node->scalar.as.integer < min || node->scalar.as.integer > max) {
		struct buf expected = { 0 };

		buf_printf(&expected,
			   "a whole number from %" PRId64 " to %" PRId64, min,
			   max);
		buf_put_byte(&expected, '\0');
		reader_expected(reader, node, expected.data);
		buf_fini(&expected);
		return false;
	}
	*ret_integer = node->scalar.as.integer;
	return true;
}

/* 0 for what is none. */
static double number_of(const struct yaml_node *node, bool *ret_is_number)
{
	bool scalar = node->kind == YAML_SCALAR;

	*ret_is_number = scalar && (node->scalar.type == VALUE_INT ||
				    node->scalar.type == VALUE_DOUBLE);
	if (!*ret_is_number) {
		return 0;
	}
	return node->scalar.type == VALUE_INT ? (double)node->scalar.as.integer
					      : node->scalar.as.number;
}

bool reader_number(struct reader *reader, const struct yaml_node *node,
		   double min, double max, double *ret_number)
{
	bool is_number;
	double number = number_of(node, &is_number);

	if (!is_number || number < min || number > max) {
		struct buf expected = { 0 };

		buf_printf(&expected, "a number from %g to %g", min, max);
		buf_put_byte(&expected, '\0');
		reader_expected(reader, node, expected.data);
		buf_fini(&expected);
		return false;
	}
	*ret_number = number;
	return true;
}

bool reader_duration(struct reader *reader, const struct yaml_node *node,
		     int64_t *ret_ms)
{
	static const char expected[] =
	    "a duration such as 250ms, 30s, 5m, 2h or 1d";

	if (!is_string(node)) {
		reader_expected(reader, node, expected);
		return false;
	}
	char *text = reader_text(reader, node, expected);
	bool valid = text && duration_parse(slice_of(text), ret_ms) == 0;

	if (text && !valid) {
		reader_expected(reader, node, expected);
	}
	free(text);
	return valid;
}

bool reader_duration_within(struct reader *reader, const struct yaml_node *node,
			    int64_t min_ms, int64_t max_ms,
			    const char *expected, int64_t *ret_ms)
{
	int64_t duration_ms;

	if (!reader_duration(reader, node, &duration_ms)) {
		return false;
	}
	if (duration_ms < min_ms || duration_ms > max_ms) {
		reader_expected(reader, node, expected);
		return false;
	}
	*ret_ms = duration_ms;
	return true;
}

void reader_some_time(struct reader *reader, const struct yaml_node *node,
		      const char *what, int64_t *ret_ms)
{
	if (reader_duration(reader, node, ret_ms) && *ret_ms == 0) {
		report_error(&reader->report, span_of(node),
			     "a %s must be longer than nothing; leave the key "
			     "out to have none",
			     what);
	}
}

/* "a, b or c" of those that this version takes. */
static void put_words(struct buf *out, const struct word *words)
{
	size_t len = 0;

	while (words[len].name) {
		len++;
	}
	for (size_t i = 0; i < len; i++) {
		if (words[i].later) {
			continue;
		}
		if (out->len) {
			bool last = i + 1 == len || words[i + 1].later;

			buf_put_text(out, last ? " or " : ", ");
		}
		buf_put_text(out, words[i].name);
	}
	buf_put_byte(out, '\0');
}

static void report_word(struct reader *reader, const struct yaml_node *node,
			const struct word *words, const char *found)
{
	struct near near = { 0 };
	struct buf expected = { 0 };

	put_words(&expected, words);
	for (; words->name; words++) {
		if (slice_is(slice_of(found), words->name)) {
			report_error(&reader->report, span_of(node),
				     "'%s' is not supported by this version; "
				     "expected %s",
				     found, expected.data);
			buf_fini(&expected);
			return;
		}
		if (!words->later) {
			near_try(&near, slice_of(found), words->name);
		}
	}
	if (near.best) {
		report_error(&reader->report, span_of(node),
			     "expected %s, found '%s'; did you mean '%s'?",
			     expected.data, found, near.best);
	} else {
		reader_expected(reader, node, expected.data);
	}
	buf_fini(&expected);
}

bool reader_word(struct reader *reader, const struct yaml_node *node,
		 const struct word *words, int *ret_number)
{
	if (!is_string(node)) {
		struct buf expected = { 0 };

		put_words(&expected, words);
		reader_expected(reader, node, expected.data);
		buf_fini(&expected);
		return false;
	}
	char *text = reader_text(reader, node, "a word");

	for (size_t i = 0; text && words[i].name; i++) {
		if (!words[i].later &&
		    slice_is(slice_of(text), words[i].name)) {
			*ret_number = words[i].number;
			free(text);
			return true;
		}
	}
	if (text) {
		report_word(reader, node, words, text);
	}
	free(text);
	return false;
}
