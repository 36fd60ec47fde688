#include "document/merge_patch.h"

#include "base/slice.h"

static bool is_removed(const struct value_entry *entry, void *patch)
{
	const struct value *change = value_get_slice(patch, entry->key);

	return change && change->type == VALUE_NULL;
}

static bool removes_any(const struct value *patch)
{
	for (size_t i = 0; i < value_len(patch); i++) {
		if (value_entry_at(patch, i)->value.type == VALUE_NULL) {
			return true;
		}
	}
	return false;
}

static void merge_member(struct value *target, const struct value_entry *change)
{
	struct value *member = value_get_mutable(target, change->key);

	if (member) {
		merge_patch(member, &change->value);
		return;
	}
	struct value fresh = value_null();

	merge_patch(&fresh, &change->value);
	value_set_slice(target, change->key, fresh);
}

void merge_patch(struct value *target, const struct value *patch)
{
	if (patch->type != VALUE_MAP) {
		value_clear(target);
		*target = value_copy(patch);
		return;
	}
	if (target->type != VALUE_MAP) {
		value_clear(target);
		*target = value_map();
	}
	/* One pass for all: each single removal would move what follows. */
	if (removes_any(patch)) {
		struct value lookup = *patch;

		(void)value_remove_if(target, is_removed, &lookup);
	}
	for (size_t i = 0; i < value_len(patch); i++) {
		const struct value_entry *change = value_entry_at(patch, i);

		if (change->value.type != VALUE_NULL) {
			merge_member(target, change);
		}
	}
}
