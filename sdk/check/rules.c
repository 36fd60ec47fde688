#include "check/rules.h"

#include <stdlib.h>
#include <string.h>

static const struct rule_group *const groups[] = {
	&rules_file,    &rules_load,    &rules_descriptor, &rules_life,
	&rules_tasks,   &rules_time,    &rules_manners,    &rules_forms,
	&rules_results, &rules_program, &rules_fuzz,
};

#define GROUPS (sizeof(groups) / sizeof(groups[0]))

size_t rule_count(void)
{
	size_t count = 0;

	for (size_t i = 0; i < GROUPS; i++) {
		count += groups[i]->count;
	}
	return count;
}

const struct rule *rule_at(size_t index)
{
	for (size_t i = 0; i < GROUPS; i++) {
		if (index < groups[i]->count) {
			return &groups[i]->rules[index];
		}
		index -= groups[i]->count;
	}
	return NULL;
}

bool rule_next(const char **list, size_t *ret_index)
{
	size_t len = *list ? strcspn(*list, " ") : 0;

	if (!len) {
		return false;
	}
	char *name = slice_dup((struct slice){ *list, len });

	*ret_index = rule_find(name);
	free(name);
	*list += len + strspn(*list + len, " ");
	return true;
}

size_t rule_find(const char *name)
{
	size_t count = rule_count();

	for (size_t i = 0; name && i < count; i++) {
		if (!strcmp(rule_at(i)->name, name)) {
			return i;
		}
	}
	return count;
}
