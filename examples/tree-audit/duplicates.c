/*
 * duplicates: files that hold the same bytes. Empty files are none.
 *
 *	output  {groups, files, extra_files, extra_bytes, unread,
 *	         largest: [{bytes, copies, names: [...]}, ...]}
 *
 * `files` are all that have a copy, `extra_files` those beyond the first of
 * each group. `largest` are the groups with the most bytes in extra files.
 */
#include "tree_audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "answer.h"
#include "scan.h"

#define GROUPS_SHOWN 10
#define NAMES_SHOWN  5
#define BLOCK_SIZE   32768

/* A file that may have a copy. */
struct copy {
	size_t file;
	uint64_t bytes; /* 0: out of the question */
	uint64_t hash;
};

/* Copies that stand one after another. */
struct group {
	size_t first;
	size_t len;
};

struct search {
	struct scan scan;
	struct copy *copies;
	size_t len;
	struct group *groups;
	size_t group_len;
};

/* FNV-1a: only finds candidates, so it need not be strong. */
static void hash_block(void *arg, const char *bytes, size_t len)
{
	struct copy *copy = arg;

	copy->bytes += len;
	for (size_t i = 0; i < len; i++) {
		copy->hash ^= (unsigned char)bytes[i];
		copy->hash *= UINT64_C(0x100000001b3);
	}
}

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_content(const void *left, const void *right)
{
	const struct copy *a = left;
	const struct copy *b = right;
	int order = compare(a->bytes, b->bytes);

	if (order == 0) {
		order = compare(a->hash, b->hash);
	}
	return order ? order : compare(a->file, b->file);
}

static void sort_copies(struct search *search)
{
	if (search->len) {
		qsort(search->copies, search->len, sizeof(struct copy),
		      by_content);
	}
}

/* Does another file have this size? The copies are sorted by it. */
static bool has_rival(const struct search *search, size_t i)
{
	const struct copy *copies = search->copies;

	return (i > 0 && copies[i - 1].bytes == copies[i].bytes) ||
	       (i + 1 < search->len && copies[i + 1].bytes == copies[i].bytes);
}

/* Keeps the copies that are still in question. */
static void keep(struct search *search, const bool *wanted)
{
	size_t len = 0;

	for (size_t i = 0; i < search->len; i++) {
		if (wanted[i]) {
			search->copies[len++] = search->copies[i];
		}
	}
	search->len = len;
}

/* Only files of a size that another has too need to be read. */
static int find_candidates(struct search *search)
{
	const struct inventory *inventory = &search->scan.inventory;
	bool *wanted = calloc(inventory->len + 1, sizeof(*wanted));

	search->copies = calloc(inventory->len + 1, sizeof(struct copy));
	search->groups = calloc(inventory->len / 2 + 1, sizeof(struct group));
	if (!wanted || !search->copies || !search->groups) {
		free(wanted);
		return ENOMEM;
	}
	search->len = inventory->len;
	for (size_t i = 0; i < inventory->len; i++) {
		search->copies[i].file = i;
		search->copies[i].bytes = inventory->files[i].size;
	}
	sort_copies(search);
	for (size_t i = 0; i < search->len; i++) {
		wanted[i] = search->copies[i].bytes && has_rival(search, i);
	}
	keep(search, wanted);
	free(wanted);
	return 0;
}

static void hash_candidates(struct search *search)
{
	struct scan *scan = &search->scan;

	for (size_t i = 0; i < search->len && scan_goes_on(scan, i); i++) {
		struct copy *copy = &search->copies[i];

		copy->bytes = 0;
		copy->hash = UINT64_C(0xcbf29ce484222325);
		if (!scan_read(scan, copy->file, hash_block, copy)) {
			copy->bytes = 0;
		}
	}
	sort_copies(search);
}

