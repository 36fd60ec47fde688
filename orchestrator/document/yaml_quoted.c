#include "document/yaml_quoted.h"

#include <stdlib.h>
#include <yaml.h>

#include "base/alloc.h"

/* How much deeper the text is behind the token. libyaml looks at all levels
 * with every token, so that depth must have its limit here, too. */
static int deeper(yaml_token_type_t type)
{
	switch (type) {
	case YAML_BLOCK_SEQUENCE_START_TOKEN:
	case YAML_BLOCK_MAPPING_START_TOKEN:
	case YAML_FLOW_SEQUENCE_START_TOKEN:
	case YAML_FLOW_MAPPING_START_TOKEN:
		return 1;
	case YAML_BLOCK_END_TOKEN:
	case YAML_FLOW_SEQUENCE_END_TOKEN:
	case YAML_FLOW_MAPPING_END_TOKEN:
		return -1;
	default:
		return 0;
	}
}

static void take(struct yaml_quoted *quoted, const yaml_token_t *token)
{
	if (token->type == YAML_SCALAR_TOKEN &&
	    token->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE) {
		alloc_grow(quoted->ranges, quoted->len, quoted->cap);
		quoted->ranges[quoted->len++] = (struct yaml_range){
			.start = token->start_mark.index,
			.end = token->end_mark.index,
		};
	}
}

static void scan(yaml_parser_t *parser, const struct document_limits *limits,
		 struct yaml_quoted *quoted)
{
	yaml_token_t token;
	long depth = 0;
	bool more = true;

	while (more && yaml_parser_scan(parser, &token)) {
		depth += deeper(token.type);
		more = token.type != YAML_STREAM_END_TOKEN &&
		       depth <= (long)limits->depth;
		take(quoted, &token);
		yaml_token_delete(&token);
	}
}

void yaml_quoted_find(struct slice text, const struct document_limits *limits,
		      struct yaml_quoted *ret_quoted)
{
	yaml_parser_t parser;

	*ret_quoted = (struct yaml_quoted){ 0 };
	if (!yaml_parser_initialize(&parser)) {
		return;
	}
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.ptr,
				     text.len);
	scan(&parser, limits, ret_quoted);
	yaml_parser_delete(&parser);
}

void yaml_quoted_fini(struct yaml_quoted *quoted)
{
	free(quoted->ranges);
	*quoted = (struct yaml_quoted){ 0 };
}
