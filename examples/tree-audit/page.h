/*
 * The page that the report writes: the text so far, and where its figures come
 * from. A figure is named by the task and the path in its output, as in
 * "lines.kinds[0].name".
 */
#ifndef TREE_AUDIT_PAGE_H
#define TREE_AUDIT_PAGE_H

#include <stdint.h>

#include "scan.h"
#include "text.h"

struct page {
	const struct tutti_task *task;
	struct scan *scan; /* the snapshot's files */
	struct text text;
	size_t vanished; /* files, since the snapshot */
	size_t changed;
};

/* Has the check given this? */
bool page_has(struct page *page, const char *figure);

/* 0 and "" when it is not there. The text is borrowed from the task. */
uint64_t page_number(struct page *page, const char *figure);
const char *page_name(struct page *page, const char *figure);

/* The same for one of a list: "%s[%zu].%s". */
bool page_has_item(struct page *page, const char *list, size_t i);
uint64_t page_item_number(struct page *page, const char *list, size_t i,
			  const char *figure);
const char *page_item_name(struct page *page, const char *list, size_t i,
			   const char *figure);

/* Is the language among the run's `lang`? */
bool page_asked_for(struct page *page, const char *language);

/* "| Files | 12 |" */
void page_row(struct page *page, const char *title, uint64_t number);
void page_row_of(struct page *page, const char *title, const char *figure);

/* "| Figure | |" and the line below it. */
void page_table(struct page *page, const char *left, const char *right);

/* "- and 12 more" when `count` is more than what was shown. */
void page_more(struct page *page, uint64_t count, uint64_t shown);

#endif
