#include "sections.h"

#include <inttypes.h>
#include <time.h>

#define US_PER_S 1000000

bool section_begin(struct page *page, const char *title, const char *figure,
		   const char *language)
{
	bool found = page_has(page, figure);

	text_printf(&page->text, "\n## %s\n\n", title);
	if (!found && language && !page_asked_for(page, language)) {
		text_printf(&page->text,
			    "Not looked at: the run's `lang` does not name "
			    "`%s`.\n",
			    language);
	} else if (!found) {
		text_put_string(&page->text,
				"Not known: the check failed. `tutti why` "
				"tells the reason.\n");
	}
	return found;
}

static void put_unread(struct page *page, const char *figure)
{
	uint64_t unread = page_number(page, figure);

	if (unread) {
		text_printf(&page->text,
			    "\n%" PRIu64 " files could not be read any more "
			    "and are not in these figures.\n",
			    unread);
	}
}

static void put_head(struct page *page)
{
	const struct tutti_task *task = page->task;
	struct text *text = &page->text;
	time_t now = (time_t)(tutti_wall_us(task->host) / US_PER_S);
	const char *tree = "";
	struct tutti_value value;
	struct tm parts;
	char when[32] = "";

	if (tutti_get(task, "stash.tree", &value) == TUTTI_OK &&
	    value.type == TUTTI_STRING) {
		tree = value.as.text.ptr;
	}
	if (gmtime_r(&now, &parts)) {
		(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ",
			       &parts);
	}
	text_put_string(text, "# Audit of `");
	text_put_escaped(text, tree, strlen(tree));
	text_printf(text, "`\n\nWritten at %s by run `", when);
	text_put_escaped(text, task->uid.ptr, task->uid.len);
	text_put_string(text, "`.\n");
}

static void put_files(struct page *page)
{
	text_put_string(&page->text, "\n## Files\n\n");
	page_table(page, "What", "How many");
	page_row_of(page, "Files", "snapshot.files");
	page_row_of(page, "Bytes in them", "snapshot.bytes");
	page_row_of(page, "Empty files", "snapshot.empty");
	page_row_of(page, "Folders", "snapshot.folders");
	page_row_of(page, "Symbolic links, not followed", "snapshot.links");
	page_row_of(page, "Sockets, pipes and devices", "snapshot.others");
	page_row_of(page, "Files without permission to read",
		    "snapshot.unreadable.count");
	page_row_of(page, "Folders that could not be looked into",
		    "snapshot.unseen.count");
}

/* A list of names that the snapshot gives: count and the first of them. */
static void put_named(struct page *page, const char *title, const char *figure)
{
	struct text path = { 0 };
	size_t shown = 0;

	text_printf(&path, "%s.count", figure);
	uint64_t count = path.failed ? 0 : page_number(page, path.ptr);

	text_fini(&path);
	if (count == 0) {
		return;
	}
	text_printf(&page->text, "\n%s:\n\n", title);
	text_printf(&path, "%s.names", figure);
	while (!path.failed && page_has_item(page, path.ptr, shown)) {
		text_printf(&page->text, "- `%s`\n",
			    page_item_name(page, path.ptr, shown, ""));
		shown++;
	}
	text_fini(&path);
	page_more(page, count, shown);
}

static void put_stillness(struct page *page)
{
	if (page->vanished || page->changed) {
		text_printf(&page->text,
			    "\nWhile the audit ran, %zu of these files changed "
			    "and %zu vanished: what is said of them below is "
			    "how each check found them.\n",
			    page->changed, page->vanished);
	} else {
		text_put_string(&page->text,
				"\nNone of these files changed while the audit "
				"ran.\n");
	}
}

/* A row for each extension that `lines` has named. */
static void put_kinds(struct page *page)
{
	uint64_t others = page_number(page, "lines.text_files");
	struct text *text = &page->text;

	for (size_t i = 0; page_has_item(page, "lines.kinds", i); i++) {
		const char *name =
		    page_item_name(page, "lines.kinds", i, "name");
		uint64_t files =
		    page_item_number(page, "lines.kinds", i, "files");

		text_put_string(text, i ? ""
					: "\n| Extension | Files | Lines |\n"
					  "|---|---:|---:|\n");
		text_printf(text, "| %s%s%s | %" PRIu64 " | %" PRIu64 " |\n",
			    *name ? "`" : "none", name, *name ? "`" : "", files,
			    page_item_number(page, "lines.kinds", i, "lines"));
		others -= files;
	}
	if (others) {
		text_printf(text,
			    "\nAnd %" PRIu64 " text files with other "
			    "extensions.\n",
			    others);
	}
}

