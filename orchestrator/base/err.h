/*
 * Errors: a negative code for programs, a sentence for people, both kept.
 *
 * Functions return 0 or a negative E_* code. One with several causes also
 * takes a `struct err *reterr` as its last parameter, which it fills on
 * failure only and which may be NULL. On the way up the sentence is wrapped
 * with where it happened: err_wrap(err, "activity '%s'", name).
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* X(name, number, text). Numbers are never reused. */
#define ERR_MAP(X)                               \
	X(E_INVALID, 1, "invalid")               \
	X(E_NOT_FOUND, 2, "not found")           \
	X(E_CONFLICT, 3, "conflict")             \
	X(E_TOO_BIG, 4, "too big")               \
	X(E_NO_MEMORY, 5, "out of memory")       \
	X(E_IO, 6, "input or output failed")     \
	X(E_CORRUPT, 7, "corrupt data")          \
	X(E_VERSION, 8, "version not supported") \
	X(E_BUSY, 9, "in use")                   \
	X(E_STALE, 10, "no longer current")      \
	X(E_FULL, 11, "full")                    \
	X(E_DENIED, 12, "not allowed")           \
	X(E_UNREACHABLE, 13, "not reachable")    \
	X(E_UNCHANGED, 14, "nothing changed")    \
	X(E_UNSUPPORTED, 15, "not supported")    \
	X(E_TIMEOUT, 16, "timed out")

enum {
#define X(name, number, text) name = -(number),
	ERR_MAP(X)
#undef X
};

struct err {
	int code;
	char msg[480]; /* UTF-8, cut only between characters */
};

/* "invalid" and so on; a code that is none gives "unknown error". */
const char *err_text(int code);

/* "E_INVALID" and so on, the machine's name of a code. */
const char *err_name(int code);

/* Fill `err` (unless NULL) and return `code`. */
int err_set(struct err *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "format: " before the sentence and return the code that is there. */
int err_wrap(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
