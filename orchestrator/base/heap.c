#include "base/heap.h"

#include <malloc.h>
#include <stdint.h>

#define ARENAS "4"

/* jemalloc(3): read by it before main(), from the program's own symbol. Unused
 * memory is kept for a second, so that a pause between two runs costs nothing.
 */
__attribute__((visibility("default"))) const char *malloc_conf =
    "narenas:" ARENAS ",dirty_decay_ms:1000,muzzy_decay_ms:0";

/* NULL where it is not linked. */
extern int mallctl(const char *name, void *old, size_t *old_len, void *new,
		   size_t new_len) __attribute__((weak));

void heap_prepare(void)
{
	(void)mallopt(M_ARENA_MAX, ARENAS[0] - '0');
}

static size_t jemalloc_allocated(void)
{
	uint64_t epoch = 1; /* figures are brought up to date when it is set */
	size_t allocated = 0;
	size_t len = sizeof(allocated);

	(void)mallctl("thread.tcache.flush", NULL, NULL, NULL, 0);
	(void)mallctl("epoch", NULL, NULL, &epoch, sizeof(epoch));
	(void)mallctl("stats.allocated", &allocated, &len, NULL, 0);
	return allocated;
}

size_t heap_allocated(void)
{
	if (mallctl) {
		return jemalloc_allocated();
	}
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

void heap_give_back(void)
{
	if (!mallctl) {
		(void)malloc_trim(0);
		return;
	}
	(void)mallctl("thread.tcache.flush", NULL, NULL, NULL, 0);
	/* 4096: MALLCTL_ARENAS_ALL. */
	(void)mallctl("arena.4096.purge", NULL, NULL, NULL, 0);
}
