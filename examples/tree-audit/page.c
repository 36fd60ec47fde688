#include "page.h"

#include <inttypes.h>

/* outputs."audit".lines.kinds[0].name; NULL without memory. */
static const char *full_path(struct page *page, struct text *path,
			     const char *figure)
{
	text_put_string(path, "outputs.");
	text_put_json(path, page->task->activity.ptr);
	text_printf(path, ".%s", figure);
	page->text.failed = page->text.failed || path->failed;
	return path->failed ? NULL : path->ptr;
}

static bool find(struct page *page, const char *figure,
		 struct tutti_value *ret_value)
{
	struct text text = { 0 };
	const char *path = full_path(page, &text, figure);
	bool found = path && tutti_get(page->task, path, ret_value) == TUTTI_OK;

	text_fini(&text);
	return found;
}

bool page_has(struct page *page, const char *figure)
{
	struct tutti_value value;

	return find(page, figure, &value);
}

uint64_t page_number(struct page *page, const char *figure)
{
	struct tutti_value value;

	if (!find(page, figure, &value)) {
		return 0;
	}
	switch (value.type) {
	case TUTTI_INT:
		return value.as.i < 0 ? 0 : (uint64_t)value.as.i;
	case TUTTI_UINT:
		return value.as.u;
	default:
		return 0;
	}
}

const char *page_name(struct page *page, const char *figure)
{
	struct tutti_value value;
	bool found = find(page, figure, &value) && value.type == TUTTI_STRING;

	return found ? value.as.text.ptr : "";
}

static const char *item(struct page *page, struct text *figure,
			const char *list, size_t i, const char *rest)
{
	text_printf(figure, "%s[%zu]%s%s", list, i, *rest ? "." : "", rest);
	page->text.failed = page->text.failed || figure->failed;
	return figure->failed ? "" : figure->ptr;
}

bool page_has_item(struct page *page, const char *list, size_t i)
{
	struct text figure = { 0 };
	bool found = page_has(page, item(page, &figure, list, i, ""));

	text_fini(&figure);
	return found;
}

uint64_t page_item_number(struct page *page, const char *list, size_t i,
			  const char *rest)
{
	struct text figure = { 0 };
	uint64_t number = page_number(page, item(page, &figure, list, i, rest));

	text_fini(&figure);
	return number;
}

const char *page_item_name(struct page *page, const char *list, size_t i,
			   const char *rest)
{
	struct text figure = { 0 };
	const char *name = page_name(page, item(page, &figure, list, i, rest));

	text_fini(&figure);
	return name;
}

bool page_asked_for(struct page *page, const char *language)
{
	struct tutti_slice key;
	struct tutti_value value;

	for (uint64_t i = 0; tutti_entry(page->task, "attributes.lang", i, &key,
					 &value) == TUTTI_OK;
	     i++) {
		if (value.type == TUTTI_STRING &&
		    strcmp(value.as.text.ptr, language) == 0) {
			return true;
		}
	}
	return tutti_get(page->task, "attributes.lang", &value) == TUTTI_OK &&
	       value.type == TUTTI_STRING &&
	       strcmp(value.as.text.ptr, language) == 0;
}

void page_row(struct page *page, const char *title, uint64_t number)
{
	text_printf(&page->text, "| %s | %" PRIu64 " |\n", title, number);
}

void page_row_of(struct page *page, const char *title, const char *figure)
{
	page_row(page, title, page_number(page, figure));
}

void page_table(struct page *page, const char *left, const char *right)
{
	text_printf(&page->text, "| %s | %s |\n|---|---:|\n", left, right);
}

void page_more(struct page *page, uint64_t count, uint64_t shown)
{
	if (count > shown) {
		text_printf(&page->text, "- and %" PRIu64 " more\n",
			    count - shown);
	}
}
