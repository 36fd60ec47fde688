/*
 * Walks a tree and counts what is in it. Symbolic links are not followed;
 * everything called .git and everything in `skip` is left out. What vanishes
 * while it walks is as if it had never been there; what may not be looked at is
 * counted and named.
 */
#ifndef TREE_AUDIT_WALK_H
#define TREE_AUDIT_WALK_H

#include <tutti/plugin.h>

#include "inventory.h"
#include "text.h"

#define NAMES_SHOWN 20

/* How many there were, and the first of them as a JSON array's inside. */
struct named {
	size_t count;
	struct text names;
};

/* A file or folder that is left out, whatever path leads to it. */
struct identity {
	dev_t device;
	ino_t inode;
};

struct walk {
	const struct tutti_task *task; /* asked whether to go on */
	int root_fd;
	const struct identity *skip;
	size_t skip_len;
	char **pending; /* folders to look into */
	size_t pending_len;
	size_t pending_cap;
	struct inventory inventory; /* the files that can be read */
	uint64_t bytes;             /* in all files */
	size_t files;               /* regular, also those without permission */
	size_t empty;
	size_t folders; /* below the root */
	size_t links;
	size_t others;           /* sockets, pipes, devices */
	struct named unreadable; /* files without permission */
	struct named unseen;     /* folders that could not be looked into */
	struct named skipped;
};

/*
 * From `root_fd` down, `skip` and `task` being set and the rest zero. 0;
 * ECANCELED when the task was cancelled; another errno.
 */
int walk_tree(struct walk *walk);
void walk_fini(struct walk *walk);

#endif
