#include "host/scope.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "document/expression.h"
#include "document/json.h"
#include "document/pack.h"
#include "host/delivery.h"

static const char *const names[HOST_DOCUMENTS] = {
	[DOCUMENT_ATTRIBUTES] = "attributes",
	[DOCUMENT_INPUT] = "input",
	[DOCUMENT_STASH] = "stash",
	[DOCUMENT_OUTPUTS] = "outputs",
	[DOCUMENT_WITH] = "with",
};

void host_scope_fini(struct host_scope *scope)
{
	value_clear(&scope->root);
	value_clear(&scope->found);
	value_clear(&scope->texts);
}

static struct value sdk_string(struct tutti_slice text)
{
	return value_string((struct slice){ text.ptr, text.len });
}

static void scope_begin(struct host_scope *scope)
{
	scope->root = value_map();
	scope->found = value_map();
	scope->texts = value_map();
}

static void add_run(struct delivery *delivery)
{
	struct host_scope *scope = &delivery->scope;
	struct value run = value_map();

	value_set(&run, "id", sdk_string(delivery->task.run));
	value_set(&run, "uid", sdk_string(delivery->task.uid));
	value_set(&run, "tenant", sdk_string(delivery->task.tenant));
	value_set(&run, "workflow", sdk_string(delivery->task.workflow));
	value_set(&scope->root, "run", run);
}

/*
 * Which document can the path reach into? The first word of a plain path tells;
 * what is no plain path may reach anything: the empty slice.
 */
static struct slice reaches(struct slice path)
{
	size_t word = 0;

	while (word < path.len && path.ptr[word] >= 'a' &&
	       path.ptr[word] <= 'z') {
		word++;
	}
	for (size_t i = word; i < path.len; i++) {
		if (strchr("@|&*?!(){}`", path.ptr[i])) {
			return SLICE("");
		}
	}
	if (word < path.len && path.ptr[word] != '.' && path.ptr[word] != '[') {
		return SLICE("");
	}
	return (struct slice){ path.ptr, word };
}

static bool may_reach(struct slice reached, const char *name)
{
	return reached.len == 0 || slice_is(reached, name);
}

static int decode(struct delivery *delivery, struct slice path)
{
	struct host_scope *scope = &delivery->scope;
	struct slice reached = reaches(path);

	if (scope->root.type != VALUE_MAP) {
		scope_begin(scope);
	}
	if (may_reach(reached, "run") && !value_get(&scope->root, "run")) {
		add_run(delivery);
	}
	for (size_t i = 0; i < HOST_DOCUMENTS; i++) {
		struct value value;
		int rc = 0;

		if (scope->decoded[i] || !may_reach(reached, names[i])) {
			continue;
		}
		if (!delivery->documents[i]) {
			value =
			    i == DOCUMENT_INPUT ? value_null() : value_map();
		} else {
			rc = pack_read(blob_slice(delivery->documents[i]), NULL,
				       &value, NULL);
		}
		if (rc < 0) {
			return rc == E_NO_MEMORY ? TUTTI_ENOMEM : TUTTI_EFAILED;
		}
		value_set(&scope->root, names[i], value);
		scope->decoded[i] = true;
	}
	return TUTTI_OK;
}

/* Nothing but names with dots between them, and the names begin as those of
 * the language do: all that it means is to go down from map to map. */
static bool is_plain(struct slice path)
{
	bool begins = true;

	for (size_t i = 0; i < path.len; i++) {
		char c = path.ptr[i];
		bool letter = (c >= 'a' && c <= 'z') ||
			      (c >= 'A' && c <= 'Z') || c == '_';
		bool digit = c >= '0' && c <= '9';

		if (begins ? !letter : !letter && !digit && c != '.') {
			return false;
		}
		begins = c == '.';
	}
	return !begins;
}

/* Borrowed from the root; NULL: not there, or null. */
static const struct value *descend(const struct value *value, struct slice path)
{
	while (value && path.len) {
		const char *dot = memchr(path.ptr, '.', path.len);
		size_t word = dot ? (size_t)(dot - path.ptr) : path.len;
		size_t step = dot ? word + 1 : word;

		value =
		    value_get_slice(value, (struct slice){ path.ptr, word });
		path.ptr += step;
		path.len -= step;
	}
	return value && value->type != VALUE_NULL ? value : NULL;
}

