#include "document/value.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "document/owned.h"
#include "document/value_private.h"

struct value value_null(void)
{
	return (struct value){ 0 };
}

struct value value_bool(bool boolean)
{
	return (struct value){ .type = VALUE_BOOL, .as.boolean = boolean };
}

struct value value_int(int64_t integer)
{
	return (struct value){ .type = VALUE_INT, .as.integer = integer };
}

struct value value_uint(uint64_t integer)
{
	if (integer <= INT64_MAX) {
		return value_int((int64_t)integer);
	}
	return (struct value){ .type = VALUE_UINT,
			       .as.unsigned_integer = integer };
}

struct value value_double(double number)
{
	if (!isfinite(number)) {
		return value_null();
	}
	return (struct value){ .type = VALUE_DOUBLE, .as.number = number };
}

char *value_dup(struct slice text, key_resize resize)
{
	char *copy = resize(NULL, text.len + 1);

	if (copy) {
		if (text.len) {
			memcpy(copy, text.ptr, text.len);
		}
		copy[text.len] = '\0';
	}
	return copy;
}

static struct value make_text(enum value_type type, struct slice text)
{
	return (struct value){
		.type = type,
		.as.text = { value_dup(text, key_resize_or_end), text.len },
	};
}

int value_text_try(enum value_type type, struct slice text,
		   struct value *ret_value)
{
	char *copy = value_dup(text, alloc_try_resize);

	if (!copy) {
		return E_NO_MEMORY;
	}
	*ret_value = (struct value){
		.type = type,
		.as.text = { copy, text.len },
	};
	return 0;
}

struct value value_string(struct slice text)
{
	return make_text(VALUE_STRING, text);
}

struct value value_text(const char *text)
{
	return text ? value_string(slice_of(text)) : value_null();
}

struct value value_bytes(struct slice bytes)
{
	return make_text(VALUE_BYTES, bytes);
}

struct value value_array(void)
{
	return (struct value){ .type = VALUE_ARRAY };
}

struct value value_map(void)
{
	return (struct value){ .type = VALUE_MAP };
}

static void array_destroy(struct value_array *array)
{
	if (array) {
		for (size_t i = 0; i < array->len; i++) {
			value_clear(&array->items[i]);
		}
		free(array->items);
		free(array);
	}
}

void value_clear(struct value *value)
{
	if (!value) {
		return;
	}
	switch (value->type) {
	case VALUE_STRING:
	case VALUE_BYTES:
		owned_free(value->as.text);
		break;
	case VALUE_ARRAY:
		array_destroy(value->as.array);
		break;
	case VALUE_MAP:
		value_map_destroy(value->as.map);
		break;
	default:
		break;
	}
	*value = value_null();
}

static struct value array_copy(const struct value *array)
{
	struct value copy = value_array();

	for (size_t i = 0; i < value_len(array); i++) {
		value_push(&copy, value_copy(value_at(array, i)));
	}
	return copy;
}

struct value value_copy(const struct value *value)
{
	switch (value->type) {
	case VALUE_STRING:
	case VALUE_BYTES:
		return make_text(value->type, value->as.text);
	case VALUE_ARRAY:
		return array_copy(value);
	case VALUE_MAP:
		return value_map_copy(value);
	default:
		return *value;
	}
}

const char *value_type_name(const struct value *value)
{
	switch (value->type) {
	case VALUE_NULL:
		return "null";
	case VALUE_BOOL:
		return "boolean";
	case VALUE_INT:
	case VALUE_UINT:
	case VALUE_DOUBLE:
		return "number";
	case VALUE_STRING:
		return "string";
	case VALUE_BYTES:
		return "bytes";
	case VALUE_ARRAY:
		return "list";
	case VALUE_MAP:
		return "map";
	}
	return "null";
}

static bool array_equal(const struct value *a, const struct value *b)
{
	if (value_len(a) != value_len(b)) {
		return false;
	}
	for (size_t i = 0; i < value_len(a); i++) {
		if (!value_equal(value_at(a, i), value_at(b, i))) {
			return false;
		}
	}
	return true;
}

static bool map_equal(const struct value *a, const struct value *b)
{
	if (value_len(a) != value_len(b)) {
		return false;
	}
	for (size_t i = 0; i < value_len(a); i++) {
		const struct value_entry *entry = value_entry_at(a, i);
		const struct value *other = value_get_slice(b, entry->key);

		if (!other || !value_equal(&entry->value, other)) {
			return false;
		}
	}
	return true;
}

bool value_equal(const struct value *a, const struct value *b)
{
	if (value_is_number(a) && value_is_number(b)) {
		return value_compare_numbers(a, b) == 0;
	}
	if (a->type != b->type) {
		return false;
	}
	switch (a->type) {
	case VALUE_BOOL:
		return a->as.boolean == b->as.boolean;
	case VALUE_STRING:
	case VALUE_BYTES:
		return slice_equal(a->as.text, b->as.text);
	case VALUE_ARRAY:
		return array_equal(a, b);
	case VALUE_MAP:
		return map_equal(a, b);
	default:
		return true;
	}
}

size_t value_len(const struct value *value)
{
	if (value->type == VALUE_ARRAY && value->as.array) {
		return value->as.array->len;
	}
	if (value->type == VALUE_MAP && value->as.map) {
		return value->as.map->len;
	}
	return 0;
}

const struct value *value_at(const struct value *array, size_t index)
{
	if (array->type != VALUE_ARRAY || index >= value_len(array)) {
		return NULL;
	}
	return &array->as.array->items[index];
}

bool value_grow(void **array, size_t len, size_t *cap, size_t size,
		key_resize resize)
{
	if (len < *cap) {
		return true;
	}
	/* Most collections are small, and outsiders may send many. */
	size_t wanted = *cap ? *cap * 2 : 2;
	void *bigger = resize(*array, wanted * size);

	if (!bigger) {
		return false;
	}
	*array = bigger;
	*cap = wanted;
	return true;
}

static int array_push(struct value *value, struct value item, key_resize resize)
{
	assert(value->type == VALUE_ARRAY);
	struct value_array *array = value->as.array;

	if (!array) {
		array = resize(NULL, sizeof(*array));
		if (!array) {
			return E_NO_MEMORY;
		}
		*array = (struct value_array){ 0 };
		value->as.array = array;
	}
	void *items = array->items;

	if (!value_grow(&items, array->len, &array->cap, sizeof(item),
			resize)) {
		return E_NO_MEMORY;
	}
	array->items = items;
	array->items[array->len++] = item;
	return 0;
}

void value_push(struct value *array, struct value item)
{
	(void)array_push(array, item, key_resize_or_end);
}

int value_push_try(struct value *array, struct value item)
{
	int rc = array_push(array, item, alloc_try_resize);

	if (rc < 0) {
		value_clear(&item);
	}
	return rc;
}
