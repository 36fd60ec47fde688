#include <assert.h>
#include <string.h>

#include "base/utf8.h"
#include "document/yaml_builder.h"
#include "document/yaml_hint.h"

static int directive(struct yaml_builder *b, struct yaml_mark mark)
{
	(void)yaml_fail(b, E_INVALID, mark,
			"directives (%%) are not supported");
	return yaml_fail_hint(
	    b, E_INVALID,
	    "remove the line; a text that begins with % goes in "
	    "quotes");
}

static int build_root(struct yaml_builder *b)
{
	yaml_event_t event;
	int rc = yaml_next(b, &event);

	if (rc == 0) {
		rc = yaml_build_node(b, &event, &b->tree->root);
		yaml_event_delete(&event);
	}
	if (rc == 0) {
		rc = yaml_next(b, &event);
	}
	if (rc == 0) {
		assert(event.type == YAML_DOCUMENT_END_EVENT);
		yaml_event_delete(&event);
	}
	return rc;
}

static int end_stream(struct yaml_builder *b)
{
	yaml_event_t event;
	int rc = yaml_next(b, &event);

	if (rc < 0) {
		return rc;
	}
	if (event.type != YAML_STREAM_END_EVENT) {
		rc = yaml_fail(b, E_INVALID, yaml_mark_of(b, event.start_mark),
			       "a second document begins here");
		(void)yaml_fail_hint(b, rc,
				     "a file holds one document; remove ---");
	}
	yaml_event_delete(&event);
	return rc;
}

static int build_document(struct yaml_builder *b, const yaml_event_t *event)
{
	if (event->type == YAML_STREAM_END_EVENT) {
		b->tree->root = yaml_tree_add(b->tree, YAML_SCALAR);
		b->tree->root->node.start = (struct yaml_mark){ 1, 1 };
		b->tree->root->node.end = (struct yaml_mark){ 1, 1 };
		return 0;
	}
	if (event->data.document_start.version_directive ||
	    event->data.document_start.tag_directives.start !=
		event->data.document_start.tag_directives.end) {
		return directive(b, yaml_mark_of(b, event->start_mark));
	}
	int rc = build_root(b);

	return rc < 0 ? rc : end_stream(b);
}

static int build_stream(struct yaml_builder *b)
{
	yaml_event_t event;
	int rc = yaml_next(b, &event);

	if (rc < 0) {
		return rc;
	}
	yaml_event_delete(&event); /* the start of the stream */
	rc = yaml_next(b, &event);
	if (rc < 0) {
		return rc;
	}
	rc = build_document(b, &event);
	yaml_event_delete(&event);
	return rc;
}

static size_t line_len(struct slice text, size_t at)
{
	const char *end = memchr(text.ptr + at, '\n', text.len - at);

	return end ? (size_t)(end - text.ptr) - at + 1 : text.len - at;
}

/* The first character of a line that is no blank; '\n' if there is none. */
static char first_visible(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c != ' ' && c != '\t' && c != '\r') {
			return c;
		}
	}
	return '\n';
}

/*
 * Directives are looked for here, because libyaml compares each %TAG with all
 * before it: before the document any, behind its beginning only %TAG, since a
 * text can have lines that begin with %.
 */
static int refuse_directives(struct yaml_builder *b)
{
	struct slice text = b->text;
	struct yaml_mark mark = { 1, 1 };
	bool begun = false;

	for (size_t at = 0; at < text.len; mark.line++) {
		struct slice rest = { text.ptr + at, text.len - at };
		char first = first_visible(rest);

		if ((!begun && rest.ptr[0] == '%') ||
		    slice_starts_with(rest, SLICE("%TAG"))) {
			return directive(b, mark);
		}
		begun = begun || (first != '#' && first != '\n');
		at += line_len(text, at);
	}
	return 0;
}

/*
 * libyaml takes these three for line ends, as YAML 1.1 did: it would change
 * texts that hold them and count lines that no editor shows.
 */
static int refuse_old_breaks(struct yaml_builder *b)
{
	for (size_t at = 0; at < b->text.len;) {
		struct slice rest = { b->text.ptr + at, b->text.len - at };
		size_t size = 1;
		uint32_t point = (unsigned char)rest.ptr[0];

		if (point >= 0x80) {
			point = utf8_decode(rest, &size);
		}
		if (size > 1 &&
		    (point == 0x85 || point == 0x2028 || point == 0x2029)) {
			*b->error = (struct yaml_error){ 0 };
			yaml_hint_bytes(b->text, "control characters", at,
					(int)point, b->error);
			return E_INVALID;
		}
		at += size;
	}
	return 0;
}

int yaml_build(struct slice text, const struct document_limits *limits,
	       const struct yaml_edits *edits, struct yaml_tree *tree,
	       struct yaml_error *reterr)
{
	struct yaml_builder b = {
		.text = text,
		.limits = limits,
		.edits = edits,
		.tree = tree,
		.anchors = value_map(),
		.error = reterr,
	};
	int rc = refuse_old_breaks(&b);

	if (rc == 0) {
		rc = refuse_directives(&b);
	}
	if (rc < 0) {
		return rc;
	}
	if (!yaml_parser_initialize(&b.parser)) {
		return yaml_fail(&b, E_NO_MEMORY, (struct yaml_mark){ 1, 1 },
				 "out of memory");
	}
	yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
	    &b.parser, (const unsigned char *)(text.ptr ? text.ptr : ""),
	    text.len);
	rc = build_stream(&b);
	yaml_parser_delete(&b.parser);
	value_clear(&b.anchors);
	return rc;
}
