/*
 * From the name of a file, or an entry function, to a described module. Of the
 * module's own code only its constructors and the entry function run. What has
 * been loaded once is never unloaded: its code may be on some thread's stack.
 * [loop]
 */
#ifndef HOST_LOADER_H
#define HOST_LOADER_H

#include "host/registry.h"

/* E_NOT_FOUND, E_INVALID, E_VERSION, E_DENIED, with sentences that say what to
 * do. The caller owns *ret_module. */
int host_module_load(const struct host_source *source,
		     struct host_module **ret_module, struct err *reterr);

/* A file that has been let in, read as a whole. */
struct host_file {
	char *path; /* real path */
	char hash[65];
	int copy; /* sealed file in memory; -1 where there can be none */
};

/*
 * Look at a file before it is let in: a regular file that not everybody may
 * write to, neither itself nor by its folder, and a shared object for this
 * machine.
 */
int host_file_read(const char *path, struct host_file *ret_file,
		   struct err *reterr);
void host_file_fini(struct host_file *file);

#endif
