/*
 * Growing text, with the two ways in which this module writes names: for JSON
 * and for people. A zeroed struct is empty. Running out of memory is remembered
 * in `failed` and asked for once, at the end.
 */
#ifndef TREE_AUDIT_TEXT_H
#define TREE_AUDIT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
	char *ptr; /* NUL-terminated unless NULL */
	size_t len;
	size_t cap;
	bool failed;
};

void text_put(struct text *text, const char *bytes, size_t len);
void text_put_string(struct text *text, const char *string);
void text_printf(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As a JSON string with its quotes; `string` must be UTF-8. */
void text_put_json(struct text *text, const char *string);

/*
 * The name of a file as people can read it: without "./" at its beginning, and
 * what is no printable UTF-8, or means something in Markdown, as in a C string:
 * "two\nlines", "caf\xe9". Always one line of UTF-8.
 */
void text_put_name(struct text *text, const char *name);

/* The same for bytes that need not be a name. */
void text_put_escaped(struct text *text, const char *bytes, size_t len);

void text_fini(struct text *text);

#endif
