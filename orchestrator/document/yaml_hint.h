/*
 * What libyaml says, put into sentences of our own for the commonest mistakes,
 * with a hint what to do. Inside this room only.
 */
#ifndef DOCUMENT_YAML_HINT_H
#define DOCUMENT_YAML_HINT_H

#include "document/yaml_tree.h"

struct yaml_problem {
	struct slice text; /* all of it */
	const char *problem;
	const char *context; /* NULL: none */
	struct yaml_mark mark;
	struct yaml_mark context_mark;
};

/* Fills `error`, also with the place that is the more telling one. */
void yaml_hint(const struct yaml_problem *problem, struct yaml_error *error);

/* The same for bytes that are no text; `offset` as libyaml gives it. */
void yaml_hint_bytes(struct slice text, const char *problem, size_t offset,
		     int character, struct yaml_error *error);

#endif
