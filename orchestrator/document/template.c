#include "document/template.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "document/json.h"
#include "document/owned.h"
#include "document/template_text.h"

/* One part of the document. What holds no expression is kept as it is. */
struct node {
	enum { CONSTANT, TEXT, ARRAY, MAP } kind;
	struct value constant;
	struct template_text text;
	struct slice *keys; /* of a map, owned */
	struct node *items;
	size_t len;
};

struct template
{
	struct node root;
};

/* The way from the root to where the compiler is. */
struct place {
	const struct place *above;
	struct slice key; /* ptr NULL: an index */
	size_t index;
};

struct evaluation {
	const struct value *scope;
	size_t bytes_left;
	size_t nodes_left;
	size_t depth_left;
};

static int compile(const struct value *document, const struct place *place,
		   struct node *node, struct err *reterr);
static int evaluate(struct evaluation *evaluation, const struct node *node,
		    struct value *ret_value);

static void node_fini(struct node *node)
{
	value_clear(&node->constant);
	template_text_fini(&node->text);
	for (size_t i = 0; i < node->len; i++) {
		node_fini(&node->items[i]);
		if (node->keys) {
			owned_free(node->keys[i]);
		}
	}
	free(node->items);
	free(node->keys);
}

static bool is_bare(struct slice key)
{
	for (size_t i = 0; i < key.len; i++) {
		char c = key.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '_') {
			return false;
		}
	}
	return key.len != 0;
}

static void describe(const struct place *place, struct buf *out)
{
	if (!place) {
		return;
	}
	describe(place->above, out);
	if (!place->key.ptr) {
		buf_printf(out, "[%zu]", place->index);
		return;
	}
	buf_put_text(out, out->len ? "." : "");
	if (is_bare(place->key)) {
		buf_put_slice(out, place->key);
	} else {
		json_write_string(out, place->key);
	}
}

static int compile_text(struct slice text, const struct place *place,
			struct node *node, struct err *reterr)
{
	size_t offset;
	int rc = template_text_parse(text, &node->text, &offset, reterr);

	if (rc < 0) {
		struct buf where = { 0 };

		describe(place, &where);
		if (where.len) {
			(void)err_wrap(reterr, "%.*s",
				       SLICE_ARG(buf_slice(&where)));
		}
		buf_fini(&where);
		return rc;
	}
	/* Without expressions there is at most one part. */
	if (!node->text.dynamic) {
		node->constant = value_string(
		    node->text.len ? node->text.parts[0].literal : SLICE(""));
		template_text_fini(&node->text);
		return 0;
	}
	node->kind = TEXT;
	return 0;
}

/* A collection of constants only is a constant. */
static void fold(struct node *node, const struct value *document)
{
	struct value whole =
	    document->type == VALUE_MAP ? value_map() : value_array();

	for (size_t i = 0; i < node->len; i++) {
		if (node->items[i].kind != CONSTANT) {
			return;
		}
	}
	for (size_t i = 0; i < node->len; i++) {
		struct value item = node->items[i].constant;

		node->items[i].constant = value_null();
		if (node->keys) {
			value_set_slice(&whole, node->keys[i], item);
		} else {
			value_push(&whole, item);
		}
	}
	node_fini(node);
	*node = (struct node){ .constant = whole };
}

static int compile_array(const struct value *array, const struct place *above,
			 struct node *node, struct err *reterr)
{
	node->kind = ARRAY;
	node->items = alloc_zeroed(value_len(array), sizeof(*node->items));
	for (size_t i = 0; i < value_len(array); i++) {
		struct place place = { .above = above, .index = i };

		node->len = i + 1;
		int rc = compile(value_at(array, i), &place, &node->items[i],
				 reterr);

		if (rc < 0) {
			return rc;
		}
	}
	fold(node, array);
	return 0;
}

static int compile_map(const struct value *map, const struct place *above,
		       struct node *node, struct err *reterr)
{
	node->kind = MAP;
	node->items = alloc_zeroed(value_len(map), sizeof(*node->items));
	node->keys = alloc_zeroed(value_len(map), sizeof(*node->keys));
	for (size_t i = 0; i < value_len(map); i++) {
		const struct value_entry *entry = value_entry_at(map, i);
		struct place place = { .above = above, .key = entry->key };

		node->keys[i].ptr = slice_dup(entry->key);
		node->keys[i].len = entry->key.len;
		node->len = i + 1;
		int rc =
		    compile(&entry->value, &place, &node->items[i], reterr);

		if (rc < 0) {
			return rc;
		}
	}
	fold(node, map);
	return 0;
}

static int compile(const struct value *document, const struct place *place,
		   struct node *node, struct err *reterr)
{
	switch (document->type) {
	case VALUE_STRING:
		return compile_text(document->as.text, place, node, reterr);
	case VALUE_ARRAY:
		return compile_array(document, place, node, reterr);
	case VALUE_MAP:
		return compile_map(document, place, node, reterr);
	default:
		node->constant = value_copy(document);
		return 0;
	}
}

int template_compile(const struct value *document,
		     struct template **ret_template, struct err *reterr)
{
	struct template *template = alloc_zeroed(1, sizeof(*template));
	int rc = compile(document, NULL, &template->root, reterr);

	if (rc < 0) {
		template_destroy(template);
		return rc;
	}
	*ret_template = template;
	return 0;
}

int template_check(struct slice text, size_t *ret_offset, struct err *reterr)
{
	struct template_text parsed;
	size_t offset;
	int rc = template_text_parse(text, &parsed, &offset, reterr);

	if (rc < 0) {
		if (ret_offset) {
			*ret_offset = offset;
		}
		return rc;
	}
	template_text_fini(&parsed);
	return 0;
}

