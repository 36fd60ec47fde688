#include "inventory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INDEX    "files.index"
#define NS_PER_S 1000000000

int inventory_add(struct inventory *inventory, const char *name, uint64_t size,
		  int64_t mtime_ns)
{
	if (inventory->len == inventory->cap) {
		size_t cap = inventory->cap ? inventory->cap * 2 : 256;
		struct file *grown =
		    reallocarray(inventory->files, cap, sizeof(*grown));

		if (!grown) {
			return ENOMEM;
		}
		inventory->files = grown;
		inventory->cap = cap;
	}
	char *copy = strdup(name);

	if (!copy) {
		return ENOMEM;
	}
	inventory->files[inventory->len++] = (struct file){
		.name = copy,
		.size = size,
		.mtime_ns = mtime_ns,
	};
	return 0;
}

static int by_name(const void *left, const void *right)
{
	const struct file *a = left;
	const struct file *b = right;

	return strcmp(a->name, b->name);
}

void inventory_sort(struct inventory *inventory)
{
	if (inventory->len) {
		qsort(inventory->files, inventory->len,
		      sizeof(*inventory->files), by_name);
	}
}

void inventory_fini(struct inventory *inventory)
{
	for (size_t i = 0; i < inventory->len; i++) {
		free(inventory->files[i].name);
	}
	free(inventory->files);
	memset(inventory, 0, sizeof(*inventory));
}

int64_t inventory_mtime_ns(const struct stat *stat)
{
	return (int64_t)stat->st_mtim.tv_sec * NS_PER_S + stat->st_mtim.tv_nsec;
}

static FILE *open_stream(int work_fd, const char *name, int flags,
			 const char *mode)
{
	int fd = openat(work_fd, name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		return NULL;
	}
	FILE *stream = fdopen(fd, mode);

	if (!stream) {
		(void)close(fd);
	}
	return stream;
}

static FILE *create(int work_fd, const char *name)
{
	return open_stream(work_fd, name, O_WRONLY | O_CREAT | O_TRUNC, "w");
}

/* What was written is only there when closing says so. */
static int close_written(FILE *stream)
{
	int rc = ferror(stream) ? EIO : 0;

	if (fclose(stream) != 0) {
		rc = errno;
	}
	return rc;
}

int inventory_write(const struct inventory *inventory, int work_fd)
{
	FILE *stream = create(work_fd, INDEX);

	if (!stream) {
		return errno;
	}
	for (size_t i = 0; i < inventory->len; i++) {
		const struct file *file = &inventory->files[i];

		(void)fprintf(stream, "%" PRIu64 " %" PRId64 " %s%c",
			      file->size, file->mtime_ns, file->name, 0);
	}
	return close_written(stream);
}

int inventory_write_list(const struct inventory *inventory, int work_fd,
			 const char *list,
			 bool (*wanted)(const struct file *file),
			 size_t *ret_count)
{
	FILE *stream = create(work_fd, list);
	size_t count = 0;

	if (!stream) {
		return errno;
	}
	for (size_t i = 0; i < inventory->len; i++) {
		const struct file *file = &inventory->files[i];

		if (!wanted || wanted(file)) {
			(void)fprintf(stream, "%s%c", file->name, 0);
			count++;
		}
	}
	*ret_count = count;
	return close_written(stream);
}

/* "SIZE MTIME_NS NAME" */
static int add_record(struct inventory *inventory, const char *record)
{
	char *end;
	uint64_t size = strtoull(record, &end, 10);

	if (end == record || *end != ' ') {
		return EBADMSG;
	}
	const char *rest = end + 1;
	int64_t mtime_ns = strtoll(rest, &end, 10);

	if (end == rest || *end != ' ' || !end[1]) {
		return EBADMSG;
	}
	return inventory_add(inventory, end + 1, size, mtime_ns);
}

int inventory_read(int work_fd, struct inventory *inventory)
{
	FILE *stream = open_stream(work_fd, INDEX, O_RDONLY, "r");
	char *record = NULL;
	size_t cap = 0;
	int rc = 0;

	if (!stream) {
		return errno;
	}
	while (rc == 0 && getdelim(&record, &cap, 0, stream) > 0) {
		rc = add_record(inventory, record);
	}
	if (rc == 0 && !feof(stream)) {
		rc = EIO;
	}
	free(record);
	(void)fclose(stream);
	return rc;
}
