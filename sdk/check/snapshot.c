#include "check/snapshot.h"

#include <dirent.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/heap.h"
#include "base/resident.h"

extern char **environ;

/* There with sanitizers, which have an allocator of their own. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t count_entries(const char *folder)
{
	DIR *dir = opendir(folder);
	size_t count = 0;

	while (dir && readdir(dir)) {
		count++;
	}
	if (dir) {
		(void)closedir(dir);
	}
	return count > 2 ? count - 2 : 0;
}

size_t snapshot_threads(void)
{
	return count_entries("/proc/self/task");
}

size_t snapshot_threads_settled(size_t wanted)
{
	const struct timespec moment = { .tv_nsec = 5000000 };
	size_t count = snapshot_threads();

	for (int i = 0; i < 100 && count > wanted; i++) {
		(void)nanosleep(&moment, NULL);
		count = snapshot_threads();
	}
	return count;
}

/* The folder's own descriptor is counted in every time. */
size_t snapshot_descriptors(void)
{
	return count_entries("/proc/self/fd");
}

size_t snapshot_allocated(void)
{
	if (__sanitizer_get_current_allocated_bytes) {
		return __sanitizer_get_current_allocated_bytes();
	}
	return heap_allocated();
}

size_t snapshot_resident(void)
{
	return resident_now().pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* By number, without the descriptor that lists them. */
static void list_descriptors(struct buf *out)
{
	for (int fd = 0; fd < 1024; fd++) {
		char path[32];
		char target[200];

		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		ssize_t len = readlink(path, target, sizeof(target) - 1);

		if (len >= 0) {
			target[len] = '\0';
			buf_printf(out, "%d (%s)\n", fd, target);
		}
	}
}

static void list_environment(struct buf *out)
{
	for (char **entry = environ; entry && *entry; entry++) {
		buf_printf(out, "%s\n", *entry);
	}
}

void snapshot_take(struct snapshot *snapshot)
{
	struct stat output;

	*snapshot = (struct snapshot){ .threads = snapshot_threads() };
	(void)fflush(NULL);
	list_descriptors(&snapshot->descriptors);
	for (int i = 1; i < 65; i++) {
		(void)sigaction(i, NULL, &snapshot->actions[i]);
	}
	(void)pthread_sigmask(SIG_SETMASK, NULL, &snapshot->mask);
	list_environment(&snapshot->environment);
	snapshot->locale = alloc_string(setlocale(LC_ALL, NULL));
	snapshot->folder = getcwd(NULL, 0);
	snapshot->umask = umask(0);
	(void)umask(snapshot->umask);
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fstat(fd, &output) == 0 && S_ISREG(output.st_mode)) {
			snapshot->output = output.st_size;
		}
	}
}

void snapshot_fini(struct snapshot *snapshot)
{
	buf_fini(&snapshot->descriptors);
	buf_fini(&snapshot->environment);
	free(snapshot->locale);
	free(snapshot->folder);
}

/* The first line of `after` that is not in `before`, or the other way round. */
static bool other_line(const struct buf *a, const struct buf *b,
		       struct slice *ret_line)
{
	struct slice rest = buf_slice(a);
	struct slice all = buf_slice(b);

	while (rest.len) {
		const char *end = memchr(rest.ptr, '\n', rest.len);
		size_t len = end ? (size_t)(end - rest.ptr) : rest.len;

		if (!all.len || !memmem(all.ptr, all.len, rest.ptr, len)) {
			*ret_line = (struct slice){ rest.ptr, len };
			return true;
		}
		len += end ? 1 : 0;
		rest.ptr += len;
		rest.len -= len;
	}
	return false;
}

static bool same_bytes(const struct buf *a, const struct buf *b)
{
	return slice_equal(buf_slice(a), buf_slice(b));
}