bool template_is_dynamic(const struct template *template)
{
	return template->root.kind != CONSTANT;
}

static bool spend(size_t *left, size_t amount)
{
	if (amount > *left) {
		return false;
	}
	*left -= amount;
	return true;
}

/* Takes a whole value off the budget, before it is copied. */
static bool spend_value(struct evaluation *evaluation,
			const struct value *value, size_t depth)
{
	if (!spend(&evaluation->nodes_left, 1)) {
		return false;
	}
	switch (value->type) {
	case VALUE_STRING:
	case VALUE_BYTES:
		return spend(&evaluation->bytes_left, value->as.text.len);
	case VALUE_ARRAY:
	case VALUE_MAP:
		break;
	default:
		return true;
	}
	for (size_t i = 0; depth && i < value_len(value); i++) {
		const struct value_entry *entry = value_entry_at(value, i);

		if (!spend(&evaluation->bytes_left,
			   entry ? entry->key.len : 0) ||
		    !spend_value(evaluation,
				 entry ? &entry->value : value_at(value, i),
				 depth - 1)) {
			return false;
		}
	}
	return depth != 0;
}

static int copy_value(struct evaluation *evaluation, const struct value *value,
		      struct value *ret_value)
{
	if (!spend_value(evaluation, value, evaluation->depth_left)) {
		return E_TOO_BIG;
	}
	*ret_value = value_copy(value);
	return 0;
}

static void append_value(struct buf *out, const struct value *value)
{
	switch (value->type) {
	case VALUE_NULL:
		break;
	case VALUE_STRING:
		buf_put_slice(out, value->as.text);
		break;
	default:
		json_write(out, value, JSON_COMPACT);
		break;
	}
}

static int evaluate_parts(struct evaluation *evaluation,
			  const struct template_text *text, struct buf *out)
{
	for (size_t i = 0; i < text->len; i++) {
		const struct template_part *part = &text->parts[i];
		size_t before = out->len;

		if (part->expression) {
			const struct value *found = expression_find(
			    part->expression, evaluation->scope);

			if (found) {
				append_value(out, found);
			}
		} else {
			buf_put_slice(out, part->literal);
		}
		if (!spend(&evaluation->bytes_left, out->len - before)) {
			return E_TOO_BIG;
		}
	}
	return 0;
}

static int evaluate_text(struct evaluation *evaluation,
			 const struct template_text *text,
			 struct value *ret_value)
{
	struct buf out = { 0 };

	if (text->len == 1) {
		const struct value *found = expression_find(
		    text->parts[0].expression, evaluation->scope);
		struct value null = value_null();

		return copy_value(evaluation, found ? found : &null, ret_value);
	}
	if (!spend(&evaluation->nodes_left, 1)) {
		return E_TOO_BIG;
	}
	int rc = evaluate_parts(evaluation, text, &out);

	if (rc == 0) {
		*ret_value = value_string(buf_slice(&out));
	}
	buf_fini(&out);
	return rc;
}

static int evaluate_items(struct evaluation *evaluation,
			  const struct node *node, struct value *whole)
{
	for (size_t i = 0; i < node->len; i++) {
		struct value item;
		int rc = evaluate(evaluation, &node->items[i], &item);

		if (rc < 0) {
			return rc;
		}
		if (node->kind == ARRAY) {
			value_push(whole, item);
			continue;
		}
		value_set_slice(whole, node->keys[i], item);
		if (!spend(&evaluation->bytes_left, node->keys[i].len)) {
			return E_TOO_BIG;
		}
	}
	return 0;
}

static int evaluate_collection(struct evaluation *evaluation,
			       const struct node *node, struct value *ret_value)
{
	struct value whole = node->kind == ARRAY ? value_array() : value_map();

	if (!spend(&evaluation->nodes_left, 1) ||
	    !spend(&evaluation->depth_left, 1)) {
		return E_TOO_BIG;
	}
	int rc = evaluate_items(evaluation, node, &whole);

	evaluation->depth_left++;
	if (rc < 0) {
		value_clear(&whole);
		return rc;
	}
	*ret_value = whole;
	return 0;
}

static int evaluate(struct evaluation *evaluation, const struct node *node,
		    struct value *ret_value)
{
	switch (node->kind) {
	case CONSTANT:
		return copy_value(evaluation, &node->constant, ret_value);
	case TEXT:
		return evaluate_text(evaluation, &node->text, ret_value);
	default:
		return evaluate_collection(evaluation, node, ret_value);
	}
}

int template_evaluate_within(const struct template *template,
			     const struct value *scope,
			     const struct document_limits *limits,
			     struct value *ret_value, struct err *reterr)
{
	const struct document_limits *bounds =
	    limits ? limits : &document_limits_default;
	struct evaluation evaluation = {
		.scope = scope,
		.bytes_left = bounds->size,
		.nodes_left = bounds->nodes,
		.depth_left = bounds->depth,
	};
	int rc = evaluate(&evaluation, &template->root, ret_value);

	return rc < 0 ? err_set(reterr, rc,
				"the template gives more than a document "
				"can hold")
		      : 0;
}

struct value template_evaluate(const struct template *template,
			       const struct value *scope)
{
	static const struct document_limits none = { SIZE_MAX, SIZE_MAX,
						     SIZE_MAX };
	struct value value = value_null();

	(void)template_evaluate_within(template, scope, &none, &value, NULL);
	return value;
}

void template_destroy(struct template *template)
{
	if (template) {
		node_fini(&template->root);
		free(template);
	}
}
