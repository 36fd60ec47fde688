#include "base/slice.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct slice slice_of(const char *text)
{
	return (struct slice){ text, text ? strlen(text) : 0 };
}

bool slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || !memcmp(a.ptr, b.ptr, a.len));
}

bool slice_is(struct slice a, const char *text)
{
	return slice_equal(a, slice_of(text));
}

bool slice_starts_with(struct slice text, struct slice prefix)
{
	return text.len >= prefix.len &&
	       slice_equal((struct slice){ text.ptr, prefix.len }, prefix);
}

bool slice_ends_with(struct slice text, struct slice suffix)
{
	if (text.len < suffix.len) {
		return false;
	}
	if (suffix.len == 0) {
		return true;
	}
	return slice_equal(
	    (struct slice){ text.ptr + text.len - suffix.len, suffix.len },
	    suffix);
}

int slice_compare(struct slice a, struct slice b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common ? memcmp(a.ptr, b.ptr, common) : 0;

	if (order != 0) {
		return order;
	}
	return (a.len > b.len) - (a.len < b.len);
}

char *slice_dup(struct slice text)
{
	char *copy = alloc_bytes(text.len + 1);

	if (text.len) {
		memcpy(copy, text.ptr, text.len);
	}
	copy[text.len] = '\0';
	return copy;
}

void slice_own(struct slice *owned, struct slice text)
{
	struct slice copy = { NULL, 0 };

	if (text.len) {
		copy = (struct slice){ slice_dup(text), text.len };
	}
	slice_disown(owned);
	*owned = copy;
}

void slice_disown(struct slice *owned)
{
	/* The bytes are const to readers, the owner may free them. */
	free((void *)(uintptr_t)owned->ptr);
	*owned = (struct slice){ NULL, 0 };
}
