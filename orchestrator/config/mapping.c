#include "config/reader.h"

#include "base/near.h"
#include "base/utf8.h"

#define KEY_SHOWN_MAX 60

static const struct config_key *find_key(const struct config_mapping *mapping,
					 struct slice name)
{
	for (size_t i = 0; i < mapping->len; i++) {
		if (slice_is(name, mapping->keys[i].name)) {
			return &mapping->keys[i];
		}
	}
	return NULL;
}

static bool is_later(const struct config_mapping *mapping, struct slice name)
{
	for (size_t i = 0; mapping->later && mapping->later[i]; i++) {
		if (slice_is(name, mapping->later[i])) {
			return true;
		}
	}
	return false;
}

static void put_keys(struct buf *out, const struct config_mapping *mapping)
{
	for (size_t i = 0; i < mapping->len; i++) {
		const char *before = i == 0                  ? ""
				     : i + 1 == mapping->len ? " and "
							     : ", ";

		buf_printf(out, "%s%s", before, mapping->keys[i].name);
	}
}

static void report_unknown(struct reader *reader, const struct yaml_node *key,
			   const struct config_mapping *mapping)
{
	struct near near = { 0 };
	struct slice name = key->text;
	struct buf keys = { 0 };

	name.len = utf8_floor(name, KEY_SHOWN_MAX);
	for (size_t i = 0; i < mapping->len; i++) {
		near_try(&near, key->text, mapping->keys[i].name);
	}
	if (near.best) {
		report_error(&reader->report, span_of(key),
			     "unknown key '%.*s'; did you mean '%s'?",
			     SLICE_ARG(name), near.best);
		return;
	}
	put_keys(&keys, mapping);
	report_error(&reader->report, span_of(key),
		     "unknown key '%.*s'; %s has %.*s", SLICE_ARG(name),
		     mapping->title, SLICE_ARG(buf_slice(&keys)));
	buf_fini(&keys);
}

/* False when the key is one of a later version. */
static bool read_member(struct reader *reader, const struct yaml_node *key,
			const struct yaml_node *item,
			const struct config_mapping *mapping, void *target)
{
	const struct config_key *row = find_key(mapping, key->text);

	if (row) {
		row->read(reader, item, target);
	} else if (is_later(mapping, key->text)) {
		report_error(&reader->report, span_of(key),
			     "'%.*s' is not supported by this version",
			     SLICE_ARG(key->text));
		return false;
	} else {
		report_unknown(reader, key, mapping);
	}
	return true;
}

static void report_missing(struct reader *reader, const struct yaml_node *node,
			   const struct config_mapping *mapping)
{
	for (size_t i = 0; i < mapping->len; i++) {
		const struct config_key *row = &mapping->keys[i];

		if (row->required && !yaml_get(node, row->name)) {
			report_error(&reader->report, span_of(node),
				     "the key '%s' is missing", row->name);
		}
	}
}

void reader_mapping(struct reader *reader, const struct yaml_node *node,
		    const struct config_mapping *mapping, void *target)
{
	bool complete = true;

	for (size_t i = 0; i < node->len; i++) {
		complete &= read_member(reader, node->keys[i], node->items[i],
					mapping, target);
	}
	/* What a key of a later version replaces is not missed. */
	if (complete) {
		report_missing(reader, node, mapping);
	}
}
