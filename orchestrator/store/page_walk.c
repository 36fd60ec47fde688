#include "store/page_walk.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

#define HEAD_SIZE sizeof(struct page_head)
#define NODE_SIZE sizeof(struct node)

/* As many as LMDB's own cursors go down. */
#define DEEPEST 32

enum node_flag { NODE_BIG = 0x01, NODE_TREE = 0x02 };

/* Before the key, and the data after that. */
struct node {
	uint16_t low;
	uint16_t high;
	uint16_t flags;
	uint16_t key_size;
};

struct walk {
	const struct page_file *file;
	uint64_t seen; /* pages, against circles */
	const char *wrong;
};

static const char cut_short[] = "is cut short: pages are missing at its end";
static const char garbled[] = "is damaged: a page in it is garbled";

static void walk_page(struct walk *walk, uint64_t number, int depth);

static bool read_page(struct walk *walk, uint64_t number, char *page)
{
	uint32_t size = walk->file->page_size;
	struct page_head head;

	if (number < 2 || number > walk->file->meta.last_page ||
	    ++walk->seen > walk->file->meta.last_page) {
		walk->wrong = garbled;
		return false;
	}
	if (pread(walk->file->fd, page, size, (off_t)(number * size)) !=
	    (ssize_t)size) {
		walk->wrong = cut_short;
		return false;
	}
	memcpy(&head, page, sizeof(head));
	if (head.number != number) {
		walk->wrong = garbled;
	}
	return !walk->wrong;
}

static void walk_root(struct walk *walk, uint64_t root)
{
	if (root != PAGE_NONE) {
		walk_page(walk, root, 0);
	}
}

/* Values that are longer than fits lie in pages of their own, in a row. */
static void walk_overflow(struct walk *walk, uint64_t number, uint64_t size)
{
	uint32_t page_size = walk->file->page_size;
	char *page = alloc_bytes(page_size);

	if (read_page(walk, number, page)) {
		struct page_head head;

		memcpy(&head, page, sizeof(head));
		uint64_t count = head.lower | (uint64_t)head.upper << 16;
		uint64_t end = number + count;

		walk->seen += count ? count - 1 : 0;
		if (!(head.flags & PAGE_OVERFLOW) ||
		    count * page_size < HEAD_SIZE + size ||
		    end > walk->file->meta.last_page + 1) {
			walk->wrong = garbled;
		} else if (pread(walk->file->fd, page, page_size,
				 (off_t)((end - 1) * page_size)) !=
			   (ssize_t)page_size) {
			walk->wrong = cut_short;
		}
	}
	free(page);
}

static void walk_tree(struct walk *walk, const char *data, uint64_t size)
{
	struct page_tree tree;

	if (size != sizeof(tree)) {
		walk->wrong = garbled;
		return;
	}
	memcpy(&tree, data, sizeof(tree));
	walk_root(walk, tree.root);
}

/* `room` is what is left of the page from the node on. */
static void walk_value(struct walk *walk, const char *at, uint64_t room)
{
	struct node node;

	memcpy(&node, at, sizeof(node));
	const char *data = at + NODE_SIZE + node.key_size;
	uint64_t size = node.low | (uint64_t)node.high << 16;
	bool big = node.flags & NODE_BIG;

	if (NODE_SIZE + node.key_size + (big ? sizeof(uint64_t) : size) >
	    room) {
		walk->wrong = garbled;
	} else if (big) {
		uint64_t number;

		memcpy(&number, data, sizeof(number));
		walk_overflow(walk, number, size);
	} else if (node.flags & NODE_TREE) {
		walk_tree(walk, data, size);
	}
}

static void walk_branch(struct walk *walk, const char *at, uint64_t room,
			int depth)
{
	struct node node;

	memcpy(&node, at, sizeof(node));
	if (NODE_SIZE + node.key_size > room || depth >= DEEPEST) {
		walk->wrong = garbled;
		return;
	}
	walk_page(walk,
		  node.low | (uint64_t)node.high << 16 |
		      (uint64_t)node.flags << 32,
		  depth + 1);
}

static bool head_is_sound(const struct page_head *head, uint32_t page_size)
{
	int kind =
	    head->flags & (PAGE_BRANCH | PAGE_LEAF | PAGE_OVERFLOW | PAGE_META);

	return (kind == PAGE_BRANCH || kind == PAGE_LEAF) &&
	       head->lower >= HEAD_SIZE && head->lower <= head->upper &&
	       head->upper <= page_size;
}

static void walk_nodes(struct walk *walk, const char *page, int depth)
{
	uint32_t page_size = walk->file->page_size;
	struct page_head head;

	memcpy(&head, page, sizeof(head));
	if (!head_is_sound(&head, page_size)) {
		walk->wrong = garbled;
		return;
	}
	for (size_t i = HEAD_SIZE; i + 1 < head.lower && !walk->wrong; i += 2) {
		uint16_t offset;

		memcpy(&offset, page + i, sizeof(offset));
		if (offset < head.upper || offset + NODE_SIZE > page_size) {
			walk->wrong = garbled;
		} else if (head.flags & PAGE_BRANCH) {
			walk_branch(walk, page + offset, page_size - offset,
				    depth);
		} else {
			walk_value(walk, page + offset, page_size - offset);
		}
	}
}

static void walk_page(struct walk *walk, uint64_t number, int depth)
{
	char *page = alloc_bytes(walk->file->page_size);

	if (read_page(walk, number, page)) {
		walk_nodes(walk, page, depth);
	}
	free(page);
}

const char *page_walk(const struct page_file *file)
{
	struct walk walk = { .file = file };

	for (int i = 0; i < 2 && !walk.wrong; i++) {
		walk_root(&walk, file->meta.trees[i].root);
	}
	return walk.wrong;
}
