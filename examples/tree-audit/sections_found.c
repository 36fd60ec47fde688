/*
 * What the scripts have found, from their files in the work folder:
 *
 *	todo.found    "NAME", NUL, "LINE:TEXT", newline
 *	shell.found   "KIND NAME", NUL
 */
#include "sections.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TODO_SHOWN  10
#define SHELL_SHOWN 10
#define TEXT_SHOWN  72 /* bytes of a line */

static FILE *open_found(const struct page *page, const char *name)
{
	int fd = openat(page->scan->work_fd, name,
			O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "r");

	if (!stream && fd >= 0) {
		(void)close(fd);
	}
	return stream;
}

/* How much of a line is shown: not less than whole characters. */
static size_t shown_len(const char *line, size_t len)
{
	if (len <= TEXT_SHOWN) {
		return len;
	}
	len = TEXT_SHOWN;
	while (len && ((unsigned char)line[len] & 0xc0) == 0x80) {
		len--;
	}
	return len;
}

/* `found` is "LINE:TEXT" with its newline. */
static void put_hit(struct page *page, const char *name, const char *found)
{
	size_t digits = strcspn(found, ":");
	const char *line = found + digits + (found[digits] == ':');

	line += strspn(line, " \t");
	size_t len = strcspn(line, "\r\n");

	text_put_string(&page->text, "- `");
	text_put_name(&page->text, name);
	text_printf(&page->text, ":%.*s`: `", (int)digits, found);
	text_put_escaped(&page->text, line, shown_len(line, len));
	text_put_string(&page->text, len > TEXT_SHOWN ? "...`\n" : "`\n");
}

static void put_hits(struct page *page, FILE *stream)
{
	uint64_t shown = 0;
	char *name = NULL;
	char *found = NULL;
	size_t name_cap = 0;
	size_t found_cap = 0;

	while (shown < TODO_SHOWN &&
	       getdelim(&name, &name_cap, 0, stream) > 0 &&
	       getline(&found, &found_cap, stream) > 0) {
		text_put_string(&page->text, shown ? "" : "\n");
		put_hit(page, name, found);
		shown++;
	}
	page_more(page, page_number(page, "todo.json.lines"), shown);
	free(found);
	free(name);
}

void sections_put_todo(struct page *page)
{
	FILE *stream;

	if (!section_begin(page, "To do", "todo.json", NULL)) {
		return;
	}
	page_table(page, "What", "How many");
	page_row_of(page, "Lines with TODO, FIXME or XXX", "todo.json.lines");
	stream = open_found(page, "todo.found");
	if (stream) {
		put_hits(page, stream);
		(void)fclose(stream);
	}
}

static void put_scripts(struct page *page, FILE *stream, const char *kind,
			uint64_t count)
{
	size_t kind_len = strlen(kind);
	uint64_t shown = 0;
	char *record = NULL;
	size_t cap = 0;

	rewind(stream);
	while (shown < SHELL_SHOWN && getdelim(&record, &cap, 0, stream) > 0) {
		if (strncmp(record, kind, kind_len) == 0 &&
		    record[kind_len] == ' ') {
			text_put_string(&page->text, "- `");
			text_put_name(&page->text, record + kind_len + 1);
			text_put_string(&page->text, "`\n");
			shown++;
		}
	}
	page_more(page, count, shown);
	free(record);
}

struct complaint {
	const char *kind;
	const char *figure;
	const char *title;
};

static const struct complaint complaints[] = {
	{
	    .kind = "syntax",
	    .figure = "shell.json.syntax",
	    .title = "With a syntax error",
	},
	{
	    .kind = "no-shebang",
	    .figure = "shell.json.no_shebang",
	    .title = "Without `#!` at the beginning",
	},
	{
	    .kind = "no-errexit",
	    .figure = "shell.json.no_errexit",
	    .title = "Without `set -e`",
	},
	{
	    .kind = "unchecked",
	    .figure = "shell.json.unchecked",
	    .title = "For another shell, not checked",
	},
	{
	    .kind = "unread",
	    .figure = "shell.json.unread",
	    .title = "Could not be read any more",
	},
};

#define COMPLAINTS (sizeof(complaints) / sizeof(complaints[0]))

void sections_put_shell(struct page *page)
{
	FILE *stream;

	if (!section_begin(page, "Shell", "shell.json", "sh")) {
		return;
	}
	page_table(page, "What", "How many");
	page_row_of(page, "Shell scripts", "shell.json.scripts");
	for (size_t i = 0; i < COMPLAINTS; i++) {
		page_row_of(page, complaints[i].title, complaints[i].figure);
	}
	stream = open_found(page, "shell.found");
	for (size_t i = 0; stream && i < COMPLAINTS; i++) {
		uint64_t count = page_number(page, complaints[i].figure);

		if (count) {
			text_printf(&page->text, "\n%s:\n\n",
				    complaints[i].title);
			put_scripts(page, stream, complaints[i].kind, count);
		}
	}
	if (stream) {
		(void)fclose(stream);
	}
}
