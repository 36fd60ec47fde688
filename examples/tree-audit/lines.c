/*
 * lines: counts lines as `wc -l` does, that is newline characters, in text
 * files, which are those without a NUL byte.
 *
 *	output  {text_files, binary_files, lines, unread,
 *	         kinds: [{name, files, lines}, ...]}: by extension, the one with
 *	         the most lines first, at most KINDS_SHOWN
 */
#include "tree_audit.h"

#include <stdio.h>
#include <stdlib.h>

#include "answer.h"
#include "scan.h"

#define KINDS_SHOWN 12
#define KIND_SIZE   16

struct count {
	uint64_t lines;
	bool binary;
};

struct kind {
	char name[KIND_SIZE]; /* ".c"; empty: none */
	size_t files;
	uint64_t lines;
};

struct tally {
	struct kind *kinds; /* one for each text file, then one for each name */
	size_t len;
	size_t binary_files;
	size_t text_files;
	uint64_t lines;
};

static void count_block(void *arg, const char *bytes, size_t len)
{
	struct count *count = arg;
	const char *end = bytes + len;

	count->binary = count->binary || memchr(bytes, 0, len);
	while ((bytes = memchr(bytes, '\n', (size_t)(end - bytes)))) {
		count->lines++;
		bytes++;
	}
}

static bool is_word(const char *text)
{
	for (; *text; text++) {
		bool word = (*text >= 'a' && *text <= 'z') ||
			    (*text >= 'A' && *text <= 'Z') ||
			    (*text >= '0' && *text <= '9') ||
			    strchr("_+-", *text);

		if (!word) {
			return false;
		}
	}
	return true;
}

/* The extension with its dot; empty when there is none that is a word. */
static void name_kind(const char *file, char name[KIND_SIZE])
{
	const char *base = strrchr(file, '/') + 1;
	const char *dot = strrchr(base, '.');

	name[0] = '\0';
	if (dot && dot > base && dot[1] && strlen(dot) < KIND_SIZE &&
	    is_word(dot + 1)) {
		memcpy(name, dot, strlen(dot) + 1);
	}
}

static void add_count(struct tally *tally, const char *file,
		      const struct count *count)
{
	if (count->binary) {
		tally->binary_files++;
		return;
	}
	struct kind *kind = &tally->kinds[tally->len++];

	name_kind(file, kind->name);
	kind->files = 1;
	kind->lines = count->lines;
	tally->text_files++;
	tally->lines += count->lines;
}

static int by_name(const void *left, const void *right)
{
	const struct kind *a = left;
	const struct kind *b = right;

	return strcmp(a->name, b->name);
}

static int by_lines(const void *left, const void *right)
{
	const struct kind *a = left;
	const struct kind *b = right;

	if (a->lines != b->lines) {
		return a->lines < b->lines ? 1 : -1;
	}
	return strcmp(a->name, b->name);
}

/* Kinds of one name become one. */
static void fold(struct tally *tally)
{
	size_t len = 0;

	if (tally->len == 0) {
		return;
	}
	qsort(tally->kinds, tally->len, sizeof(struct kind), by_name);
	for (size_t i = 1; i < tally->len; i++) {
		struct kind *kind = &tally->kinds[len];

		if (strcmp(kind->name, tally->kinds[i].name) == 0) {
			kind->files++;
			kind->lines += tally->kinds[i].lines;
		} else {
			tally->kinds[++len] = tally->kinds[i];
		}
	}
	tally->len = len + 1;
	qsort(tally->kinds, tally->len, sizeof(struct kind), by_lines);
}

static int32_t finish(const struct scan *scan, const struct tally *tally)
{
	struct text output = { 0 };

	text_printf(&output,
		    "{\"text_files\": %zu, \"binary_files\": %zu, "
		    "\"lines\": %llu, \"unread\": %zu, \"kinds\": [",
		    tally->text_files, tally->binary_files,
		    (unsigned long long)tally->lines, scan->unread);
	for (size_t i = 0; i < tally->len && i < KINDS_SHOWN; i++) {
		const struct kind *kind = &tally->kinds[i];

		text_printf(&output,
			    "%s{\"name\": \"%s\", \"files\": %zu, "
			    "\"lines\": %llu}",
			    i ? ", " : "", kind->name, kind->files,
			    (unsigned long long)kind->lines);
	}
	text_put_string(&output, "]}");
	int32_t rc = answer(scan->task, &output, NULL);

	text_fini(&output);
	return rc;
}

static int32_t count_all(struct scan *scan)
{
	struct tally tally = {
		.kinds = calloc(scan->inventory.len + 1, sizeof(struct kind)),
	};
	int32_t rc = TUTTI_OK;

	if (!tally.kinds) {
		return TUTTI_ENOMEM;
	}
	for (size_t i = 0; scan_goes_on(scan, i); i++) {
		struct count count = { 0 };

		if (scan_read(scan, i, count_block, &count)) {
			add_count(&tally, scan->inventory.files[i].name,
				  &count);
		}
	}
	if (!scan->stopped) {
		fold(&tally);
		rc = finish(scan, &tally);
	}
	free(tally.kinds);
	return rc;
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct scan scan;

	(void)self;
	if (!scan_begin(&scan, task)) {
		return TUTTI_OK;
	}
	int32_t rc = count_all(&scan);

	scan_end(&scan);
	return rc;
}

const struct tutti_plugin lines_plugin = {
	.size = sizeof(struct tutti_plugin),
	.name = "lines",
	.version = "1.0",
	.help = "Counts lines, by extension.",
	.max_tasks = 4,
	.handle = handle,
};
