#include <assert.h>
#include <string.h>

#include "document/key_index.h"
#include "document/yaml_builder.h"
#include "document/yaml_scalar.h"

static int count_node(struct yaml_builder *b, struct yaml_mark mark)
{
	if (b->nodes == b->limits->nodes) {
		return yaml_fail(b, E_TOO_BIG, mark, "more than %zu values",
				 b->limits->nodes);
	}
	b->nodes++;
	return 0;
}

static void remember_anchor(struct yaml_builder *b, const yaml_char_t *anchor)
{
	if (anchor) {
		value_set_slice(&b->anchors, yaml_name_of(anchor),
				value_int((int64_t)b->tree->len - 1));
	}
}

static int count_alias(struct yaml_builder *b, const struct yaml_cell *cell,
		       struct yaml_mark mark)
{
	if (cell->nodes > b->limits->nodes - b->nodes) {
		return yaml_fail(
		    b, E_TOO_BIG, mark,
		    "with its aliases expanded the document has more "
		    "than %zu values",
		    b->limits->nodes);
	}
	if (cell->bytes > b->limits->size - b->alias_bytes) {
		return yaml_fail(b, E_TOO_BIG, mark,
				 "the aliases make more than %zu bytes of text",
				 b->limits->size);
	}
	if (cell->height > b->limits->depth - b->depth) {
		return yaml_fail(b, E_TOO_BIG, mark,
				 "nested deeper than %zu levels",
				 b->limits->depth);
	}
	b->nodes += cell->nodes;
	b->bytes += cell->bytes;
	b->alias_bytes += cell->bytes;
	return 0;
}

/* NULL, and the error is set, when there is none. */
static struct yaml_cell *find_anchor(struct yaml_builder *b,
				     const yaml_event_t *event)
{
	struct slice name = yaml_name_of(event->data.alias.anchor);
	struct yaml_mark mark = yaml_mark_of(b, event->start_mark);
	const struct value *place = value_get_slice(&b->anchors, name);

	if (!place) {
		(void)yaml_fail(b, E_INVALID, mark,
				"the alias '*%.*s' names no anchor above it",
				yaml_shown(name), name.ptr);
		(void)yaml_fail_hint(
		    b, E_INVALID, "a text that begins with * goes in quotes");
		return NULL;
	}
	struct yaml_cell *cell = b->tree->cells[place->as.integer];

	assert(cell);
	if (cell->open) {
		(void)yaml_fail(b, E_INVALID, mark,
				"the alias '*%.*s' stands inside what it names",
				yaml_shown(name), name.ptr);
		return NULL;
	}
	return cell;
}

int yaml_build_alias(struct yaml_builder *b, const yaml_event_t *event,
		     struct yaml_cell **ret_cell)
{
	struct yaml_cell *cell = find_anchor(b, event);

	if (!cell) {
		return E_INVALID;
	}
	int rc = count_alias(b, cell, yaml_mark_of(b, event->start_mark));

	if (rc == 0) {
		*ret_cell = cell;
	}
	return rc;
}

static int resolve(struct yaml_builder *b, const yaml_event_t *event,
		   struct yaml_cell *cell)
{
	struct slice text = cell->node.text;
	const yaml_char_t *tag = event->data.scalar.tag;
	const char *problem = NULL;
	int rc;

	if (tag) {
		rc = yaml_scalar_resolve_tagged(text, (const char *)tag,
						&cell->node.scalar, &problem);
	} else if (cell->node.quoted) {
		rc = yaml_scalar_resolve_tagged(text, "!", &cell->node.scalar,
						&problem);
	} else {
		rc = yaml_scalar_resolve(text, &cell->node.scalar, &problem);
	}
	if (rc == E_UNSUPPORTED) {
		return yaml_fail_tag(b, cell->node.start, tag);
	}
	if (rc < 0) {
		(void)yaml_fail(b, E_INVALID, cell->node.start, "'%.*s' %s",
				yaml_shown(text), text.ptr, problem);
		return yaml_fail_hint(
		    b, E_INVALID, "if it is meant as text, put it in quotes");
	}
	return 0;
}

struct yaml_cell *yaml_add_scalar(struct yaml_builder *b,
				  const yaml_event_t *event)
{
	struct yaml_cell *cell = yaml_tree_add(b->tree, YAML_SCALAR);
	struct slice text = { (const char *)event->data.scalar.value,
			      event->data.scalar.length };

	cell->node.start = yaml_mark_of(b, event->start_mark);
	cell->node.end = yaml_mark_of(b, event->end_mark);
	cell->node.quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	cell->node.text = (struct slice){ slice_dup(text), text.len };
	cell->bytes = text.len;
	b->bytes += text.len;
	remember_anchor(b, event->data.scalar.anchor);
	return cell;
}

static int build_scalar(struct yaml_builder *b, const yaml_event_t *event,
			struct yaml_cell **ret_cell)
{
	int rc = count_node(b, yaml_mark_of(b, event->start_mark));

	if (rc < 0) {
		return rc;
	}
	*ret_cell = yaml_add_scalar(b, event);
	return resolve(b, event, *ret_cell);
}

static int open_collection(struct yaml_builder *b, const yaml_event_t *event,
			   enum yaml_kind kind, struct yaml_cell **ret_cell)
{
	struct yaml_mark mark = yaml_mark_of(b, event->start_mark);
	bool is_map = kind == YAML_MAPPING;
	const yaml_char_t *tag = is_map ? event->data.mapping_start.tag
					: event->data.sequence_start.tag;
	const char *wanted =
	    is_map ? "tag:yaml.org,2002:map" : "tag:yaml.org,2002:seq";

