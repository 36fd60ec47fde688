/*
 * Where the texts in double quotes of a YAML text are: only there are escapes
 * escapes. Inside this room only.
 */
#ifndef DOCUMENT_YAML_QUOTED_H
#define DOCUMENT_YAML_QUOTED_H

#include "base/slice.h"
#include "document/limits.h"

struct yaml_range {
	size_t start; /* in characters, of the opening quote */
	size_t end;   /* behind the closing one */
};

struct yaml_quoted {
	struct yaml_range *ranges; /* in order */
	size_t len;
	size_t cap;
};

/* As far as the text is well-formed and keeps the limit of depth. */
void yaml_quoted_find(struct slice text, const struct document_limits *limits,
		      struct yaml_quoted *ret_quoted);
void yaml_quoted_fini(struct yaml_quoted *quoted);

#endif
