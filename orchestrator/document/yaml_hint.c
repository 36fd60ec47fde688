#include "document/yaml_hint.h"

#include <stdio.h>
#include <string.h>

#include "document/text_position.h"

#define LINES_ABOVE 20

enum place { AT_PROBLEM, AT_CONTEXT, AT_BOTH };

/* One common mistake and how libyaml shows it. */
struct rule {
	const char *problem; /* how libyaml's sentence begins */
	const char *context; /* the same; NULL: any */
	const char *at;      /* characters at the problem; NULL: any */
	bool (*when)(const struct yaml_problem *problem); /* NULL: always */
	enum place place; /* AT_BOTH: the context is the other place */
	const char *msg;  /* %c is the character at the problem */
	const char *hint;
};

/* The line of a mark, without its end. */
static struct slice line_at(struct slice text, unsigned line)
{
	for (; line > 1 && text.len; line--) {
		const char *end = memchr(text.ptr, '\n', text.len);
		size_t len = end ? (size_t)(end - text.ptr) + 1 : text.len;

		text.ptr += len;
		text.len -= len;
	}
	const char *end = text.len ? memchr(text.ptr, '\n', text.len) : NULL;

	if (end) {
		text.len = (size_t)(end - text.ptr);
	}
	return text;
}

/* What stands before a mark in its line. */
static struct slice before(struct slice text, struct yaml_mark mark)
{
	struct slice line = line_at(text, mark.line);
	size_t bytes = 0;

	while (bytes < line.len) {
		if (((unsigned char)line.ptr[bytes] & 0xc0) != 0x80 &&
		    --mark.column == 0) {
			break;
		}
		bytes++;
	}
	line.len = bytes;
	return line;
}

static char character_at(struct slice text, struct yaml_mark mark)
{
	struct slice line = line_at(text, mark.line);
	struct slice left = before(text, mark);

	if (left.len == line.len) {
		return '\0';
	}
	return line.ptr[left.len];
}

static bool contains(struct slice text, const char *what)
{
	return text.len && memmem(text.ptr, text.len, what, strlen(what));
}

static size_t indentation(struct slice line)
{
	size_t spaces = 0;

	while (spaces < line.len && line.ptr[spaces] == ' ') {
		spaces++;
	}
	return spaces;
}

/*
 * The nearest line above with anything in it; not far up, because each step
 * reads the text from its start.
 */
static struct slice line_above(const struct yaml_problem *p)
{
	for (unsigned up = 1; up <= LINES_ABOVE && up < p->mark.line; up++) {
		struct slice above = line_at(p->text, p->mark.line - up);

		if (indentation(above) < above.len) {
			return above;
		}
	}
	return (struct slice){ 0 };
}

/* "a:b", but neither "a: b" nor "a:" nor "http://b". */
static bool lacks_space(struct slice line)
{
	const char *colon = line.len ? memchr(line.ptr, ':', line.len) : NULL;

	if (!colon || contains(line, ": ") || contains(line, "://")) {
		return false;
	}
	return colon + 1 < line.ptr + line.len && colon[1] != '\r';
}

static bool second_colon(const struct yaml_problem *p)
{
	return contains(before(p->text, p->mark), ": ");
}

static bool space_missing_above(const struct yaml_problem *p)
{
	return lacks_space(line_above(p));
}

static bool space_missing_here(const struct yaml_problem *p)
{
	return lacks_space(line_at(p->text, p->context_mark.line));
}

static bool deeper_than_above(const struct yaml_problem *p)
{
	return indentation(line_at(p->text, p->mark.line)) >
	       indentation(line_above(p));
}

static bool text_above(const struct yaml_problem *p)
{
	struct slice above = line_above(p);

	return above.len && !contains(above, ":");
}

static char last_visible(struct slice text)
{
	while (text.len && text.ptr[text.len - 1] == ' ') {
		text.len--;
	}
	if (text.len == 0) {
		return '\0';
	}
	return text.ptr[text.len - 1];
}

static bool behind_quote(const struct yaml_problem *p)
{
	char last = last_visible(before(p->text, p->mark));

	return last == '"' || last == '\'';
}

static bool behind_dollar(const struct yaml_problem *p)
{
	return last_visible(before(p->text, p->mark)) == '$';
}

static bool behind_expression(const struct yaml_problem *p)
{
	return contains(before(p->text, p->mark), "{{");
}

#define NO_TOKEN  "found character that cannot start any token"
#define NO_VALUES "mapping values are not allowed"
#define NO_COMMA  "did not find expected ',' or"
#define NO_KEY    "did not find expected key"
#define NO_NAME   "did not find expected alphabetic"
#define QUOTED    "while scanning a quoted scalar"
#define IN_BLOCK  "while parsing a block mapping"

