#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check/fake_inside.h"

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

void fake_region_init(struct fake_region *region, size_t head, const void *tail,
		      size_t tail_size)
{
	size_t page = page_size();
	size_t size = (head + tail_size + page) / page * page;
	char *base = mmap(NULL, size + page, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED || mprotect(base + size, page, PROT_NONE) < 0) {
		perror("tutti_fake_host: mmap");
		abort();
	}
	memcpy(base + size - tail_size, tail, tail_size);
	*region = (struct fake_region){ .base = base, .size = size };
}

void *fake_region_tail(const struct fake_region *region, size_t tail_size)
{
	return region->base + region->size - tail_size;
}

void fake_region_protect(const struct fake_region *region)
{
	(void)mprotect(region->base, region->size, PROT_READ);
}

void fake_region_withdraw(const struct fake_region *region)
{
	if (region->base) {
		(void)mprotect(region->base, region->size, PROT_NONE);
	}
}

void fake_region_fini(struct fake_region *region)
{
	if (region->base) {
		(void)munmap(region->base, region->size + page_size());
	}
	*region = (struct fake_region){ 0 };
}

bool fake_region_contains(const struct fake_region *region, const void *where)
{
	const char *at = where;

	return region->base && at >= region->base &&
	       at < region->base + region->size + page_size();
}
