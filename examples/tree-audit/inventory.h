/*
 * The regular files of the audited tree as the snapshot found them, kept in the
 * work folder so that every check looks at the same list:
 *
 *	files.index  records "SIZE MTIME_NS NAME" with a NUL at the end, for the
 *	             plugins of this module
 *	*.list       names alone with a NUL at the end of each, for xargs -0
 *
 * Names are relative to the tree and begin with "./", so that none can be taken
 * for an option. They are any bytes but NUL. Sorted by bytes.
 */
#ifndef TREE_AUDIT_INVENTORY_H
#define TREE_AUDIT_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct file {
	char *name;
	uint64_t size;
	int64_t mtime_ns;
};

/* A zeroed one is empty. */
struct inventory {
	struct file *files;
	size_t len;
	size_t cap;
};

/* 0, or ENOMEM. The name is copied. */
int inventory_add(struct inventory *inventory, const char *name, uint64_t size,
		  int64_t mtime_ns);
void inventory_sort(struct inventory *inventory);
void inventory_fini(struct inventory *inventory);

int64_t inventory_mtime_ns(const struct stat *stat);

/* Below: 0, or an errno. */
int inventory_write(const struct inventory *inventory, int work_fd);
int inventory_read(int work_fd, struct inventory *inventory);

/* The names that are `wanted` (NULL: all) into the list called `list`. */
int inventory_write_list(const struct inventory *inventory, int work_fd,
			 const char *list,
			 bool (*wanted)(const struct file *file),
			 size_t *ret_count);

#endif
