#include "document/json.h"

#include <assert.h>
#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "document/json_repeat.h"
#include "document/json_scan.h"

struct reader {
	const struct json_scan *scan;
	size_t ordinal; /* of the next value */
	size_t big;     /* the next of scan->bigs */
};

static int from_jansson(struct reader *reader, json_t *json,
			struct value *ret_value);

/*
 * jansson has no numbers beyond int64_t. A big integer is given to it as a zero
 * with blanks behind, which keeps all positions, and put back by its ordinal.
 */
static char *without_bigs(struct slice text, const struct json_scan *scan)
{
	char *copy = alloc_try(text.len);

	if (!copy) {
		return NULL;
	}
	memcpy(copy, text.ptr, text.len);
	for (size_t i = 0; i < scan->len; i++) {
		memset(copy + scan->bigs[i].offset, ' ', scan->bigs[i].len);
		copy[scan->bigs[i].offset] = '0';
	}
	return copy;
}

static struct value from_integer(struct reader *reader, json_t *json)
{
	const struct json_scan *scan = reader->scan;

	if (reader->big < scan->len &&
	    scan->bigs[reader->big].ordinal + 1 == reader->ordinal) {
		return scan->bigs[reader->big++].number;
	}
	return value_int(json_integer_value(json));
}

static int from_array(struct reader *reader, json_t *json,
		      struct value *ret_value)
{
	struct value array = value_array();
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < json_array_size(json); i++) {
		struct value item;

		rc = from_jansson(reader, json_array_get(json, i), &item);
		if (rc == 0) {
			rc = value_push_try(&array, item);
		}
	}
	if (rc < 0) {
		value_clear(&array);
		return rc;
	}
	*ret_value = array;
	return 0;
}

static int from_object(struct reader *reader, json_t *json,
		       struct value *ret_value)
{
	struct value map = value_map();
	int rc = 0;

	for (void *at = json_object_iter(json); rc == 0 && at;
	     at = json_object_iter_next(json, at)) {
		struct slice key = { json_object_iter_key(at),
				     json_object_iter_key_len(at) };
		struct value item;

		rc = from_jansson(reader, json_object_iter_value(at), &item);
		if (rc == 0) {
			rc = value_set_try(&map, key, item);
		}
	}
	if (rc < 0) {
		value_clear(&map);
		return rc;
	}
	*ret_value = map;
	return 0;
}

static int from_jansson(struct reader *reader, json_t *json,
			struct value *ret_value)
{
	assert(json);
	reader->ordinal++;
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		return from_object(reader, json, ret_value);
	case JSON_ARRAY:
		return from_array(reader, json, ret_value);
	case JSON_STRING:
		return value_text_try(VALUE_STRING,
				      (struct slice){
					  json_string_value(json),
					  json_string_length(json),
				      },
				      ret_value);
	case JSON_INTEGER:
		*ret_value = from_integer(reader, json);
		return 0;
	case JSON_REAL:
		*ret_value = value_double(json_real_value(json));
		return 0;
	case JSON_TRUE:
	case JSON_FALSE:
		*ret_value = value_bool(json_is_true(json));
		return 0;
	default:
		*ret_value = value_null();
		return 0;
	}
}

/* jansson takes the lack of memory for a mistake in the text, here and there.
 */
static _Thread_local bool no_memory;
static pthread_once_t memory_once = PTHREAD_ONCE_INIT;

static void *take_memory(size_t size)
{
	void *memory = malloc(size);

	no_memory |= !memory;
	return memory;
}

static void watch_memory(void)
{
	json_set_alloc_funcs(take_memory, free);
}

