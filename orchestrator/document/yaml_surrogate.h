/*
 * JSON writes a character beyond U+FFFF as two escapes, \ud83d\ude00, which
 * YAML does not know. Between double quotes they become \U0001f600 before
 * libyaml sees them, so that JSON can stand in YAML; the edits are remembered,
 * because each moves the columns behind it. Inside this room only.
 */
#ifndef DOCUMENT_YAML_SURROGATE_H
#define DOCUMENT_YAML_SURROGATE_H

#include "document/limits.h"
#include "document/yaml_tree.h"

struct yaml_edits {
	struct yaml_mark *marks; /* in the edited text, in order */
	size_t len;
	size_t cap;
	size_t text_len;
};

/* The edited text, which the caller frees; NULL when nothing is to be done. */
char *yaml_surrogates_replace(struct slice text,
			      const struct document_limits *limits,
			      struct yaml_edits *edits);

/* From a position in the edited text to the one in the original. */
struct yaml_mark yaml_edits_original(const struct yaml_edits *edits,
				     struct yaml_mark mark);

void yaml_edits_fini(struct yaml_edits *edits);

#endif
