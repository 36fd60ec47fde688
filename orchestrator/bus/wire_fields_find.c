/*
 * Which field of a shape each key of a map is for.
 */
#include "bus/wire_fields.h"
#include "document/pack_walk.h"

static bool is_key(struct slice key, const char *wanted)
{
	size_t same = 0;

	while (same < key.len && wanted[same] &&
	       key.ptr[same] == wanted[same]) {
		same++;
	}
	return same == key.len && !wanted[same];
}

/* Which messages of a shape the fields are looked for: bits of kinds. */
#define ANY_KIND (~0u)

static bool can_be(const struct wire_field *field, unsigned kinds,
		   struct slice key)
{
	return (!field->kinds || (field->kinds & kinds)) &&
	       is_key(key, field->key);
}

/* The field of the key, or the place behind the last one. Who writes in the
 * order of the table has each key found soon behind the one before, `hint`. */
static size_t field_of(const struct wire_field *fields, unsigned kinds,
		       struct slice key, size_t hint)
{
	size_t i = hint;

	while (fields[i].key && !can_be(&fields[i], kinds, key)) {
		i++;
	}
	size_t end = i;

	if (fields[i].key) {
		return i;
	}
	for (i = 0; i < hint; i++) {
		if (can_be(&fields[i], kinds, key)) {
			return i;
		}
	}
	return end;
}

/* Of all the fields that have the key. */
static void note_twins(const struct wire_field *fields, struct slice key,
		       const char *value, const char *found[WIRE_FIELDS_FOUND])
{
	for (size_t i = 0; fields[i].key; i++) {
		if (is_key(key, fields[i].key)) {
			found[i] = value;
		}
	}
}

/* What the field says which kind a message is of, when that comes first; 0:
 * it does not, so that a key may be of more than one field. */
static unsigned kinds_of(const struct wire_shape *shape,
			 const struct pack_item *map)
{
	const struct wire_field *field = shape->fields;

	if (!shape->twins || map->len == 0) {
		return ANY_KIND;
	}
	struct pack_item key = pack_item_at(map->behind);

	if (key.value.type != VALUE_STRING ||
	    !is_key(key.value.as.text, field->key)) {
		return 0;
	}
	struct pack_item word = pack_item_at(key.behind);

	for (int kind = 0; field->words[kind]; kind++) {
		if (word.value.type == VALUE_STRING &&
		    slice_is(word.value.as.text, field->words[kind])) {
			return WIRE_KIND(kind);
		}
	}
	return 0;
}

const char *wire_fields_find(const struct pack_item *map,
			     const struct wire_shape *shape,
			     const char *found[WIRE_FIELDS_FOUND])
{
	unsigned kinds = kinds_of(shape, map);
	const char *value = NULL;
	size_t hint = 0;

	for (size_t i = 0; i < map->len; i++) {
		const char *at = value ? pack_skip(value) : map->behind;
		struct pack_item key = pack_item_at(at);

		if (key.value.type != VALUE_STRING) {
			value = pack_skip(at);
			continue;
		}
		value = key.behind;
		if (kinds) {
			size_t place = field_of(shape->fields, kinds,
						key.value.as.text, hint);
			bool known = shape->fields[place].key != NULL;

			found[place] = value;
			hint = known ? place + 1 : hint;
		} else {
			note_twins(shape->fields, key.value.as.text, value,
				   found);
		}
	}
	return value;
}
