#include "document/yaml_builder.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"
#include "document/yaml_hint.h"

#define SHOWN 60

struct yaml_mark yaml_mark_of(const struct yaml_builder *b, yaml_mark_t mark)
{
	struct yaml_mark edited = {
		.line = (unsigned)mark.line + 1,
		.column = (unsigned)mark.column + 1,
	};

	return yaml_edits_original(b->edits, edited);
}

int yaml_fail(struct yaml_builder *b, int code, struct yaml_mark mark,
	      const char *format, ...)
{
	va_list args;

	*b->error = (struct yaml_error){ .mark = mark };
	va_start(args, format);
	(void)vsnprintf(b->error->msg, sizeof(b->error->msg), format, args);
	va_end(args);
	return code;
}

int yaml_fail_hint(struct yaml_builder *b, int code, const char *hint)
{
	(void)snprintf(b->error->hint, sizeof(b->error->hint), "%s", hint);
	return code;
}

int yaml_shown(struct slice text)
{
	return (int)utf8_floor(text, SHOWN);
}

struct slice yaml_name_of(const yaml_char_t *name)
{
	return slice_of((const char *)name);
}

static int explain(struct yaml_builder *b)
{
	const yaml_parser_t *parser = &b->parser;
	struct yaml_problem problem = {
		.text = b->text,
		.problem = parser->problem ? parser->problem : "no YAML",
		.context = parser->context,
		.mark = yaml_mark_of(b, parser->problem_mark),
		.context_mark = yaml_mark_of(b, parser->context_mark),
	};

	if (parser->error == YAML_MEMORY_ERROR) {
		return yaml_fail(b, E_NO_MEMORY, problem.mark, "out of memory");
	}
	*b->error = (struct yaml_error){ .mark = problem.mark };
	if (parser->error == YAML_READER_ERROR) {
		yaml_hint_bytes(b->text, problem.problem,
				parser->problem_offset, parser->problem_value,
				b->error);
		b->error->mark = yaml_edits_original(b->edits, b->error->mark);
	} else {
		yaml_hint(&problem, b->error);
	}
	return E_INVALID;
}

int yaml_next(struct yaml_builder *b, yaml_event_t *event)
{
	return yaml_parser_parse(&b->parser, event) ? 0 : explain(b);
}

int yaml_fail_tag(struct yaml_builder *b, struct yaml_mark mark,
		  const yaml_char_t *tag)
{
	struct slice name = yaml_name_of(tag);

	(void)yaml_fail(b, E_INVALID, mark, "the tag '%.*s' is not known here",
			yaml_shown(name), name.ptr);
	return yaml_fail_hint(
	    b, E_INVALID,
	    "leave the tag away; a text that begins with ! goes "
	    "in quotes");
}
