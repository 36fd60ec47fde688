#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/copy.h"
#include "store/handle.h"
#include "store/upkeep.h"

/* Another process made the map larger since: LMDB does not look by itself. */
static int copy_once(struct env *env, int fd, unsigned flags)
{
	int rc = mdb_env_copyfd2(env->mdb, fd, flags);

	for (int tries = 0; rc == MDB_MAP_RESIZED && tries < 100; tries++) {
		rc = mdb_env_set_mapsize(env->mdb, 0);
		if (rc == 0) {
			rc = ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET)
				 ? errno
				 : mdb_env_copyfd2(env->mdb, fd, flags);
		}
	}
	return rc;
}

int copy_to_file(struct env *env, int fd, enum backup_form form)
{
	return copy_once(env, fd, form == BACKUP_COMPACT ? MDB_CP_COMPACT : 0);
}

/* It gets its name once it is complete. */
static int copy_to(struct env *env, const char *path, enum backup_form form,
		   struct err *reterr)
{
	char *draft;
	int fd;
	int rc = file_begin(path, &draft, &fd, reterr);

	if (rc) {
		return rc;
	}
	rc = env_error(copy_to_file(env, fd, form), reterr, "cannot copy to %s",
		       path);
	close(fd);
	if (rc == 0) {
		rc = file_finish(draft, path, FILE_KEEP, reterr);
	} else {
		(void)unlink(draft);
	}
	free(draft);
	return rc;
}

static bool is_empty(const char *directory)
{
	DIR *folder = opendir(directory);
	bool empty = folder != NULL;

	for (const struct dirent *entry; folder && (entry = readdir(folder));) {
		empty &=
		    !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
	}
	if (folder) {
		(void)closedir(folder);
	}
	return empty;
}

static int make_folder(const char *directory, struct err *reterr)
{
	if (mkdir(directory, 0700) == 0) {
		return file_sync_folder(directory, reterr);
	}
	if (errno != EEXIST) {
		return env_error(errno, reterr, "cannot create %s", directory);
	}
	return is_empty(directory)
		   ? 0
		   : err_set(reterr, E_CONFLICT,
			     "%s is not an empty directory: a backup gets one "
			     "of its own",
			     directory);
}

int view_backup(struct view *view, const char *directory, enum backup_form form,
		struct err *reterr)
{
	struct buf path = { 0 };
	int rc = make_folder(directory, reterr);

	if (rc) {
		return rc;
	}
	buf_printf(&path, "%s/data.mdb", directory);
	char *file = buf_take(&path);

	rc = copy_to(view->env, file, form, reterr);
	free(file);
	return rc;
}