/* Borrowed from `found` or the root, where it stays. */
static int32_t find(struct delivery *delivery, struct slice path,
		    const struct value **ret_value)
{
	struct host_scope *scope = &delivery->scope;
	struct expression *expression;
	int32_t rc = decode(delivery, path);

	if (rc < 0) {
		return rc;
	}
	if (is_plain(path)) {
		*ret_value = descend(&scope->root, path);
		return *ret_value ? TUTTI_OK : TUTTI_ENOTFOUND;
	}
	*ret_value = value_get_slice(&scope->found, path);
	if (*ret_value) {
		return TUTTI_OK;
	}
	if (expression_compile(path, &expression, NULL, NULL) < 0) {
		return TUTTI_EINVAL;
	}
	struct value value = expression_evaluate(expression, &scope->root);

	expression_destroy(expression);
	if (value.type == VALUE_NULL) {
		return TUTTI_ENOTFOUND;
	}
	value_set_slice(&scope->found, path, value);
	*ret_value = value_get_slice(&scope->found, path);
	return TUTTI_OK;
}

static struct tutti_value to_sdk(const struct value *value)
{
	struct tutti_value out;

	memset(&out, 0, sizeof(out));
	switch (value->type) {
	case VALUE_NULL:
		out.type = TUTTI_NULL;
		break;
	case VALUE_BOOL:
		out.type = TUTTI_BOOL;
		out.as.boolean = value->as.boolean;
		break;
	case VALUE_INT:
		out.type = TUTTI_INT;
		out.as.i = value->as.integer;
		break;
	case VALUE_UINT:
		out.type = TUTTI_UINT;
		out.as.u = value->as.unsigned_integer;
		break;
	case VALUE_DOUBLE:
		out.type = TUTTI_DOUBLE;
		out.as.d = value->as.number;
		break;
	case VALUE_STRING:
	case VALUE_BYTES:
		out.type =
		    value->type == VALUE_STRING ? TUTTI_STRING : TUTTI_BYTES;
		out.as.text.ptr = value->as.text.ptr;
		out.as.text.len = value->as.text.len;
		break;
	case VALUE_ARRAY:
	case VALUE_MAP:
		out.type = value->type == VALUE_ARRAY ? TUTTI_ARRAY : TUTTI_MAP;
		out.as.length = value_len(value);
		break;
	}
	return out;
}

int32_t host_scope_get(struct delivery *delivery, struct slice path,
		       struct tutti_value *ret_value)
{
	const struct value *value;
	int32_t rc = find(delivery, path, &value);

	if (rc == TUTTI_OK) {
		*ret_value = to_sdk(value);
	}
	return rc;
}

int32_t host_scope_json(struct delivery *delivery, struct slice path,
			struct tutti_slice *ret_text)
{
	struct value *texts = &delivery->scope.texts;
	const struct value *value;
	int32_t rc = find(delivery, path, &value);

	if (rc < 0) {
		return rc;
	}
	const struct value *text = value_get_slice(texts, path);

	if (!text) {
		struct buf json = { 0 };

		json_write(&json, value, JSON_COMPACT);
		value_set_slice(texts, path, value_string(buf_slice(&json)));
		buf_fini(&json);
		text = value_get_slice(texts, path);
	}
	ret_text->ptr = text->as.text.ptr;
	ret_text->len = text->as.text.len;
	return TUTTI_OK;
}

int32_t host_scope_entry(struct delivery *delivery, struct slice path,
			 uint64_t index, struct tutti_slice *ret_key,
			 struct tutti_value *ret_value)
{
	const struct value *value;
	int32_t rc = find(delivery, path, &value);

	if (rc < 0) {
		return rc;
	}
	if (value->type != VALUE_ARRAY && value->type != VALUE_MAP) {
		return TUTTI_EINVAL;
	}
	if (index >= value_len(value)) {
		return TUTTI_ENOTFOUND;
	}
	if (value->type == VALUE_ARRAY) {
		*ret_key = (struct tutti_slice){ "", 0 };
		*ret_value = to_sdk(value_at(value, (size_t)index));
		return TUTTI_OK;
	}
	const struct value_entry *entry = value_entry_at(value, (size_t)index);

	*ret_key = (struct tutti_slice){ entry->key.ptr, entry->key.len };
	*ret_value = to_sdk(&entry->value);
	return TUTTI_OK;
}
