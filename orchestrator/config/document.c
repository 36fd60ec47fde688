#include "config/reader.h"

#include "base/limits.h"
#include "document/expression_root.h"
#include "document/template.h"

/* How often `needle` stands in the first `len` bytes of `text`. */
static size_t count(struct slice text, size_t len, struct slice needle)
{
	size_t found = 0;

	for (size_t i = 0; i < len; i++) {
		struct slice rest = { text.ptr + i, text.len - i };

		found += slice_starts_with(rest, needle);
	}
	return found;
}

/* Where it stands for the n-th time, n from 1; the length if not so often. */
static size_t find(struct slice text, struct slice needle, size_t n)
{
	for (size_t i = 0; i < text.len; i++) {
		struct slice rest = { text.ptr + i, text.len - i };

		if (slice_starts_with(rest, needle) && --n == 0) {
			return i;
		}
	}
	return text.len;
}

/*
 * A scalar's text is not its source: there are quotes, escapes, folding and
 * indentation between them. But every mistake lies in or behind some "${",
 * which looks the same in both, so the n-th here is the n-th there.
 */
struct span reader_span_inside(const struct reader *reader,
			       const struct yaml_node *node, size_t offset,
			       size_t len)
{
	/* Places are counted from the start of the file: not for nothing. */
	if (report_is_full(&reader->report)) {
		return span_of(node);
	}
	struct slice needle = SLICE("${");
	struct slice all = reader->report.source;
	size_t start = source_offset(all, node->start);
	size_t end = source_offset(all, node->end);
	struct slice source = { all.ptr + start, end - start };
	size_t n = count(node->text, offset + 1, needle);
	size_t there = n ? find(source, needle, n) : source.len;
	size_t here = n ? find(node->text, needle, n) : 0;

	if (there == source.len || here > offset) {
		return span_of(node);
	}
	struct slice before = { node->text.ptr + here, offset - here };
	struct slice rest = { source.ptr + there, source.len - there };

	if (slice_starts_with(rest, before)) {
		there += before.len;
	}
	return (struct span){
		.start = source_mark(all, start + there),
		.end = source_mark(all, start + there + len),
	};
}

static bool is_name(char c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

/* The first name of each expression of a text that is sound. */
static void check_roots(struct reader *reader, const struct yaml_node *node,
			struct slice text)
{
	struct slice mark = SLICE("${{");

	for (size_t i = 0; i + mark.len < text.len; i++) {
		struct slice rest = { text.ptr + i, text.len - i };
		size_t at = i + mark.len;
		size_t len = 0;

		if (!slice_starts_with(rest, mark) ||
		    (i > 0 && text.ptr[i - 1] == '$')) {
			continue;
		}
		while (at < text.len && text.ptr[at] == ' ') {
			at++;
		}
		while (at + len < text.len && is_name(text.ptr[at + len])) {
			len++;
		}
		struct slice name = { text.ptr + at, len };
		struct err err;

		if (len && expression_check_root(name, &err) < 0) {
			report_error(
			    &reader->report,
			    slice_equal(text, node->text)
				? reader_span_inside(reader, node, at, len)
				: span_of(node),
			    "%s", err.msg);
		}
	}
}

static void check_template(struct reader *reader, const struct yaml_node *node,
			   struct slice text)
{
	struct err err;
	size_t offset = 0;

	if (template_check(text, &offset, &err) == 0) {
		check_roots(reader, node, text);
		return;
	}
	/* Offsets are those of the text after expansion. */
	struct span span = slice_equal(text, node->text)
			       ? reader_span_inside(reader, node, offset, 1)
			       : span_of(node);

	report_error(&reader->report, span, "%s", err.msg);
}

static struct value read_string(struct reader *reader,
				const struct yaml_node *node,
				enum expand_into into)
{
	struct buf text = { 0 };
	struct slice mistake;
	struct err err;
	struct value value = value_null();

	if (expand(node->text, into, &text, &mistake, &err)) {
		size_t offset = (size_t)(mistake.ptr - node->text.ptr);

		report_error(
		    &reader->report,
		    reader_span_inside(reader, node, offset, mistake.len), "%s",
		    err.msg);
	} else {
		if (into == EXPAND_TEMPLATE) {
			check_template(reader, node, buf_slice(&text));
		}
		value = value_string(buf_slice(&text));
	}
	buf_fini(&text);
	return value;
}

static struct value read_within(struct reader *reader,
				const struct yaml_node *node,
				enum expand_into into, size_t depth)
{
	struct value value;

	if (depth > LIMIT_CONFIG_DOCUMENT_DEPTH) {
		report_error(&reader->report, span_of(node),
			     "lists and maps are nested more than %d deep here",
			     LIMIT_CONFIG_DOCUMENT_DEPTH);
		return value_null();
	}
	if (node->kind == YAML_SCALAR) {
		return node->scalar.type == VALUE_STRING
			   ? read_string(reader, node, into)
			   : yaml_to_value(node);
	}
	value = node->kind == YAML_MAPPING ? value_map() : value_array();
	for (size_t i = 0; i < node->len; i++) {
		struct value item =
		    read_within(reader, node->items[i], into, depth + 1);

		if (node->kind == YAML_MAPPING) {
			value_set_slice(&value, node->keys[i]->text, item);
		} else {
			value_push(&value, item);
		}
	}
	return value;
}

struct value reader_document(struct reader *reader,
			     const struct yaml_node *node,
			     enum expand_into into)
{
	return read_within(reader, node, into, 0);
}
