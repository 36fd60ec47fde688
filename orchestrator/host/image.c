#include "host/image.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct host_image *images;

/* dlerror()'s texts start with the path that the sentence has already. */
static int cannot_load(const char *path, struct err *reterr)
{
	const char *reason = dlerror();
	size_t len = strlen(path);

	if (!reason) {
		reason = "unknown reason";
	} else if (strncmp(reason, path, len) == 0 && reason[len] == ':') {
		reason += len + 1 + (reason[len + 1] == ' ');
	}
	return err_set(reterr, E_INVALID,
		       "the dynamic linker refuses it: %.300s%s", reason,
		       strstr(reason, "undefined symbol")
			   ? "; link it with what defines that (-Wl,-z,defs "
			     "tells when it is built)"
			   : "");
}

/* NODELETE: threads and thread-local destructors of it may outlive us. */
static void *open_path(const char *path)
{
	return dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
}

static void *open_copy(int copy)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", copy);
	return open_path(path);
}

static struct host_image *find_handle(const void *handle)
{
	struct host_image *image = images;

	while (image && image->handle != handle) {
		image = image->next;
	}
	return image;
}

static size_t count_path(const char *path)
{
	size_t count = 0;

	for (const struct host_image *image = images; image;
	     image = image->next) {
		count += image->copy < 0 && strcmp(image->path, path) == 0;
	}
	return count;
}

/*
 * The linker takes a path that it has seen for what it has loaded: a file that
 * has come in the place of another needs another spelling of the same path. It
 * compares inodes too, so that one changed in place is found out.
 */
static int open_file(const char *path, const char hash[65], void **ret_handle,
		     struct err *reterr)
{
	const char *name = strrchr(path, '/') + 1;
	struct buf spelling = { 0 };
	size_t before = count_path(path);

	buf_put(&spelling, path, (size_t)(name - path));
	while (before-- > 0) {
		buf_put_text(&spelling, "./");
	}
	buf_put_text(&spelling, name);
	buf_put_byte(&spelling, 0);
	void *handle = open_path(spelling.data);
	int rc = handle ? 0 : cannot_load(spelling.data, reterr);

	buf_fini(&spelling);
	if (rc < 0) {
		return rc;
	}
	const struct host_image *same = find_handle(handle);

	if (same && strcmp(same->hash, hash) != 0) {
		return err_set(reterr, E_CONFLICT,
			       "the file was written over while its code is "
			       "loaded from it: put the new version there as a "
			       "new file (write it beside, then mv), or "
			       "restart");
	}
	*ret_handle = handle;
	return 0;
}

static int measure(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct host_image *image = arg;
	const struct link_map *map = image->handle;

	(void)size;
	if (info->dlpi_addr != map->l_addr) {
		return 0;
	}
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uintptr_t low = info->dlpi_addr + header->p_vaddr;
		uintptr_t high = low + header->p_memsz;

		if (header->p_type != PT_LOAD) {
			continue;
		}
		if (image->range.high == 0 || low < image->range.low) {
			image->range.low = low;
		}
		if (high > image->range.high) {
			image->range.high = high;
		}
	}
	return 1;
}

static struct host_image *make(const char *path, const char hash[65], int copy,
			       void *handle)
{
	struct host_image *image = alloc_zeroed(1, sizeof(*image));

	image->path = alloc_string(path);
	memcpy(image->hash, hash, sizeof(image->hash));
	image->copy = copy;
	image->handle = handle;
	(void)dl_iterate_phdr(measure, image);
	image->next = images;
	images = image;
	return image;
}

/* The same content again, whose former user is gone. */
static struct host_image *find_unused(const char *path, const char hash[65])
{
	struct host_image *image = images;

	while (image && (image->used || strcmp(image->hash, hash) != 0 ||
			 strcmp(image->path, path) != 0)) {
		image = image->next;
	}
	return image;
}

static int load_new(const char *path, const char hash[65], int copy,
		    struct host_image **ret_image, struct err *reterr)
{
	void *handle = NULL;
	int rc = 0;

	if (copy >= 0 && !host_elf_needs_origin(copy)) {
		handle = open_copy(copy);
	}
	if (!handle) {
		/* Also where memory may hold no code, and for the message. */
		if (copy >= 0) {
			(void)close(copy);
			copy = -1;
		}
		rc = open_file(path, hash, &handle, reterr);
	}
	if (rc == 0) {
		*ret_image = make(path, hash, copy, handle);
	}
	return rc;
}

int host_image_load(const char *path, const char hash[65], int copy,
		    struct host_image **ret_image, struct err *reterr)
{
	int rc = 0;

	(void)pthread_mutex_lock(&lock);
	struct host_image *image = find_unused(path, hash);

	if (!image) {
		rc = load_new(path, hash, copy, &image, reterr);
	} else if (copy >= 0) {
		(void)close(copy);
	}
	if (rc == 0) {
		image->used = true;
		*ret_image = image;
	}
	(void)pthread_mutex_unlock(&lock);
	return rc;
}

void host_image_release(struct host_image *image)
{
	if (image) {
		(void)pthread_mutex_lock(&lock);
		image->used = false;
		(void)pthread_mutex_unlock(&lock);
	}
}
