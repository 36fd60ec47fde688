#include "store/mapped.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define MAPS "/proc/self/maps"

/* A line of MAPS, as far as it is of use: "7f..-7f.. r--s 00000000 fe:01 123".
 */
struct region {
	unsigned long begin;
	unsigned long end;
	char mode[5];
	unsigned major;
	unsigned minor;
	unsigned long inode;
};

static bool region_read(const char *line, struct region *ret_region)
{
	struct region *region = ret_region;

	return sscanf(line, "%lx-%lx %4s %*x %x:%x %lu", &region->begin,
		      &region->end, region->mode, &region->major,
		      &region->minor, &region->inode) == 6;
}

/* A private copy of pages must not be dropped: its changes are nowhere else. */
static bool is_shared_map_of(const struct region *region,
			     const struct stat *file)
{
	return region->mode[1] == '-' && region->mode[3] == 's' &&
	       region->inode == file->st_ino &&
	       makedev(region->major, region->minor) == file->st_dev;
}

static void release(const struct region *region)
{
	void *begin = (void *)region->begin;

	(void)madvise(begin, region->end - region->begin, MADV_DONTNEED);
}

static void release_all(FILE *maps, const struct stat *file)
{
	char *line = NULL;
	size_t size = 0;
	struct region region;

	while (getline(&line, &size, maps) > 0) {
		if (region_read(line, &region) &&
		    is_shared_map_of(&region, file)) {
			release(&region);
		}
	}
	free(line);
}

void mapped_release(struct env *env)
{
	mdb_filehandle_t fd;
	struct stat file;
	FILE *maps;

	if (!env->mdb || mdb_env_get_fd(env->mdb, &fd) || fstat(fd, &file)) {
		return;
	}
	maps = fopen(MAPS, "re");
	if (maps) {
		release_all(maps, &file);
		(void)fclose(maps);
	}
}
