/*
 * Allocation. The plain functions never return NULL: when memory is gone they
 * say so on standard error and end the process, which loses nothing, because
 * what was promised is in the store and a restart goes on from there. The
 * `try` functions return NULL and are for sizes that an outsider chooses
 * (frames, documents): there the request is refused and the process goes on.
 *
 * All memory is released with free(). Any thread.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

/* Uninitialized bytes; size 0 gives a unique pointer. */
void *alloc_bytes(size_t size);

/* Zeroed memory for `count` elements; overflow counts as out of memory. */
void *alloc_zeroed(size_t count, size_t size);

/* Resize as realloc() does, `count` elements of `size` bytes. */
void *alloc_resize(void *old, size_t count, size_t size);

/* NUL-terminated copy; NULL gives NULL. */
char *alloc_string(const char *text);

/* As alloc_bytes(), but NULL when there is no memory. */
void *alloc_try(size_t size);
void *alloc_try_resize(void *old, size_t size);

/*
 * Tests: let the n-th `try` call from now fail, and every one after it until
 * the hook is taken off with 0. Not thread-safe.
 */
void alloc_fail_after(size_t calls);

/* Grow `array` (of `cap` elements) so that one more than `len` fits. */
#define alloc_grow(array, len, cap)                                         \
	do {                                                                \
		if ((len) == (cap)) {                                       \
			(cap) = (cap) ? (cap)*2 : 8;                        \
			(array) =                                           \
			    alloc_resize((array), (cap), sizeof(*(array))); \
		}                                                           \
	} while (0)

#endif