/* The first that fits is taken. */
static const struct rule rules[] = {
	{ NO_TOKEN, NULL, "\t", NULL, AT_PROBLEM, "a tab cannot indent",
	  "indent with spaces" },
	{ "found a tab character", NULL, NULL, NULL, AT_PROBLEM,
	  "a tab cannot indent", "indent with spaces" },
	{ NO_TOKEN, NULL, "%@`", NULL, AT_PROBLEM,
	  "a plain text cannot begin with '%c'", "put the text in quotes" },
	{ NO_NAME, "while scanning an alias", NULL, NULL, AT_CONTEXT,
	  "'*' begins an alias, but no name follows",
	  "a text that begins with * goes in quotes" },
	{ NO_NAME, "while scanning an anchor", NULL, NULL, AT_CONTEXT,
	  "'&' begins an anchor, but no name follows",
	  "a text that begins with & goes in quotes" },
	{ NO_VALUES, NULL, NULL, second_colon, AT_PROBLEM,
	  "a second ': ' in one line",
	  "put the text behind the first ': ' in quotes" },
	{ NO_VALUES, NULL, NULL, space_missing_above, AT_PROBLEM,
	  "the line above is a text, so no key can stand here",
	  "put a space behind the ':' in the line above" },
	{ NO_VALUES, NULL, NULL, text_above, AT_PROBLEM,
	  "the line above is a text, so no key can stand here",
	  "is a ':' missing at its end?" },
	{ NO_VALUES, NULL, NULL, deeper_than_above, AT_PROBLEM,
	  "this line is indented deeper than the one above, which already "
	  "has a value",
	  "give both the same indentation" },
	{ NO_VALUES, NULL, NULL, NULL, AT_PROBLEM, "a key cannot stand here",
	  "a text with ': ' in it goes in quotes" },
	{ "could not find expected ':'", NULL, NULL, space_missing_here,
	  AT_CONTEXT, "a space is missing behind the ':'",
	  "write 'key: value'" },
	{ "could not find expected ':'", NULL, NULL, NULL, AT_CONTEXT,
	  "a ':' is missing behind this key",
	  "write 'key: value'; the lines of a longer text are indented deeper "
	  "than its key" },
	{ "found unexpected end of stream", QUOTED, NULL, NULL, AT_CONTEXT,
	  "this quote is never closed", "add the closing quote" },
	{ "found unexpected document indicator", QUOTED, NULL, NULL, AT_CONTEXT,
	  "this quote is never closed", "add the closing quote" },
	{ NO_COMMA, NULL, "{", behind_dollar, AT_PROBLEM,
	  "inside [ ] and { } an expression cannot stand without quotes",
	  "write \"${{ … }}\"" },
	{ NO_COMMA, "while parsing a flow sequence", NULL, NULL, AT_BOTH,
	  "a ',' or the closing ']' is missing",
	  "close the list, or put the text in quotes" },
	{ NO_COMMA, "while parsing a flow mapping", NULL, NULL, AT_BOTH,
	  "a ',' or the closing '}' is missing",
	  "close the mapping, or put the text in quotes" },
	{ "did not find expected '-' indicator", NULL, NULL, NULL, AT_BOTH,
	  "this line does not go on with the list above it",
	  "check the indentation: all '-' of a list stand in one column" },
	{ NO_KEY, IN_BLOCK, NULL, behind_quote, AT_PROBLEM,
	  "text behind a closing quote",
	  "put the whole text in quotes; inside '…' a ' is written ''" },
	{ NO_KEY, IN_BLOCK, NULL, behind_expression, AT_PROBLEM,
	  "text behind a closing brace",
	  "a text that begins with { goes in quotes" },
	{ NO_KEY, IN_BLOCK, "-", NULL, AT_BOTH, "a list item cannot stand here",
	  "items stand under a key that has no other value" },
	{ NO_KEY, IN_BLOCK, ":", NULL, AT_PROBLEM, "a key is missing here",
	  "an empty key is written \"\"" },
	{ NO_KEY, IN_BLOCK, NULL, NULL, AT_BOTH,
	  "this line does not go on with the mapping above it",
	  "check the indentation: all keys of a mapping stand in one column" },
	{ "found unknown escape character", NULL, NULL, NULL, AT_PROBLEM,
	  "this escape does not exist",
	  "in \"…\" a backslash is written \\\\; in '…' it is written once" },
	{ "found invalid Unicode character", NULL, NULL, NULL, AT_PROBLEM,
	  "this escape is no character", "write the character itself" },
	{ "block sequence entries are not allowed", NULL, NULL, NULL,
	  AT_PROBLEM, "a list cannot begin in the line of its key",
	  "put the '-' on a line of its own; a text that begins with '- ' goes "
	  "in quotes" },
	{ "mapping keys are not allowed", NULL, NULL, NULL, AT_PROBLEM,
	  "a plain text cannot begin with '? '", "put the text in quotes" },
	{ "did not find expected <document start>", NULL, NULL, NULL,
	  AT_PROBLEM, "the document has already ended above",
	  "check the indentation: all keys of a mapping stand in one column" },
	{ "did not find expected node content", NULL, ",]}", NULL, AT_PROBLEM,
	  "a value is missing before this '%c'",
	  "a text that begins with it goes in quotes" },
	{ "did not find expected node content", NULL, NULL, NULL, AT_PROBLEM,
	  "a value is missing here", "" },
	{ "did not find expected comment or line break", NULL, NULL, NULL,
	  AT_CONTEXT, "behind '%c' the line must end",
	  "the text begins on the next line; a plain text that begins with | "
	  "or > goes in quotes" },
	{ "", "while scanning a directive", NULL, NULL, AT_CONTEXT,
	  "directives (%%) are not supported",
	  "remove the line; a text that begins with % goes in quotes" },
	{ "", "while scanning a tag", NULL, NULL, AT_CONTEXT,
	  "'!' begins a tag, but this is none",
	  "a text that begins with ! goes in quotes" },
	{ "", "while parsing a tag", NULL, NULL, AT_CONTEXT,
	  "'!' begins a tag, but this is none",
	  "a text that begins with ! goes in quotes" },
	{ "found undefined tag handle", NULL, NULL, NULL, AT_PROBLEM,
	  "'!' begins a tag, but this is none",
	  "a text that begins with ! goes in quotes" },
};

