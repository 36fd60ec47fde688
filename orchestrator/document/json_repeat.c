#include "document/json_repeat.h"

#include <string.h>

#include "document/json.h"
#include "document/json_cut.h"

/* A key as it reads; null for what is no key. */
static struct value decode(struct slice key)
{
	struct value value;

	return json_read(key, NULL, &value, NULL) ? value_null() : value;
}

static bool is_nested(struct slice text)
{
	return text.ptr[0] == '{' || text.ptr[0] == '[';
}

/* ---- find ---- */

static void put_key(struct buf *path, const struct value *key)
{
	struct slice text = key->as.text;
	bool plain = text.len > 0;

	for (size_t i = 0; i < text.len; i++) {
		plain = plain && text.ptr[i] &&
			strchr("abcdefghijklmnopqrstuvwxyz"
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-$",
			       text.ptr[i]);
	}
	buf_put_byte(path, '.');
	if (plain) {
		buf_put_slice(path, text);
	} else {
		json_write_string(path, text);
	}
}

static bool find(struct slice text, struct buf *path, const char **ret_place);

/* The part itself, or something in it. */
static bool find_in_part(const struct json_part *part, size_t index,
			 struct value *seen, struct buf *path,
			 const char **ret_place)
{
	size_t len = path->len;
	bool repeated = false;

	if (part->key.len) {
		struct value key = decode(part->key);

		put_key(path, &key);
		repeated = value_get_slice(seen, key.as.text) != NULL;
		value_set_slice(seen, key.as.text, value_null());
		*ret_place = part->key.ptr;
		value_clear(&key);
	} else {
		buf_printf(path, "[%zu]", index);
	}
	if (!repeated) {
		repeated = find(part->value, path, ret_place);
	}
	if (!repeated) {
		path->len = len;
	}
	return repeated;
}

static bool find(struct slice text, struct buf *path, const char **ret_place)
{
	struct value seen = value_map();
	struct json_cut cut;
	struct json_part part;
	bool found = false;

	if (is_nested(text) && json_cut_begin(&cut, text, NULL) == 0) {
		for (size_t i = 0;
		     !found && json_cut_next(&cut, &part, NULL) > 0; i++) {
			found = find_in_part(&part, i, &seen, path, ret_place);
		}
	}
	value_clear(&seen);
	return found;
}

bool json_repeat_find(struct slice text, struct buf *path, size_t *ret_offset)
{
	const char *start = text.ptr;
	const char *place = NULL;

	while (text.len > 0 && strchr(" \t\r\n", *text.ptr)) {
		text.ptr++;
		text.len--;
	}
	if (text.len == 0 || !find(text, path, &place)) {
		return false;
	}
	*ret_offset = (size_t)(place - start);
	return true;
}

/* ---- drop ---- */

/*
 * What is dropped is known only when the last one has come: `last` maps a key
 * to where its member begins.
 */
static void note_last(struct slice text, struct value *last)
{
	struct json_cut cut;
	struct json_part part;

	if (json_cut_begin(&cut, text, NULL)) {
		return;
	}
	while (json_cut_next(&cut, &part, NULL) > 0 && part.key.len) {
		struct value key = decode(part.key);

		value_set_slice(last, key.as.text,
				value_int(part.key.ptr - text.ptr));
		value_clear(&key);
	}
}

static bool is_last(const struct value *last, struct slice text,
		    const struct json_part *part)
{
	struct value key = decode(part->key);
	const struct value *offset = value_get_slice(last, key.as.text);
	bool is = !offset || offset->as.integer == part->key.ptr - text.ptr;

	value_clear(&key);
	return is;
}

static void drop(char *base, struct slice text)
{
	struct value last = value_map();
	struct json_cut cut;
	struct json_part part;
	bool doomed = false;
	size_t from = 0; /* of the doomed member; another one follows */

	note_last(text, &last);
	if (json_cut_begin(&cut, text, NULL)) {
		value_clear(&last);
		return;
	}
	while (json_cut_next(&cut, &part, NULL) > 0) {
		if (doomed) {
			memset(base + from, ' ',
			       (size_t)(part.key.ptr - text.ptr) - from);
		}
		doomed = part.key.len && !is_last(&last, text, &part);
		if (doomed) {
			from = (size_t)(part.key.ptr - text.ptr);
		} else if (is_nested(part.value)) {
			drop(base + (part.value.ptr - text.ptr), part.value);
		}
	}
	value_clear(&last);
}

void json_repeat_drop(char *text, size_t len)
{
	drop(text, (struct slice){ text, len });
}
