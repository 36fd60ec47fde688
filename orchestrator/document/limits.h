/*
 * Bounds that a reader keeps while it reads, before it allocates.
 */
#ifndef DOCUMENT_LIMITS_H
#define DOCUMENT_LIMITS_H

#include <stddef.h>

struct document_limits {
	size_t size;  /* bytes of encoded text */
	size_t depth; /* nesting of arrays and maps */
	size_t nodes; /* values in all, keys not counted */
};

/* The LIMIT_DOCUMENT_* of base/limits.h. */
extern const struct document_limits document_limits_default;

/* The LIMIT_CONFIG_* of base/limits.h. */
extern const struct document_limits document_limits_config;

#endif
