/*
 * The sections of the report, each from the figures of one check.
 */
#ifndef TREE_AUDIT_SECTIONS_H
#define TREE_AUDIT_SECTIONS_H

#include "page.h"

void sections_put_all(struct page *page);

/* Those that list what a script has found, in sections_found.c. */
void sections_put_todo(struct page *page);
void sections_put_shell(struct page *page);

/*
 * The heading of a check's section; false when the check has given nothing, and
 * then the section says why. `language` NULL: asked for in every run.
 */
bool section_begin(struct page *page, const char *title, const char *figure,
		   const char *language);

#endif
