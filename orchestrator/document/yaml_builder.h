/*
 * The state of the YAML reader and what its files share: yaml_builder.c
 * (errors and events), yaml_build.c (nodes), yaml_key.c and yaml_stream.c.
 * Inside this room only.
 */
#ifndef DOCUMENT_YAML_BUILDER_H
#define DOCUMENT_YAML_BUILDER_H

#include <yaml.h>

#include "document/yaml_private.h"

struct yaml_builder {
	yaml_parser_t parser;
	struct slice text;
	const struct document_limits *limits;
	const struct yaml_edits *edits;
	struct yaml_tree *tree;
	struct value anchors; /* name: place in tree->cells */
	size_t depth;
	size_t nodes;
	size_t bytes;
	size_t alias_bytes;
	struct yaml_error *error;
};

struct yaml_mark yaml_mark_of(const struct yaml_builder *b, yaml_mark_t mark);
struct slice yaml_name_of(const yaml_char_t *name);

/* How many bytes of a name or text to put into a sentence. */
int yaml_shown(struct slice text);

/* Start an error; returns `code`. yaml_fail_hint() then adds to it. */
int yaml_fail(struct yaml_builder *b, int code, struct yaml_mark mark,
	      const char *format, ...) __attribute__((format(printf, 4, 5)));
int yaml_fail_hint(struct yaml_builder *b, int code, const char *hint);
int yaml_fail_tag(struct yaml_builder *b, struct yaml_mark mark,
		  const yaml_char_t *tag);

/* On success the caller deletes the event. */
int yaml_next(struct yaml_builder *b, yaml_event_t *event);

/* Cells are owned by the tree from the start. */
struct yaml_cell *yaml_add_scalar(struct yaml_builder *b,
				  const yaml_event_t *event);
int yaml_build_alias(struct yaml_builder *b, const yaml_event_t *event,
		     struct yaml_cell **ret_cell);
int yaml_build_node(struct yaml_builder *b, const yaml_event_t *event,
		    struct yaml_cell **ret_cell);
int yaml_build_key(struct yaml_builder *b, const yaml_event_t *event,
		   struct yaml_cell **ret_key);

#endif
