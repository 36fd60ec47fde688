/*
 * Code of modules in this process. What has been loaded stays for good (its
 * code may be on some thread's stack), so the images are a list of the process
 * and not of a host. An image that no module uses any more is taken again when
 * the same content comes back.
 *
 * The dynamic linker gets a private, sealed copy in memory, by a path of its
 * own, "/proc/self/fd/N": so what happens to the file later does not touch
 * running code, and changed content is not mistaken for what is there. N is
 * kept open, because the linker tells what it has loaded by the path. Two kinds
 * are loaded by the file's own path instead: modules that find their libraries
 * next to themselves ($ORIGIN in RPATH, RUNPATH or NEEDED), and all where the
 * system forbids code in memory files. Those can only be replaced by a new
 * file, not by writing into the old one. [loop]
 */
#ifndef HOST_IMAGE_H
#define HOST_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* Where its segments lie; zeroed for code linked into the program. */
struct host_range {
	uintptr_t low;
	uintptr_t high;
};

struct host_image {
	struct host_image *next;
	char *path;
	char hash[65];
	void *handle;
	int copy; /* the file in memory; -1: loaded by its path */
	bool used;
	struct host_range range;
};

/*
 * Load what host_file_read() has read: its real path, hash and copy (-1: there
 * is none), which is taken over in any case. E_INVALID with the dynamic
 * linker's words, E_CONFLICT for a file changed in place.
 */
int host_image_load(const char *path, const char hash[65], int copy,
		    struct host_image **ret_image, struct err *reterr);

/* No module uses it any more. NULL is fine. */
void host_image_release(struct host_image *image);

/* Does this shared object look for its libraries next to itself? */
bool host_elf_needs_origin(int fd);

#endif
