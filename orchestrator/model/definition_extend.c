#include "model/definition.h"

#include <stdlib.h>

#include "base/alloc.h"

static const struct activity_definition *
find(const struct definition *definition, const char *name)
{
	for (size_t i = 0; i < definition->len; i++) {
		if (slice_is(slice_of(name), definition->activities[i].name)) {
			return &definition->activities[i];
		}
	}
	return NULL;
}

static bool is_among_first(const struct definition *definition, size_t reached,
			   const char *name)
{
	const struct activity_definition *found = find(definition, name);

	return found && (size_t)(found - definition->activities) < reached;
}

int definition_extend(const struct definition *old, size_t reached,
		      const struct definition *newest,
		      struct definition **ret_definition, struct err *reterr)
{
	struct activity_definition *activities;
	size_t len = 0;

	for (size_t i = 0; i < reached; i++) {
		const char *name = old->activities[i].name;

		if (!find(newest, name)) {
			return err_set(reterr, E_CONFLICT,
				       "the run has been through activity "
				       "'%s', which workflow '%s' no longer "
				       "has",
				       name, newest->workflow);
		}
	}
	activities = alloc_zeroed(newest->len, sizeof(*activities));
	for (size_t i = 0; i < reached; i++) {
		activities[len++] = activity_definition_copy(
		    find(newest, old->activities[i].name));
	}
	for (size_t i = 0; i < newest->len; i++) {
		if (!is_among_first(old, reached, newest->activities[i].name)) {
			activities[len++] =
			    activity_definition_copy(&newest->activities[i]);
		}
	}
	*ret_definition = definition_make(newest->workflow, activities, len,
					  newest->deadline_ms);
	return 0;
}
