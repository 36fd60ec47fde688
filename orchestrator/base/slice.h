/*
 * A borrowed run of bytes. A slice owns nothing: whoever made it says how long
 * the bytes live. Text in a slice is UTF-8 and need not end in NUL.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>

struct slice {
	const char *ptr; /* may be NULL only when len is 0 */
	size_t len;      /* bytes */
};

/* For printf("%.*s", SLICE_ARG(s)). */
#define SLICE_ARG(s) (int)(s).len, (s).ptr ? (s).ptr : ""

/* A slice of a string literal. */
#define SLICE(literal) ((struct slice){ (literal), sizeof(literal) - 1 })

/* The whole of a NUL-terminated string; NULL gives the empty slice. */
struct slice slice_of(const char *text);

bool slice_equal(struct slice a, struct slice b);
bool slice_is(struct slice a, const char *text);
bool slice_starts_with(struct slice text, struct slice prefix);
bool slice_ends_with(struct slice text, struct slice suffix);

/* Byte order, shorter first on a common prefix: <0, 0 or >0. */
int slice_compare(struct slice a, struct slice b);

/* A NUL-terminated copy on the heap; free() it. */
char *slice_dup(struct slice text);

/*
 * For structs that own the bytes of a slice: replace them by a copy of `text`,
 * or release them. A zeroed slice owns nothing.
 */
void slice_own(struct slice *owned, struct slice text);
void slice_disown(struct slice *owned);

#endif
