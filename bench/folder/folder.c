#include "folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"

char *folder_create(void)
{
	const char *where = getenv("TMPDIR");
	struct buf path = { 0 };

	buf_printf(&path, "%s/tutti-bench-XXXXXX", where ? where : "/tmp");

	char *folder = buf_take(&path);

	if (!mkdtemp(folder)) {
		free(folder);
		return NULL;
	}
	return folder;
}

static int remove_one(const char *path, const struct stat *status, int type,
		      struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

void folder_destroy(char *folder)
{
	(void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(folder);
}
