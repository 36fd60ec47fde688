/*
 * How LMDB 0.9 lays out a file on a machine of 64 bits, and a walk over all
 * pages that are in use. Private to the room; see pages.h.
 */
#ifndef STORE_PAGE_WALK_H
#define STORE_PAGE_WALK_H

#include <stdint.h>

#define PAGE_MAGIC    UINT32_C(0xbeefc0de)
#define PAGE_NONE     UINT64_MAX
#define PAGE_MOST     (UINT64_C(1) << 48)
#define PAGE_SMALLEST 256
#define PAGE_LARGEST  65536

enum page_flag {
	PAGE_BRANCH = 0x01,
	PAGE_LEAF = 0x02,
	PAGE_OVERFLOW = 0x04,
	PAGE_META = 0x08,
};

struct page_head {
	uint64_t number;
	uint16_t pad;
	uint16_t flags;
	uint16_t lower; /* the end of the offsets; of an overflow page */
	uint16_t upper; /* with `lower` the number of pages */
};

struct page_tree {
	uint32_t page_size; /* in the first tree of a meta page */
	uint16_t flags;
	uint16_t depth;
	uint64_t branch_pages;
	uint64_t leaf_pages;
	uint64_t overflow_pages;
	uint64_t entries;
	uint64_t root;
};

struct page_meta {
	struct page_head head;
	uint32_t magic;
	uint32_t version;
	uint64_t address;
	uint64_t map_size;
	struct page_tree trees[2]; /* free pages, and the tables */
	uint64_t last_page;
	uint64_t transaction;
};

_Static_assert(sizeof(struct page_meta) == 152, "as LMDB lays it out");

struct page_file {
	int fd;
	uint32_t page_size;
	struct page_meta meta;
};

/* NULL when all pages in use are there and sound, else what is wrong. */
const char *page_walk(const struct page_file *file);

#endif
