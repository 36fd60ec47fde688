/*
 * As much of JSON Schema 2020-12 as docs/schemas uses. An unknown keyword
 * fails the test, so that nothing is silently not checked.
 */
#ifndef TEST_SCHEMA_CHECK_H
#define TEST_SCHEMA_CHECK_H

#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "document/json.h"

struct schema_check {
	const struct value *root;
	char where[256]; /* of the first complaint; "" while all is well */
};

static bool schema_accepts(struct schema_check *check,
			   const struct value *schema,
			   const struct value *value, const char *path);

static inline bool schema_complain(struct schema_check *check, const char *path,
				   const char *keyword)
{
	if (!*check->where) {
		(void)snprintf(check->where, sizeof(check->where), "%s: %s",
			       path, keyword);
	}
	return false;
}

static inline bool schema_is_type(const struct value *value, struct slice type)
{
	if (slice_is(type, "object")) {
		return value->type == VALUE_MAP;
	}
	if (slice_is(type, "array")) {
		return value->type == VALUE_ARRAY;
	}
	if (slice_is(type, "integer")) {
		return value->type == VALUE_INT || value->type == VALUE_UINT;
	}
	return slice_is(type, value_type_name(value));
}

static inline bool schema_type(const struct value *types,
			       const struct value *value)
{
	if (types->type == VALUE_STRING) {
		return schema_is_type(value, types->as.text);
	}
	for (size_t i = 0; i < value_len(types); i++) {
		if (schema_is_type(value, value_at(types, i)->as.text)) {
			return true;
		}
	}
	return false;
}

static inline bool schema_enum(const struct value *list,
			       const struct value *value)
{
	for (size_t i = 0; i < value_len(list); i++) {
		if (value_equal(value_at(list, i), value)) {
			return true;
		}
	}
	return false;
}

static inline bool schema_pattern(struct slice pattern, struct slice text)
{
	char *expression = slice_dup(pattern);
	char *subject = slice_dup(text);
	regex_t compiled;

	assert_int_equal(
	    regcomp(&compiled, expression, REG_EXTENDED | REG_NOSUB), 0);
	bool fits = regexec(&compiled, subject, 0, NULL, 0) == 0;

	regfree(&compiled);
	free(expression);
	free(subject);
	return fits;
}

static inline bool schema_required(const struct value *names,
				   const struct value *value)
{
	for (size_t i = 0; i < value_len(names); i++) {
		if (!value_get_slice(value, value_at(names, i)->as.text)) {
			return false;
		}
	}
	return true;
}

static inline bool schema_members(struct schema_check *check,
				  const struct value *schema,
				  const struct value *value, const char *path)
{
	const struct value *known = value_get(schema, "properties");
	const struct value *rest = value_get(schema, "additionalProperties");
	bool good = true;

	for (size_t i = 0; i < value_len(value); i++) {
		const struct value_entry *entry = value_entry_at(value, i);
		const struct value *inner =
		    known ? value_get_slice(known, entry->key) : NULL;
		char below[160];

		(void)snprintf(below, sizeof(below), "%s.%.*s", path,
			       SLICE_ARG(entry->key));
		if (!inner && rest && rest->type == VALUE_BOOL) {
			good &= rest->as.boolean ||
				schema_complain(check, below, "unknown");
			continue;
		}
		inner = inner ? inner : rest;
		good &= !inner ||
			schema_accepts(check, inner, &entry->value, below);
	}
	return good;
}

static inline bool schema_any_of(struct schema_check *check,
				 const struct value *list,
				 const struct value *value, const char *path)
{
	struct schema_check quiet = *check;

	for (size_t i = 0; i < value_len(list); i++) {
		if (schema_accepts(&quiet, value_at(list, i), value, path)) {
			return true;
		}
	}
	return false;
}

static inline bool schema_items(struct schema_check *check,
				const struct value *items,
				const struct value *value, const char *path)
{
	bool good = true;

	for (size_t i = 0; i < value_len(value); i++) {
		good &= schema_accepts(check, items, value_at(value, i), path);
	}
	return good;
}

static inline const struct value *schema_ref(const struct schema_check *check,
					     struct slice ref)
{
	struct slice prefix = SLICE("#/$defs/");

	assert_true(slice_starts_with(ref, prefix));
	ref.ptr += prefix.len;
	ref.len -= prefix.len;
	const struct value *found =
	    value_get_slice(value_get(check->root, "$defs"), ref);

	assert_non_null(found);
	return found;
}

static inline bool schema_in_range(const struct value *bound,
				   const struct value *value, int sign)
{
	return !value_is_number(value) ||
	       value_compare_numbers(value, bound) * sign >= 0;
}

static inline bool schema_length(const struct value *bound,
				 const struct value *value, int sign)
{
	struct value len;

	if (value->type != VALUE_STRING) {
		return true;
	}
	len = value_int((int64_t)utf8_length(value->as.text));
	return schema_in_range(bound, &len, sign);
}

static inline bool schema_keyword(struct schema_check *check,
				  const struct value *schema,
				  const struct value_entry *rule,
				  const struct value *value, const char *path)
{
	struct slice key = rule->key;
	const struct value *given = &rule->value;

	if (slice_is(key, "type")) {
		return schema_type(given, value);
	}
	if (slice_is(key, "enum")) {
		return schema_enum(given, value);
	}
	if (slice_is(key, "pattern")) {
		return value->type != VALUE_STRING ||
		       schema_pattern(given->as.text, value->as.text);
	}
	if (slice_is(key, "required")) {
		return value->type != VALUE_MAP ||
		       schema_required(given, value);
	}
	if (slice_is(key, "additionalProperties") ||
	    slice_is(key, "properties")) {
		return value->type != VALUE_MAP ||
		       schema_members(check, schema, value, path);
	}
	if (slice_is(key, "items")) {
		return value->type != VALUE_ARRAY ||
		       schema_items(check, given, value, path);
	}
	if (slice_is(key, "anyOf")) {
		return schema_any_of(check, given, value, path);
	}
	if (slice_is(key, "$ref")) {
		return schema_accepts(check, schema_ref(check, given->as.text),
				      value, path);
	}
	if (slice_is(key, "minimum") || slice_is(key, "maximum")) {
		return schema_in_range(given, value,
				       slice_is(key, "minimum") ? 1 : -1);
	}
	if (slice_is(key, "minLength") || slice_is(key, "maxLength")) {
		return schema_length(given, value,
				     slice_is(key, "minLength") ? 1 : -1);
	}
	return slice_is(key, "description") || slice_is(key, "title") ||
	       slice_starts_with(key, SLICE("$"));
}

static inline bool schema_accepts(struct schema_check *check,
				  const struct value *schema,
				  const struct value *value, const char *path)
{
	bool good = true;

	for (size_t i = 0; i < value_len(schema); i++) {
		const struct value_entry *rule = value_entry_at(schema, i);
		char keyword[48];

		if (!schema_keyword(check, schema, rule, value, path)) {
			(void)snprintf(keyword, sizeof(keyword), "%.*s",
				       SLICE_ARG(rule->key));
			good = schema_complain(check, path, keyword);
		}
	}
	return good;
}

#endif
