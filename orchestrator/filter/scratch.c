#include "filter/scratch.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define PAGE_SIZE 2048
#define ALIGNMENT 16

struct scratch_page {
	struct scratch_page *next;
	size_t size;
	/* The bytes follow, `size` of them, given out from the end. */
};

static void add_page(struct scratch *scratch, size_t size)
{
	size_t room = size > PAGE_SIZE ? size : PAGE_SIZE;
	struct scratch_page *page = alloc_zeroed(1, sizeof(*page) + room);

	page->next = scratch->pages;
	page->size = room;
	scratch->pages = page;
	scratch->left = room;
}

void *scratch_take(struct scratch *scratch, size_t count, size_t size)
{
	size_t need = (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;

	if (!scratch->pages || scratch->left < need) {
		add_page(scratch, need);
	}
	scratch->left -= need;
	return (char *)(scratch->pages + 1) + scratch->left;
}

struct slice scratch_text(struct scratch *scratch, struct slice text)
{
	char *copy = scratch_take(scratch, text.len, 1);

	if (text.len) {
		memcpy(copy, text.ptr, text.len);
	}
	return (struct slice){ copy, text.len };
}

void scratch_fini(struct scratch *scratch)
{
	while (scratch->pages) {
		struct scratch_page *next = scratch->pages->next;

		free(scratch->pages);
		scratch->pages = next;
	}
}
