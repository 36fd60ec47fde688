#include "engine/shared_text.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct shared_text {
	size_t references;
	char text[]; /* and a 0 */
};

static struct shared_text *shared_text_of(struct slice shared)
{
	return (struct shared_text *)((uintptr_t)shared.ptr -
				      offsetof(struct shared_text, text));
}

struct slice shared_text_make(struct slice text)
{
	struct shared_text *shared =
	    alloc_bytes(sizeof(*shared) + text.len + 1);

	shared->references = 1;
	if (text.len) {
		memcpy(shared->text, text.ptr, text.len);
	}
	shared->text[text.len] = '\0';
	return (struct slice){ shared->text, text.len };
}

struct slice shared_text_ref(struct slice shared)
{
	if (shared.ptr) {
		shared_text_of(shared)->references++;
	}
	return shared;
}

void shared_text_unref(struct slice *shared)
{
	if (shared->ptr && --shared_text_of(*shared)->references == 0) {
		free(shared_text_of(*shared));
	}
	*shared = (struct slice){ NULL, 0 };
}

struct slice shared_text_like(struct slice *last, struct slice text)
{
	if (text.len == 0) {
		return (struct slice){ NULL, 0 };
	}
	if (!last->ptr || !slice_equal(*last, text)) {
		shared_text_unref(last);
		*last = shared_text_make(text);
	}
	return shared_text_ref(*last);
}
