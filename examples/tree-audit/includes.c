/*
 * includes: which headers the C files of the tree include, by the lines that
 * say so; conditions around them and comments are not looked at.
 *
 *	output  {files, system, own, unread,
 *	         headers: [{name, count}, ...]}: <system> and "own" headers, the
 *	         most included first
 */
#include "tree_audit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "answer.h"
#include "language.h"
#include "scan.h"

#define HEADERS_SHOWN 10
#define BLANKS        " \t\v\f\r"

/* A header, and how often it is included. */
struct header {
	char *name; /* with what is around it: "<stdio.h>" */
	size_t count;
};

struct tally {
	struct header *headers; /* one for each line, then one for each name */
	size_t len;
	size_t cap;
	size_t files;
	size_t system;
	size_t own;
	bool failed; /* no memory */
};

static void add_header(struct tally *tally, const char *name, size_t len)
{
	if (tally->len == tally->cap) {
		size_t cap = tally->cap ? tally->cap * 2 : 256;
		struct header *grown =
		    reallocarray(tally->headers, cap, sizeof(*grown));

		if (!grown) {
			tally->failed = true;
			return;
		}
		tally->headers = grown;
		tally->cap = cap;
	}
	char *copy = strndup(name, len);

	if (!copy) {
		tally->failed = true;
		return;
	}
	tally->headers[tally->len++] = (struct header){ copy, 1 };
	tally->system += *name == '<';
	tally->own += *name == '"';
}

/* After blanks and `word`; NULL when it is not there. */
static const char *after(const char *line, const char *word)
{
	line += strspn(line, BLANKS);
	return strncmp(line, word, strlen(word)) == 0 ? line + strlen(word)
						      : NULL;
}

static void look_at_line(struct tally *tally, const char *line)
{
	const char *rest = after(line, "#");

	rest = rest ? after(rest, "include") : NULL;
	if (!rest) {
		return;
	}
	rest += strspn(rest, BLANKS);
	if (*rest == '<' || *rest == '"') {
		const char *end = strchr(rest + 1, *rest == '<' ? '>' : '"');

		if (end && end > rest + 1) {
			add_header(tally, rest, (size_t)(end + 1 - rest));
		}
	}
}

static void look_at_file(struct scan *scan, struct tally *tally, int fd)
{
	FILE *stream = fdopen(fd, "r");
	char *line = NULL;
	size_t cap = 0;

	if (!stream) {
		(void)close(fd);
		tally->failed = true;
		return;
	}
	while (getline(&line, &cap, stream) >= 0) {
		look_at_line(tally, line);
	}
	scan->unread += ferror(stream) != 0;
	tally->files++;
	free(line);
	(void)fclose(stream);
}

static int by_name(const void *left, const void *right)
{
	const struct header *a = left;
	const struct header *b = right;

	return strcmp(a->name, b->name);
}

static int by_count(const void *left, const void *right)
{
	const struct header *a = left;
	const struct header *b = right;

	if (a->count != b->count) {
		return a->count < b->count ? 1 : -1;
	}
	return strcmp(a->name, b->name);
}

/* Headers of one name become one. */
static void fold(struct tally *tally)
{
	size_t len = 0;

	if (tally->len == 0) {
		return;
	}
	qsort(tally->headers, tally->len, sizeof(struct header), by_name);
	for (size_t i = 1; i < tally->len; i++) {
		struct header *header = &tally->headers[i];

		if (strcmp(tally->headers[len].name, header->name) == 0) {
			tally->headers[len].count++;
			free(header->name);
		} else {
			tally->headers[++len] = *header;
		}
	}
	tally->len = len + 1;
	qsort(tally->headers, tally->len, sizeof(struct header), by_count);
}

static int32_t finish(const struct scan *scan, const struct tally *tally)
{
	struct text output = { 0 };

	text_printf(&output,
		    "{\"files\": %zu, \"system\": %zu, \"own\": %zu, "
		    "\"unread\": %zu, \"headers\": [",
		    tally->files, tally->system, tally->own, scan->unread);
	for (size_t i = 0; i < tally->len && i < HEADERS_SHOWN; i++) {
		const struct header *header = &tally->headers[i];
		struct text name = { 0 };

		text_put_escaped(&name, header->name, strlen(header->name));
		text_put_string(&output, i ? ", {\"name\": " : "{\"name\": ");
		text_put_json(&output, name.ptr ? name.ptr : "");
		text_printf(&output, ", \"count\": %zu}", header->count);
		output.failed = output.failed || name.failed;
		text_fini(&name);
	}
	text_put_string(&output, "]}");
	int32_t rc = answer(scan->task, &output, NULL);

	text_fini(&output);
	return rc;
}

static int32_t count_all(struct scan *scan, struct tally *tally)
{
	for (size_t i = 0; scan_goes_on(scan, i); i++) {
		int fd = language_is_c(&scan->inventory.files[i])
			     ? scan_open(scan, i)
			     : -1;

		if (fd >= 0) {
			look_at_file(scan, tally, fd);
		}
	}
	if (scan->stopped) {
		return TUTTI_OK;
	}
	if (tally->failed) {
		return TUTTI_ENOMEM;
	}
	fold(tally);
	return finish(scan, tally);
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct scan scan;
	struct tally tally = { 0 };

	(void)self;
	if (!scan_begin(&scan, task)) {
		return TUTTI_OK;
	}
	int32_t rc = count_all(&scan, &tally);

	for (size_t i = 0; i < tally.len; i++) {
		free(tally.headers[i].name);
	}
	free(tally.headers);
	scan_end(&scan);
	return rc;
}

const struct tutti_plugin includes_plugin = {
	.size = sizeof(struct tutti_plugin),
	.name = "includes",
	.version = "1.0",
	.help = "Counts what C files include.",
	.max_tasks = 4,
	.handle = handle,
};
