/*
 * report: writes what the checks have found as report.md.
 *
 *	with    out  the folder for it
 *	output  {report, changed, vanished}: its path, and how many of the
 *	        snapshot's files are not any more what they were
 */
#include "tree_audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "answer.h"
#include "page.h"
#include "sections.h"

#define REPORT     "report.md"
#define UNFINISHED "report.md.new"

/* Has the tree held still? */
static void look_again(struct page *page)
{
	const struct scan *scan = page->scan;

	for (size_t i = 0; i < scan->inventory.len; i++) {
		const struct file *file = &scan->inventory.files[i];
		struct stat now;

		if (fstatat(scan->tree_fd, file->name, &now,
			    AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(now.st_mode)) {
			page->vanished++;
		} else if ((uint64_t)now.st_size != file->size ||
			   inventory_mtime_ns(&now) != file->mtime_ns) {
			page->changed++;
		}
	}
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t written = write(fd, bytes, len);

		if (written < 0 && errno != EINTR) {
			return errno;
		}
		if (written > 0) {
			bytes += written;
			len -= (size_t)written;
		}
	}
	return 0;
}

/* Whole or not at all: nobody reads half a report. */
static int write_file(int out_fd, const struct text *text)
{
	int fd =
	    openat(out_fd, UNFINISHED,
		   O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0) {
		return errno;
	}
	int rc = write_all(fd, text->ptr, text->len);

	if (rc == 0 && fsync(fd) < 0) {
		rc = errno;
	}
	if (close(fd) < 0 && rc == 0) {
		rc = errno;
	}
	if (rc == 0 && renameat(out_fd, UNFINISHED, out_fd, REPORT) < 0) {
		rc = errno;
	}
	return rc;
}

static int write_report(const char *out, const struct text *text)
{
	int out_fd = open(out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (out_fd < 0) {
		return errno;
	}
	int rc = write_file(out_fd, text);

	(void)close(out_fd);
	return rc;
}

static int32_t finish(const struct page *page, const char *out)
{
	struct text output = { 0 };
	struct text path = { 0 };

	text_printf(&path, "%s/%s", out, REPORT);
	text_put_string(&output, "{\"report\": ");
	text_put_json(&output, path.ptr ? path.ptr : "");
	text_printf(&output, ", \"changed\": %zu, \"vanished\": %zu}",
		    page->changed, page->vanished);
	output.failed = output.failed || path.failed;
	int32_t rc = answer(page->task, &output, NULL);

	text_fini(&path);
	text_fini(&output);
	return rc;
}

static int32_t make(struct page *page)
{
	const char *out = asked_text(page->task, "with.out");

	if (!out) {
		return answer_failure(page->task,
				      "`out` must be the path of a folder");
	}
	look_again(page);
	sections_put_all(page);
	if (page->text.failed) {
		return TUTTI_ENOMEM;
	}
	int rc = write_report(out, &page->text);

	return rc == 0 ? finish(page, out)
		       : answer_failure(page->task,
					"cannot write the report into '%s': "
					"%s",
					out, strerror(rc));
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct scan scan;
	struct page page = { .task = task, .scan = &scan };

	(void)self;
	if (!scan_begin(&scan, task)) {
		return TUTTI_OK;
	}
	int32_t rc = make(&page);

	text_fini(&page.text);
	scan_end(&scan);
	return rc;
}

const struct tutti_plugin report_plugin = {
	.size = sizeof(struct tutti_plugin),
	.name = "report",
	.version = "1.0",
	.help = "Writes the report of an audit.",
	.max_tasks = 4,
	.handle = handle,
};