static void put_lines(struct page *page)
{
	if (!section_begin(page, "Lines", "lines", NULL)) {
		return;
	}
	page_table(page, "What", "How many");
	page_row_of(page, "Lines", "lines.lines");
	page_row_of(page, "Text files, without a NUL byte", "lines.text_files");
	page_row_of(page, "Binary files", "lines.binary_files");
	put_kinds(page);
	put_unread(page, "lines.unread");
}

static void put_largest(struct page *page)
{
	if (!section_begin(page, "Largest files", "largest", NULL)) {
		return;
	}
	page_table(page, "File", "Bytes");
	for (size_t i = 0; page_has_item(page, "largest.files", i); i++) {
		text_printf(
		    &page->text, "| `%s` | %" PRIu64 " |\n",
		    page_item_name(page, "largest.files", i, "name"),
		    page_item_number(page, "largest.files", i, "bytes"));
	}
}

static void put_group(struct page *page, size_t i)
{
	uint64_t copies =
	    page_item_number(page, "duplicates.largest", i, "copies");
	struct text list = { 0 };
	size_t shown = 0;

	text_printf(&page->text,
		    "- %" PRIu64 " times %" PRIu64 " bytes:", copies,
		    page_item_number(page, "duplicates.largest", i, "bytes"));
	text_printf(&list, "duplicates.largest[%zu].names", i);
	while (!list.failed && page_has_item(page, list.ptr, shown)) {
		text_printf(&page->text, "%s `%s`", shown ? "," : "",
			    page_item_name(page, list.ptr, shown, ""));
		shown++;
	}
	if (copies > shown) {
		text_printf(&page->text, " and %" PRIu64 " more",
			    copies - shown);
	}
	text_put_string(&page->text, "\n");
	text_fini(&list);
}

static void put_duplicates(struct page *page)
{
	size_t shown = 0;

	if (!section_begin(page, "Duplicate files", "duplicates", NULL)) {
		return;
	}
	text_put_string(&page->text, "Files with the same content; empty files "
				     "are not looked at.\n\n");
	page_table(page, "What", "How many");
	page_row_of(page, "Groups of duplicates", "duplicates.groups");
	page_row_of(page, "Files that have a duplicate", "duplicates.files");
	page_row_of(page, "Files beyond the first of each group",
		    "duplicates.extra_files");
	page_row_of(page, "Bytes in those", "duplicates.extra_bytes");
	while (page_has_item(page, "duplicates.largest", shown)) {
		text_put_string(&page->text, shown ? "" : "\n");
		put_group(page, shown++);
	}
	page_more(page, page_number(page, "duplicates.groups"), shown);
	put_unread(page, "duplicates.unread");
}

static void put_c(struct page *page)
{
	if (!section_begin(page, "C", "includes", "c")) {
		return;
	}
	page_table(page, "What", "How many");
	page_row_of(page, "C files", "includes.files");
	page_row_of(page, "Includes of system headers", "includes.system");
	page_row_of(page, "Includes of own headers", "includes.own");
	for (size_t i = 0; page_has_item(page, "includes.headers", i); i++) {
		text_printf(
		    &page->text, "%s- `%s`: %" PRIu64 "\n", i ? "" : "\n",
		    page_item_name(page, "includes.headers", i, "name"),
		    page_item_number(page, "includes.headers", i, "count"));
	}
	put_unread(page, "includes.unread");
}

static void put_checksums(struct page *page)
{
	if (!section_begin(page, "Checksums", "checksums.json", NULL)) {
		return;
	}
	page_table(page, "What", "How many");
	page_row_of(page, "Files in `manifest.sha256`",
		    "checksums.json.entries");
	page_row(page, "Files that could not be read any more",
		 page_number(page, "snapshot.readable") -
		     page_number(page, "checksums.json.entries"));
	text_printf(&page->text,
		    "\nThe SHA-256 of the manifest, and so of all that is in "
		    "it, is\n`%s`.\nTo check the tree against it later, go "
		    "there and run `sha256sum -c`\nwith the manifest.\n",
		    page_name(page, "checksums.json.sha256"));
}

void sections_put_all(struct page *page)
{
	put_head(page);
	put_files(page);
	put_named(page, "Left out", "snapshot.skipped");
	put_named(page, "Without permission to read, and in no figure below",
		  "snapshot.unreadable");
	put_named(page, "Could not be looked into, and in no figure at all",
		  "snapshot.unseen");
	put_stillness(page);
	put_lines(page);
	put_largest(page);
	put_duplicates(page);
	sections_put_todo(page);
	put_c(page);
	sections_put_shell(page);
	put_checksums(page);
}
