#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void named_add(struct named *named, const char *name, const char *why)
{
	struct text line = { 0 };

	if (named->count++ < NAMES_SHOWN) {
		text_put_name(&line, name);
		if (why) {
			text_printf(&line, ": %s", why);
		}
		text_put_string(&named->names, named->count > 1 ? ", " : "");
		text_put_json(&named->names, line.ptr ? line.ptr : "");
	}
	named->names.failed = named->names.failed || line.failed;
	text_fini(&line);
}

/* Takes `name` over. */
static int push(struct walk *walk, char *name)
{
	if (walk->pending_len == walk->pending_cap) {
		size_t cap = walk->pending_cap ? walk->pending_cap * 2 : 64;
		char **grown = reallocarray(walk->pending, cap, sizeof(*grown));

		if (!grown) {
			free(name);
			return ENOMEM;
		}
		walk->pending = grown;
		walk->pending_cap = cap;
	}
	walk->pending[walk->pending_len++] = name;
	return 0;
}

static bool is_skipped(const struct walk *walk, const char *name,
		       const struct stat *stat)
{
	if (strcmp(name, ".git") == 0) {
		return true;
	}
	for (size_t i = 0; i < walk->skip_len; i++) {
		if (walk->skip[i].device == stat->st_dev &&
		    walk->skip[i].inode == stat->st_ino) {
			return true;
		}
	}
	return false;
}

static int add_file(struct walk *walk, const char *name,
		    const struct stat *stat)
{
	uint64_t size = (uint64_t)stat->st_size;

	walk->files++;
	walk->bytes += size;
	walk->empty += size == 0;
	if (faccessat(walk->root_fd, name, R_OK, AT_EACCESS) < 0 &&
	    errno == EACCES) {
		named_add(&walk->unreadable, name, NULL);
		return 0;
	}
	return inventory_add(&walk->inventory, name, size,
			     inventory_mtime_ns(stat));
}

/* `path` is from the root, as in "./sub/file"; takes it over. */
static int add_entry(struct walk *walk, char *path, const struct stat *stat)
{
	int rc = 0;

	if (is_skipped(walk, strrchr(path, '/') + 1, stat)) {
		named_add(&walk->skipped, path, NULL);
	} else if (S_ISDIR(stat->st_mode)) {
		walk->folders++;
		return push(walk, path);
	} else if (S_ISREG(stat->st_mode)) {
		rc = add_file(walk, path, stat);
	} else if (S_ISLNK(stat->st_mode)) {
		walk->links++;
	} else {
		walk->others++;
	}
	free(path);
	return rc;
}

static int look_at(struct walk *walk, DIR *list, const char *folder,
		   const char *name)
{
	char *path = NULL;
	struct stat stat;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		return 0;
	}
	if (asprintf(&path, "%s/%s", folder, name) < 0) {
		return ENOMEM;
	}
	if (fstatat(dirfd(list), name, &stat, AT_SYMLINK_NOFOLLOW) == 0) {
		return add_entry(walk, path, &stat);
	}
	if (errno != ENOENT) {
		named_add(&walk->unseen, path, strerror(errno));
	}
	free(path);
	return 0;
}

static int read_folder(struct walk *walk, DIR *list, const char *folder)
{
	struct dirent *entry;
	int rc = 0;

	errno = 0;
	while (rc == 0 && (entry = readdir(list))) {
		rc = look_at(walk, list, folder, entry->d_name);
		errno = 0;
	}
	if (rc == 0 && errno != 0) {
		named_add(&walk->unseen, folder, strerror(errno));
	}
	return rc;
}

static int look_into(struct walk *walk, const char *folder)
{
	int fd = openat(walk->root_fd, folder,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);

	if (list) {
		int rc = read_folder(walk, list, folder);

		(void)closedir(list);
		return rc;
	}
	/* Gone, or something else by now. */
	if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
		named_add(&walk->unseen, folder, strerror(errno));
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	return 0;
}

int walk_tree(struct walk *walk)
{
	char *root = strdup(".");
	int rc = root ? push(walk, root) : ENOMEM;

	while (rc == 0 && walk->pending_len) {
		char *folder = walk->pending[--walk->pending_len];

		rc = tutti_cancelled(walk->task) == TUTTI_NOT_CANCELLED
			 ? look_into(walk, folder)
			 : ECANCELED;
		free(folder);
	}
	inventory_sort(&walk->inventory);
	return rc;
}

void walk_fini(struct walk *walk)
{
	while (walk->pending_len) {
		free(walk->pending[--walk->pending_len]);
	}
	free(walk->pending);
	inventory_fini(&walk->inventory);
	text_fini(&walk->unreadable.names);
	text_fini(&walk->unseen.names);
	text_fini(&walk->skipped.names);
}
