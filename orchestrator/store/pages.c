#include "store/pages.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "store/page_walk.h"

/* A writer may change the pages between two looks: that is no damage. */
#define LOOKS 10

static char *data_file(const char *path)
{
	struct buf text = { 0 };
	struct stat status;
	bool folder = stat(path, &status) == 0 && S_ISDIR(status.st_mode);

	buf_printf(&text, "%s%s", path, folder ? "/data.mdb" : "");
	return buf_take(&text);
}

static int damaged(struct err *reterr, const char *path, const char *what)
{
	return err_set(reterr, E_CORRUPT,
		       "store %s: its data file %s; restore a backup of the "
		       "store",
		       path, what);
}

/* ---- the two pages at the beginning ---- */

static bool read_meta(int fd, uint64_t offset, struct page_meta *ret_meta)
{
	return pread(fd, ret_meta, sizeof(*ret_meta), (off_t)offset) ==
	       (ssize_t)sizeof(*ret_meta);
}

static bool size_is_sound(uint64_t size)
{
	return size >= PAGE_SMALLEST && size <= PAGE_LARGEST &&
	       (size & (size - 1)) == 0;
}

static bool root_is_sound(const struct page_meta *meta, int tree)
{
	uint64_t root = meta->trees[tree].root;

	return root == PAGE_NONE || (root >= 2 && root <= meta->last_page);
}

static bool meta_is_sound(const struct page_meta *meta, uint64_t number,
			  uint64_t page_size)
{
	return meta->head.number == number && (meta->head.flags & PAGE_META) &&
	       meta->magic == PAGE_MAGIC &&
	       meta->trees[0].page_size == page_size && meta->last_page > 0 &&
	       meta->last_page < PAGE_MOST && root_is_sound(meta, 0) &&
	       root_is_sound(meta, 1);
}

/* LMDB writes them in turns. */
static bool follow_each_other(const struct page_meta *a,
			      const struct page_meta *b)
{
	return a->transaction <= b->transaction + 1 &&
	       b->transaction <= a->transaction + 1;
}

/* NULL when all is well, else what is wrong. */
static const char *read_metas(int fd, struct page_file *ret_file)
{
	struct page_meta metas[2];

	if (!read_meta(fd, 0, &metas[0])) {
		return "is cut short";
	}
	if (metas[0].magic != PAGE_MAGIC) {
		return "is none of a store, or its first page is damaged";
	}
	uint64_t page_size = metas[0].trees[0].page_size;

	if (!size_is_sound(page_size) ||
	    !meta_is_sound(&metas[0], 0, page_size)) {
		return "has a damaged first page";
	}
	if (!read_meta(fd, page_size, &metas[1])) {
		return "is cut short";
	}
	if (!meta_is_sound(&metas[1], 1, page_size)) {
		return "has a damaged second page";
	}
	if (!follow_each_other(&metas[0], &metas[1])) {
		return "has two first pages that do not belong together";
	}
	int newer = metas[1].transaction > metas[0].transaction;

	*ret_file = (struct page_file){
		.fd = fd,
		.page_size = (uint32_t)page_size,
		.meta = metas[newer],
	};
	return NULL;
}

/* ---- everything ---- */

/* Pages of a commit before the last are used again while they are read. */
static const char changing[] = "changes while it is read";

static bool has_changed(const struct page_file *file)
{
	struct page_file now;

	return read_metas(file->fd, &now) ||
	       now.meta.transaction != file->meta.transaction;
}

static const char *look(int fd, uint64_t thorough_size,
			struct page_file *ret_file)
{
	struct stat status;
	const char *wrong = read_metas(fd, ret_file);

	if (wrong || fstat(fd, &status)) {
		return wrong;
	}
	uint64_t needed =
	    (ret_file->meta.last_page + 1) * (uint64_t)ret_file->page_size;

	/* The last pages may never have been written: those that were freed in
	 * the transaction that took them. */
	uint64_t size = (uint64_t)status.st_size;

	if (size >= needed && size > thorough_size) {
		return NULL;
	}
	wrong = page_walk(ret_file);
	return wrong && has_changed(ret_file) ? changing : wrong;
}

int pages_check(const char *path, uint64_t thorough_size, struct err *reterr)
{
	char *file = data_file(path);
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct stat status;
	const char *wrong = NULL;

	free(file);
	if (fd < 0) {
		return 0;
	}
	if (fstat(fd, &status) == 0 && status.st_size > 0) {
		struct page_file pages;

		for (int i = 0; i < LOOKS; i++) {
			wrong = look(fd, thorough_size, &pages);
			if (!wrong) {
				break;
			}
		}
	}
	close(fd);
	return wrong && wrong != changing ? damaged(reterr, path, wrong) : 0;
}