static void compare_lists(const struct buf *before, const struct buf *after,
			  const char *what, const char *advice, struct buf *out)
{
	struct slice line = { 0 };

	if (same_bytes(before, after)) {
		return;
	}
	if (other_line(after, before, &line)) {
		buf_printf(out, "there is a new %s: %.*s: %s", what,
			   SLICE_ARG(line), advice);
	} else if (other_line(before, after, &line)) {
		buf_printf(out, "gone is the %s: %.*s: %s", what,
			   SLICE_ARG(line), advice);
	} else {
		buf_printf(out, "the order of the %ss has changed: %s", what,
			   advice);
	}
}

static bool same_action(const struct sigaction *a, const struct sigaction *b)
{
	return a->sa_handler == b->sa_handler && a->sa_flags == b->sa_flags;
}

static void compare_signals(const struct snapshot *before,
			    const struct snapshot *after, struct buf *out)
{
	for (int i = 1; i < 65; i++) {
		const char *name = i < 32 ? sigabbrev_np(i) : NULL;

		if (!same_action(&before->actions[i], &after->actions[i])) {
			buf_printf(out,
				   "it changed the handler of signal %d "
				   "(SIG%s): signals belong to the "
				   "orchestrator, leave them alone",
				   i, name ? name : "RT");
			return;
		}
		if (sigismember(&before->mask, i) !=
		    sigismember(&after->mask, i)) {
			buf_printf(out,
				   "it changed the signal mask of the host's "
				   "thread (signal %d, SIG%s): block signals "
				   "in threads of the plugin's own only",
				   i, name ? name : "RT");
			return;
		}
	}
}

static void compare_texts(const char *before, const char *after,
			  const char *what, const char *advice, struct buf *out)
{
	if (before && after && strcmp(before, after) != 0) {
		buf_printf(out, "it changed %s from '%s' to '%s': %s", what,
			   before, after, advice);
	}
}

static void compare_counts(const struct snapshot *before,
			   const struct snapshot *after, struct buf *out)
{
	if (after->threads > before->threads) {
		buf_printf(out,
			   "there are %zu more threads: start threads in "
			   "init(), end and join them in fini()",
			   after->threads - before->threads);
	}
}

static void compare_umask(const struct snapshot *before,
			  const struct snapshot *after, struct buf *out)
{
	if (before->umask != after->umask) {
		buf_printf(out,
			   "it changed the umask from %03o to %03o: give modes "
			   "to open() and fchmod() instead",
			   (unsigned)before->umask, (unsigned)after->umask);
	}
}

static void compare_output(const struct snapshot *before,
			   const struct snapshot *after, struct buf *out)
{
	if (before->output != after->output) {
		buf_printf(out,
			   "it wrote %lld bytes to standard output or error: "
			   "use tutti_log() or tutti_say()",
			   (long long)(after->output - before->output));
	}
}

void snapshot_compare(const struct snapshot *before,
		      const struct snapshot *after, enum property property,
		      struct buf *out)
{
	switch (property) {
	case PROPERTY_THREADS:
		compare_counts(before, after, out);
		break;
	case PROPERTY_DESCRIPTORS:
		compare_lists(&before->descriptors, &after->descriptors,
			      "file descriptor", "close what you open", out);
		break;
	case PROPERTY_SIGNALS:
		compare_signals(before, after, out);
		break;
	case PROPERTY_ENVIRONMENT:
		compare_lists(
		    &before->environment, &after->environment,
		    "environment variable",
		    "setenv() and putenv() are not safe with threads; "
		    "give children an environment of their own",
		    out);
		break;
	case PROPERTY_LOCALE:
		compare_texts(before->locale, after->locale, "the locale",
			      "use uselocale() and newlocale() in threads of "
			      "your own",
			      out);
		break;
	case PROPERTY_FOLDER:
		compare_texts(before->folder, after->folder,
			      "the working directory",
			      "use absolute paths or openat()", out);
		break;
	case PROPERTY_UMASK:
		compare_umask(before, after, out);
		break;
	case PROPERTY_OUTPUT:
		compare_output(before, after, out);
		break;
	case PROPERTIES:
		break;
	}
}