	if (tag && strcmp((const char *)tag, wanted) != 0 &&
	    strcmp((const char *)tag, "!") != 0) {
		return yaml_fail_tag(b, mark, tag);
	}
	/* Not one event more: libyaml's time grows with depth squared. */
	if (b->depth == b->limits->depth) {
		return yaml_fail(b, E_TOO_BIG, mark,
				 "nested deeper than %zu levels",
				 b->limits->depth);
	}
	int rc = count_node(b, mark);

	if (rc < 0) {
		return rc;
	}
	struct yaml_cell *cell = yaml_tree_add(b->tree, kind);

	b->depth++;
	cell->node.start = mark;
	cell->node.end = yaml_mark_of(b, event->end_mark);
	cell->open = true;
	cell->height = 1;
	remember_anchor(b, is_map ? event->data.mapping_start.anchor
				  : event->data.sequence_start.anchor);
	*ret_cell = cell;
	return 0;
}

/* A block collection has no character at its end: its last item ends it. */
static void close_collection(struct yaml_builder *b, struct yaml_cell *cell,
			     const yaml_event_t *end)
{
	struct yaml_mark first = yaml_mark_of(b, end->start_mark);
	struct yaml_mark last = yaml_mark_of(b, end->end_mark);
	struct yaml_node *node = &cell->node;
	bool flow = first.line != last.line || first.column != last.column;

	b->depth--;
	cell->open = false;
	if (flow) {
		node->end = last;
	} else if (node->len) {
		node->end = node->items[node->len - 1]->end;
	}
}

static int build_items(struct yaml_builder *b, struct yaml_cell *cell)
{
	for (;;) {
		yaml_event_t event;
		struct yaml_cell *item = NULL;
		int rc = yaml_next(b, &event);

		if (rc < 0) {
			return rc;
		}
		if (event.type == YAML_SEQUENCE_END_EVENT) {
			close_collection(b, cell, &event);
			yaml_event_delete(&event);
			return 0;
		}
		rc = yaml_build_node(b, &event, &item);
		yaml_event_delete(&event);
		if (rc < 0) {
			return rc;
		}
		yaml_cell_push(cell, NULL, item);
	}
}

static int duplicate_key(struct yaml_builder *b, const yaml_event_t *event,
			 const struct yaml_node *first)
{
	(void)yaml_fail(b, E_INVALID, yaml_mark_of(b, event->start_mark),
			"the key '%.*s' is here twice", yaml_shown(first->text),
			first->text.ptr);
	b->error->other = first->start;
	return E_INVALID;
}

/* The node of an equal key in the mapping so far, or NULL. */
static const struct yaml_node *find_key(const struct yaml_node *mapping,
					const struct key_index *index,
					struct slice key, uint32_t hash)
{
	struct key_probe probe = key_index_probe(index, hash);
	size_t place;

	while (key_index_next(index, &probe, &place)) {
		if (slice_equal(mapping->keys[place]->text, key)) {
			return mapping->keys[place];
		}
	}
	return NULL;
}

static int build_member(struct yaml_builder *b, struct yaml_cell *cell,
			struct key_index *index, const yaml_event_t *key_event)
{
	struct yaml_cell *key = NULL;
	struct yaml_cell *item = NULL;
	yaml_event_t event;
	int rc = yaml_build_key(b, key_event, &key);

	if (rc < 0) {
		return rc;
	}
	uint32_t hash = key_hash(key->node.text);
	const struct yaml_node *first =
	    find_key(&cell->node, index, key->node.text, hash);

	if (first) {
		return duplicate_key(b, key_event, first);
	}
	rc = yaml_next(b, &event);
	if (rc < 0) {
		return rc;
	}
	rc = yaml_build_node(b, &event, &item);
	yaml_event_delete(&event);
	if (rc == 0) {
		(void)key_index_add(index, hash, cell->node.len,
				    key_resize_or_end);
		yaml_cell_push(cell, key, item);
	}
	return rc;
}

static int build_members(struct yaml_builder *b, struct yaml_cell *cell)
{
	struct key_index index = { 0 };
	bool more = true;
	int rc = 0;

	while (rc == 0 && more) {
		yaml_event_t event;

		rc = yaml_next(b, &event);
		if (rc < 0) {
			break;
		}
		if (event.type == YAML_MAPPING_END_EVENT) {
			close_collection(b, cell, &event);
			more = false;
		} else {
			rc = build_member(b, cell, &index, &event);
		}
		yaml_event_delete(&event);
	}
	key_index_fini(&index);
	return rc;
}

static int build_collection(struct yaml_builder *b, const yaml_event_t *event,
			    enum yaml_kind kind, struct yaml_cell **ret_cell)
{
	size_t nodes = b->nodes;
	size_t bytes = b->bytes;
	struct yaml_cell *cell = NULL;
	int rc = open_collection(b, event, kind, &cell);

	if (rc < 0) {
		return rc;
	}
	assert(cell);
	rc = kind == YAML_MAPPING ? build_members(b, cell)
				  : build_items(b, cell);
	if (rc < 0) {
		return rc;
	}
	cell->nodes = b->nodes - nodes;
	cell->bytes = b->bytes - bytes;
	*ret_cell = cell;
	return 0;
}

int yaml_build_node(struct yaml_builder *b, const yaml_event_t *event,
		    struct yaml_cell **ret_cell)
{
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return yaml_build_alias(b, event, ret_cell);
	case YAML_SCALAR_EVENT:
		return build_scalar(b, event, ret_cell);
	case YAML_SEQUENCE_START_EVENT:
		return build_collection(b, event, YAML_SEQUENCE, ret_cell);
	case YAML_MAPPING_START_EVENT:
		return build_collection(b, event, YAML_MAPPING, ret_cell);
	default:
		return yaml_fail(b, E_INVALID,
				 yaml_mark_of(b, event->start_mark),
				 "this is no YAML document");
	}
}