static int open_copy(const struct search *search, const struct copy *copy)
{
	return openat(search->scan.tree_fd,
		      search->scan.inventory.files[copy->file].name,
		      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

static bool same_bytes(int left, int right)
{
	char a[BLOCK_SIZE];
	char b[BLOCK_SIZE];
	off_t offset = 0;
	ssize_t len;

	while ((len = pread(left, a, sizeof(a), offset)) > 0) {
		if (pread(right, b, sizeof(b), offset) != len ||
		    memcmp(a, b, (size_t)len) != 0) {
			return false;
		}
		offset += len;
	}
	return len == 0 && pread(right, b, 1, offset) == 0;
}

static bool same_content(const struct search *search, const struct copy *a,
			 const struct copy *b)
{
	int left = open_copy(search, a);
	int right = open_copy(search, b);
	bool same = left >= 0 && right >= 0 && same_bytes(left, right);

	if (left >= 0) {
		(void)close(left);
	}
	if (right >= 0) {
		(void)close(right);
	}
	return same;
}

/* Splits copies of one hash, from `first` to before `end`, into groups. */
static void group_run(struct search *search, size_t first, size_t end)
{
	struct copy *copies = search->copies;

	while (first < end) {
		size_t next = first + 1;

		for (size_t i = next; i < end; i++) {
			if (same_content(search, &copies[first], &copies[i])) {
				struct copy found = copies[i];

				copies[i] = copies[next];
				copies[next++] = found;
			}
		}
		if (next - first > 1) {
			search->groups[search->group_len++] =
			    (struct group){ first, next - first };
		}
		first = next;
	}
}

static void group_all(struct search *search)
{
	size_t first = 0;

	while (first < search->len && !search->scan.stopped) {
		const struct copy *copy = &search->copies[first];
		size_t end = first + 1;

		while (end < search->len &&
		       search->copies[end].bytes == copy->bytes &&
		       search->copies[end].hash == copy->hash) {
			end++;
		}
		if (copy->bytes && end - first > 1) {
			group_run(search, first, end);
		}
		first = end;
	}
}

static uint64_t extra_bytes(const struct search *search,
			    const struct group *group)
{
	return (group->len - 1) * search->copies[group->first].bytes;
}

static int by_extra_bytes(const void *left, const void *right, void *arg)
{
	const struct search *search = arg;
	const struct group *a = left;
	const struct group *b = right;
	int order = compare(extra_bytes(search, b), extra_bytes(search, a));

	return order ? order
		     : compare(search->copies[a->first].file,
			       search->copies[b->first].file);
}

static void put_group(struct text *out, const struct search *search,
		      const struct group *group)
{
	const struct copy *copies = &search->copies[group->first];

	text_printf(out, "{\"bytes\": %llu, \"copies\": %zu, \"names\": [",
		    (unsigned long long)copies->bytes, group->len);
	for (size_t i = 0; i < group->len && i < NAMES_SHOWN; i++) {
		struct text name = { 0 };

		text_put_name(
		    &name, search->scan.inventory.files[copies[i].file].name);
		text_put_string(out, i ? ", " : "");
		text_put_json(out, name.ptr ? name.ptr : "");
		out->failed = out->failed || name.failed;
		text_fini(&name);
	}
	text_put_string(out, "]}");
}

static int32_t finish(struct search *search)
{
	struct text output = { 0 };
	size_t files = 0;
	uint64_t bytes = 0;

	for (size_t i = 0; i < search->group_len; i++) {
		files += search->groups[i].len;
		bytes += extra_bytes(search, &search->groups[i]);
	}
	if (search->group_len) {
		qsort_r(search->groups, search->group_len, sizeof(struct group),
			by_extra_bytes, search);
	}
	text_printf(&output,
		    "{\"groups\": %zu, \"files\": %zu, \"extra_files\": %zu, "
		    "\"extra_bytes\": %llu, \"unread\": %zu, \"largest\": [",
		    search->group_len, files, files - search->group_len,
		    (unsigned long long)bytes, search->scan.unread);
	for (size_t i = 0; i < search->group_len && i < GROUPS_SHOWN; i++) {
		text_put_string(&output, i ? ", " : "");
		put_group(&output, search, &search->groups[i]);
	}
	text_put_string(&output, "]}");
	int32_t rc = answer(search->scan.task, &output, NULL);

	text_fini(&output);
	return rc;
}

static int32_t run(struct search *search)
{
	if (find_candidates(search) != 0) {
		return TUTTI_ENOMEM;
	}
	hash_candidates(search);
	group_all(search);
	return search->scan.stopped ? TUTTI_OK : finish(search);
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct search search = { 0 };

	(void)self;
	if (!scan_begin(&search.scan, task)) {
		return TUTTI_OK;
	}
	int32_t rc = run(&search);

	free(search.groups);
	free(search.copies);
	scan_end(&search.scan);
	return rc;
}

const struct tutti_plugin duplicates_plugin = {
	.size = sizeof(struct tutti_plugin),
	.name = "duplicates",
	.version = "1.0",
	.help = "Finds files with the same content.",
	.max_tasks = 4,
	.handle = handle,
};
