/*
 * The one value type of documents: attributes, input, stash, outputs, config.
 * Readers and writers (yaml_tree.h, json.h, pack.h) know their formats; nobody
 * else does.
 *
 * A `struct value` is handed about by value and owns its tree: whoever holds
 * it last calls value_clear(). Copying the struct moves ownership, it does not
 * copy the tree; value_copy() does. Maps keep the order of insertion and hold
 * each key once; looking a key up is O(1). A zeroed struct is null. No
 * function here is thread-safe for a tree that somebody changes; reading a
 * tree from several threads is fine. Texts that a value owns are followed by a
 * NUL byte that is not counted.
 */
#ifndef DOCUMENT_VALUE_H
#define DOCUMENT_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum value_type {
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_INT,    /* any number that fits int64_t */
	VALUE_UINT,   /* only numbers above INT64_MAX */
	VALUE_DOUBLE, /* finite */
	VALUE_STRING, /* UTF-8 */
	VALUE_BYTES,
	VALUE_ARRAY,
	VALUE_MAP, /* keys are UTF-8 strings */
};

struct value_array; /* private to this room */
struct value_map;

struct value {
	enum value_type type;
	union {
		bool boolean;
		int64_t integer;
		uint64_t unsigned_integer;
		double number;
		struct slice text; /* VALUE_STRING, VALUE_BYTES: owned */
		struct value_array *array;
		struct value_map *map;
	} as;
};

struct value_entry {
	struct slice key; /* owned by the map */
	struct value value;
};

/* Makers. Texts are copied; a uint64_t that fits becomes VALUE_INT; a double
 * that is not finite becomes null. */
struct value value_null(void);
struct value value_bool(bool boolean);
struct value value_int(int64_t integer);
struct value value_uint(uint64_t integer);
struct value value_double(double number);
struct value value_string(struct slice text);
struct value value_text(const char *text); /* NULL gives null */
struct value value_bytes(struct slice bytes);
struct value value_array(void);
struct value value_map(void);

/* Releases the tree and leaves null. NULL is fine. */
void value_clear(struct value *value);

struct value value_copy(const struct value *value);

/* "null", "boolean", "number", "string", "bytes", "array", "map". */
const char *value_type_name(const struct value *value);

/*
 * Deep equality: maps without regard to order, numbers by their exact
 * mathematical value whatever their type (1 equals 1.0; 2^53+1 does not equal
 * the double 2^53).
 */
bool value_equal(const struct value *a, const struct value *b);

/* Exact order of two numbers of any numeric type: <0, 0, >0. */
int value_compare_numbers(const struct value *a, const struct value *b);
bool value_is_number(const struct value *value);

/* The number as a double, rounded if it must be; 0 for what is no number. */
double value_as_double(const struct value *value);

/* Elements of an array or entries of a map; 0 for anything else. */
size_t value_len(const struct value *value);

/* Array: borrowed element, or NULL beyond the end or for what is no array. */
const struct value *value_at(const struct value *array, size_t index);

/* Takes `item` over. `array` must be a VALUE_ARRAY. */
void value_push(struct value *array, struct value item);

/* Map: borrowed member, or NULL when absent or for what is no map. */
const struct value *value_get(const struct value *map, const char *key);
const struct value *value_get_slice(const struct value *map, struct slice key);

/* The i-th entry in order of insertion; NULL beyond the end. */
const struct value_entry *value_entry_at(const struct value *map, size_t index);

/* Sets or replaces (keeping the place); copies the key, takes `item` over. */
void value_set(struct value *map, const char *key, struct value item);
void value_set_slice(struct value *map, struct slice key, struct value item);

/* Removes a member and keeps the others' order; false when it was absent. */
bool value_remove(struct value *map, struct slice key);

/* Removes all members for which `drop` says so, in one pass; how many. */
size_t value_remove_if(struct value *map,
		       bool (*drop)(const struct value_entry *entry, void *arg),
		       void *arg);

/* As value_get_slice(), to change the member in place. */
struct value *value_get_mutable(struct value *map, struct slice key);

/*
 * For readers of what outsiders send: as value_string() or value_bytes(),
 * value_push() and value_set_slice(), but 0 or E_NO_MEMORY instead of the end
 * of the process. `item` is taken over also on failure.
 */
int value_text_try(enum value_type type, struct slice text,
		   struct value *ret_value);
int value_push_try(struct value *array, struct value item);
int value_set_try(struct value *map, struct slice key, struct value item);

/* Conveniences for reading records: the default when absent or of other type.
 */
struct slice value_get_text(const struct value *map, const char *key);
int64_t value_get_int(const struct value *map, const char *key, int64_t other);
bool value_get_bool(const struct value *map, const char *key, bool other);

#endif
