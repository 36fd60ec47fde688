/*
 * Texts that a struct of this room owns but shows to others as constant.
 * Inside this room only.
 */
#ifndef DOCUMENT_OWNED_H
#define DOCUMENT_OWNED_H

#include <stdlib.h>

#include "base/slice.h"

static inline void owned_free(struct slice text)
{
	union {
		const char *shown;
		void *owned;
	} memory = { .shown = text.ptr };

	free(memory.owned);
}

#endif
