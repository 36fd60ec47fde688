/*
 * The work folder of one run: flat, made by the snapshot, removed by clean. A
 * marker file in it says whose it is, and nothing without the marker is ever
 * written to or removed.
 */
#ifndef TREE_AUDIT_WORK_H
#define TREE_AUDIT_WORK_H

#include <stddef.h>

/*
 * Make it, or take over what an earlier attempt of the same task has made.
 * 0, or an errno: EEXIST when there is something else of that name.
 */
int work_make(const char *path, int *ret_fd);

/* 0, or an errno. */
int work_open(const char *path, int *ret_fd);

/*
 * Remove it with all files in it. 0, also when it is not there; EPERM when it
 * is no work folder, ENOTEMPTY or another errno.
 */
int work_remove(const char *path, size_t *ret_removed);

#endif
