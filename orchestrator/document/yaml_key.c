#include "document/yaml_builder.h"
#include "document/yaml_scalar.h"

static int check_key(struct yaml_builder *b, const struct yaml_cell *key)
{
	const struct yaml_node *node = &key->node;

	if (!node->quoted && node->text.len == 0) {
		(void)yaml_fail(b, E_INVALID, node->start,
				"a key is missing here");
		return yaml_fail_hint(b, E_INVALID,
				      "an empty key is written \"\"");
	}
	if (!node->quoted && slice_is(node->text, "<<")) {
		(void)yaml_fail(b, E_INVALID, node->start,
				"merge keys (<<) are not supported");
		return yaml_fail_hint(
		    b, E_INVALID,
		    "write the keys out, or give the whole value "
		    "by an alias");
	}
	return 0;
}

static int key_is_collection(struct yaml_builder *b, const yaml_event_t *event)
{
	(void)yaml_fail(b, E_INVALID, yaml_mark_of(b, event->start_mark),
			"a list or mapping cannot be a key");
	return yaml_fail_hint(b, E_INVALID,
			      "a text that begins with { or [ goes in quotes");
}

static int build_scalar_key(struct yaml_builder *b, const yaml_event_t *event,
			    struct yaml_cell **ret_key)
{
	const yaml_char_t *tag = event->data.scalar.tag;
	struct yaml_cell *key = yaml_add_scalar(b, event);
	const char *problem;

	/* Keys are text, whatever they look like. */
	if (yaml_scalar_resolve_tagged(key->node.text,
				       tag ? (const char *)tag : "!",
				       &key->node.scalar, &problem) < 0 ||
	    key->node.scalar.type != VALUE_STRING) {
		return yaml_fail_tag(b, key->node.start, tag);
	}
	*ret_key = key;
	return check_key(b, key);
}

int yaml_build_key(struct yaml_builder *b, const yaml_event_t *event,
		   struct yaml_cell **ret_key)
{
	struct yaml_cell *key = NULL;
	int rc;

	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return build_scalar_key(b, event, ret_key);
	case YAML_ALIAS_EVENT:
		rc = yaml_build_alias(b, event, &key);
		if (rc < 0) {
			return rc;
		}
		if (key->node.kind != YAML_SCALAR) {
			return key_is_collection(b, event);
		}
		*ret_key = key;
		return check_key(b, key);
	default:
		return key_is_collection(b, event);
	}
}
