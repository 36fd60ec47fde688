#include "store/attributes.h"

#include <string.h>

static bool holds(const struct value *at, struct slice path,
		  const struct value *wanted);

static bool any_holds(const struct value *array, struct slice path,
		      const struct value *wanted)
{
	for (size_t i = 0; i < value_len(array); i++) {
		if (holds(value_at(array, i), path, wanted)) {
			return true;
		}
	}
	return false;
}

/* Every dot may end the key: {"a.b": {"c": 1}} has a value at a.b.c. */
static bool member_holds(const struct value *map, struct slice path,
			 const struct value *wanted)
{
	for (size_t i = 1; i < path.len; i++) {
		struct slice key = { path.ptr, i };
		struct slice rest = { path.ptr + i + 1, path.len - i - 1 };
		const struct value *member =
		    path.ptr[i] == '.' ? value_get_slice(map, key) : NULL;

		if (member && rest.len && holds(member, rest, wanted)) {
			return true;
		}
	}
	const struct value *member = value_get_slice(map, path);

	return member && holds(member, (struct slice){ 0 }, wanted);
}

static bool holds(const struct value *at, struct slice path,
		  const struct value *wanted)
{
	if (path.len == 0 && value_equal(at, wanted)) {
		return true;
	}
	if (at->type == VALUE_ARRAY) {
		return any_holds(at, path, wanted);
	}
	return path.len && at->type == VALUE_MAP &&
	       member_holds(at, path, wanted);
}

bool attributes_match(const struct value *attributes,
		      const struct value *wanted)
{
	for (size_t i = 0; wanted && i < value_len(wanted); i++) {
		const struct value_entry *entry = value_entry_at(wanted, i);

		if (!holds(attributes, entry->key, &entry->value)) {
			return false;
		}
	}
	return true;
}
