#include "work_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fail.h"

char *work_folder_make(const char *inside)
{
	char *folder;

	if (asprintf(&folder, "%s/floor-XXXXXX", inside) < 0) {
		floor_fail_errno(inside);
	}
	if (!mkdtemp(folder)) {
		floor_fail_errno(folder);
	}
	return folder;
}

void work_folder_remove(const char *folder)
{
	DIR *files = opendir(folder);

	if (!files) {
		floor_fail_errno(folder);
	}
	for (struct dirent *file; (file = readdir(files));) {
		(void)unlinkat(dirfd(files), file->d_name, 0);
	}
	(void)closedir(files);
	(void)rmdir(folder);
}
