/*
 * Lists of things in every form of output: a table for people, JSON, JSON
 * lines, CSV and bare names for programs. Rows are JSON documents; columns say
 * how a table shows them. One thread.
 */
#ifndef CLI_LISTING_H
#define CLI_LISTING_H

#include "cli/cli.h"
#include "cli/table.h"
#include "document/value.h"

#define LISTING_FORMS                                                      \
	(FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_WIDE) | FORM_BIT(FORM_JSON) | \
	 FORM_BIT(FORM_JSONL) | FORM_BIT(FORM_CSV))

struct column {
	const char *key;   /* in the row */
	const char *title; /* of the table; NULL: not in tables */
	bool wide;         /* only with -o wide */
	bool right;
	/* How a table shows it; NULL: as the value is. */
	enum tone (*show)(struct buf *out, const struct value *row,
			  int64_t now_us);
};

struct listing {
	const struct column *columns; /* ends with a zeroed one */
	const char *name_key;         /* for -o name; NULL: not offered */
	struct value rows;            /* array of maps */
	int64_t now_us;
};

void listing_init(struct listing *listing, const struct column *columns,
		  const char *name_key, int64_t now_us);
void listing_fini(struct listing *listing);

/* Takes `row` over. */
void listing_add(struct listing *listing, struct value row);

/* Append everything; an empty table is nothing at all. */
void listing_write(const struct listing *listing, enum form form,
		   struct style style, struct buf *out);

/* Shared ways to show a column. */
enum tone listing_show_state(struct buf *out, const struct value *row,
			     int64_t now_us);

#endif
