/*
 * Growing text and lists of texts. A zeroed struct is empty. Running out of
 * memory is remembered in `failed` and asked for once, at the end.
 */
#ifndef EXEC_TEXT_H
#define EXEC_TEXT_H

#include <stdbool.h>
#include <tutti/plugin.h>

struct text {
	char *ptr; /* NUL-terminated unless NULL */
	size_t len;
	size_t cap;
	bool failed;
};

void text_put(struct text *text, const char *bytes, size_t len);
void text_put_string(struct text *text, const char *string);

/* As a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void text_put_json(struct text *text, const char *bytes, size_t len);

void text_fini(struct text *text);

/* Largest n <= len that does not end inside a UTF-8 character. */
size_t text_whole(const char *bytes, size_t len);

/* Is this the text of one JSON value? Only its nesting is looked at: what lies
 * between the brackets is for a parser to judge. */
bool text_is_one_json(const char *bytes, size_t len);

/* NULL-terminated texts, as execve() wants them. */
struct list {
	char **items; /* NULL while it is empty */
	size_t len;
	size_t cap;
	bool failed;
};

/* Appends `first` and `rest`, joined. */
void list_add(struct list *list, struct tutti_slice first,
	      struct tutti_slice rest);
void list_fini(struct list *list);

#endif
