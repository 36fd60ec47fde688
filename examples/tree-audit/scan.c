#include "scan.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "answer.h"
#include "work.h"

#define BLOCK_SIZE 65536
#define LOOK_EVERY 64 /* files */

static int open_tree(const char *path, int *ret_fd)
{
	*ret_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return *ret_fd < 0 ? errno : 0;
}

static int open_all(struct scan *scan, const char *tree, const char *work)
{
	int rc = open_tree(tree, &scan->tree_fd);

	if (rc == 0) {
		rc = work_open(work, &scan->work_fd);
	}
	if (rc == 0) {
		rc = inventory_read(scan->work_fd, &scan->inventory);
	}
	return rc;
}

bool scan_begin(struct scan *scan, const struct tutti_task *task)
{
	const char *tree = asked_text(task, "stash.tree");
	const char *work = asked_text(task, "stash.work");

	*scan = (struct scan){ .task = task, .tree_fd = -1, .work_fd = -1 };
	if (!tree || !work) {
		(void)answer_failure(task, "there is no snapshot to look at: "
					   "`snapshot` must run before");
		return false;
	}
	int rc = open_all(scan, tree, work);

	if (rc != 0) {
		(void)answer_failure(task,
				     "the snapshot in '%s' cannot be used: %s",
				     work, strerror(rc));
		scan_end(scan);
	}
	return rc == 0;
}

bool scan_goes_on(struct scan *scan, size_t i)
{
	size_t len = scan->inventory.len;

	if (i == len) {
		return false;
	}
	if (i % LOOK_EVERY == 0) {
		if (tutti_cancelled(scan->task) != TUTTI_NOT_CANCELLED) {
			scan->stopped = true;
			(void)answer_failure(scan->task,
					     "stopped after %zu of %zu files",
					     i, len);
			return false;
		}
		(void)tutti_progress(scan->task, (double)i / (double)len, NULL);
	}
	return true;
}

int scan_open(struct scan *scan, size_t i)
{
	/* Should the file have become a pipe since, it must not block. */
	int fd = openat(scan->tree_fd, scan->inventory.files[i].name,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	scan->unread += fd < 0;
	return fd;
}

bool scan_read(struct scan *scan, size_t i,
	       void (*block)(void *arg, const char *bytes, size_t len),
	       void *arg)
{
	char bytes[BLOCK_SIZE];
	int fd = scan_open(scan, i);
	ssize_t len;

	if (fd < 0) {
		return false;
	}
	while ((len = read(fd, bytes, sizeof(bytes))) > 0) {
		block(arg, bytes, (size_t)len);
	}
	scan->unread += len < 0;
	(void)close(fd);
	return len == 0;
}

void scan_end(struct scan *scan)
{
	inventory_fini(&scan->inventory);
	if (scan->tree_fd >= 0) {
		(void)close(scan->tree_fd);
	}
	if (scan->work_fd >= 0) {
		(void)close(scan->work_fd);
	}
}