static bool begins(const char *text, const char *prefix)
{
	return !prefix || (text && strncmp(text, prefix, strlen(prefix)) == 0);
}

static bool fits(const struct rule *rule, const struct yaml_problem *p)
{
	if (!begins(p->problem, rule->problem) ||
	    !begins(p->context, rule->context)) {
		return false;
	}
	if (rule->at) {
		char at = character_at(p->text, p->mark);

		if (at == '\0' || !strchr(rule->at, at)) {
			return false;
		}
	}
	return !rule->when || rule->when(p);
}

/* The sentences hold at most one %c, and a per cent sign as %%. */
static void put_sentence(const char *sentence, char character,
			 struct yaml_error *error)
{
	size_t len = 0;

	for (; *sentence && len + 1 < sizeof(error->msg); sentence++) {
		error->msg[len] = *sentence;
		if (*sentence == '%' && *++sentence == 'c') {
			error->msg[len] = character;
		}
		len++;
	}
	error->msg[len] = '\0';
}

static void put_rule(const struct rule *rule, const struct yaml_problem *p,
		     struct yaml_error *error)
{
	error->mark = rule->place == AT_CONTEXT ? p->context_mark : p->mark;
	if (rule->place == AT_BOTH) {
		error->other = p->context_mark;
	}
	put_sentence(rule->msg, character_at(p->text, error->mark), error);
	(void)snprintf(error->hint, sizeof(error->hint), "%s", rule->hint);
}

void yaml_hint(const struct yaml_problem *problem, struct yaml_error *error)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (fits(&rules[i], problem)) {
			put_rule(&rules[i], problem, error);
			return;
		}
	}
	error->mark = problem->mark;
	(void)snprintf(error->msg, sizeof(error->msg), "%s%s%s",
		       problem->problem, problem->context ? ", " : "",
		       problem->context ? problem->context : "");
}

void yaml_hint_bytes(struct slice text, const char *problem, size_t offset,
		     int character, struct yaml_error *error)
{
	struct text_position place = text_position(text, offset);

	error->mark = (struct yaml_mark){ place.line, place.column };
	if (strstr(problem, "control characters")) {
		(void)snprintf(error->msg, sizeof(error->msg),
			       "the character U+%04X cannot stand in a file",
			       (unsigned)character);
		(void)snprintf(error->hint, sizeof(error->hint),
			       "in \"…\" it is written \\u%04x",
			       (unsigned)character);
	} else {
		(void)snprintf(error->msg, sizeof(error->msg),
			       "this is not UTF-8");
		(void)snprintf(error->hint, sizeof(error->hint),
			       "save the file as UTF-8");
	}
}