static int explain(const json_error_t *error, struct err *reterr)
{
	struct slice text = slice_of(error->text);

	if (no_memory) {
		return err_set(reterr, E_NO_MEMORY, "out of memory");
	}

	/* jansson cuts at bytes, and may quote what is no UTF-8. */
	text.len = utf8_floor(text, text.len);
	if (!utf8_valid(text)) {
		const char *near = strstr(error->text, " near ");

		text.len = near ? (size_t)(near - error->text) : 0;
	}
	if (!utf8_valid(text)) {
		text = SLICE("invalid JSON");
	}
	switch (json_error_code(error)) {
	case json_error_out_of_memory:
		return err_set(reterr, E_NO_MEMORY, "out of memory");
	case json_error_stack_overflow:
		return err_set(reterr, E_TOO_BIG, "nested too deep");
	default:
		return err_set(
		    reterr, E_INVALID, "line %d, column %d: %.*s", error->line,
		    error->column > 0 ? error->column : 1, SLICE_ARG(text));
	}
}

static int load(struct slice text, size_t flags, json_t **ret_json,
		struct err *reterr)
{
	json_error_t error;

	(void)pthread_once(&memory_once, watch_memory);
	no_memory = false;
	json_t *json =
	    json_loadb(text.ptr ? text.ptr : "", text.len,
		       flags | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);

	if (!json) {
		return explain(&error, reterr);
	}
	*ret_json = json;
	return 0;
}

static int load_scanned(struct slice text, const struct json_scan *scan,
			size_t flags, json_t **ret_json, struct err *reterr)
{
	if (scan->len == 0) {
		return load(text, flags, ret_json, reterr);
	}
	char *copy = without_bigs(text, scan);

	if (!copy) {
		return err_set(reterr, E_NO_MEMORY, "out of memory");
	}
	int rc =
	    load((struct slice){ copy, text.len }, flags, ret_json, reterr);

	free(copy);
	return rc;
}

int json_read(struct slice text, const struct document_limits *limits,
	      struct value *ret_value, struct err *reterr)
{
	struct json_scan scan;
	struct reader reader = { .scan = &scan };
	json_t *json = NULL;
	int rc = json_scan(text, limits ? limits : &document_limits_default,
			   &scan, reterr);

	if (rc == 0) {
		rc = load_scanned(text, &scan, JSON_REJECT_DUPLICATES, &json,
				  reterr);
	}
	if (rc == 0) {
		rc = from_jansson(&reader, json, ret_value);
		json_decref(json);
		if (rc < 0) {
			(void)err_set(reterr, rc, "out of memory");
		}
	}
	json_scan_fini(&scan);
	return rc;
}

/* Is it well-formed, but for keys that are there twice? */
static int check_syntax(struct slice text, const struct document_limits *limits,
			struct err *reterr)
{
	struct json_scan scan;
	json_t *json = NULL;
	int rc = json_scan(text, limits ? limits : &document_limits_default,
			   &scan, reterr);

	if (rc == 0) {
		rc = load_scanned(text, &scan, 0, &json, reterr);
	}
	json_decref(json);
	json_scan_fini(&scan);
	return rc;
}

/* Without the members that do not count. */
static int read_thinned(struct slice text, const struct document_limits *limits,
			struct value *ret_value, struct err *reterr)
{
	char *copy = alloc_try(text.len);

	if (!copy) {
		return err_set(reterr, E_NO_MEMORY, "out of memory");
	}
	memcpy(copy, text.ptr, text.len);
	json_repeat_drop(copy, text.len);
	int rc = json_read((struct slice){ copy, text.len }, limits, ret_value,
			   reterr);

	free(copy);
	return rc;
}

/* A repeated key is rare, so the strict way is tried first. */
int json_read_last(struct slice text, const struct document_limits *limits,
		   struct value *ret_value, struct err *reterr)
{
	struct err error = { 0 };
	int rc = json_read(text, limits, ret_value, &error);

	if (rc == E_INVALID) {
		rc = check_syntax(text, limits, &error);
		if (rc == 0) {
			rc = read_thinned(text, limits, ret_value, &error);
		}
	}
	if (rc < 0 && reterr) {
		*reterr = error;
	}
	return rc;
}
