/*
 * Paths of the file system as texts. Any thread.
 */
#ifndef CONFIG_PATH_H
#define CONFIG_PATH_H

/* From the root, by the working directory of now; on the heap. What has no
 * working directory, because it was removed, stays as it is. */
char *path_absolute(const char *path);

#endif
