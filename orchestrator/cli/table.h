/*
 * Columns that line up, whatever the characters: widths are counted in columns
 * of a terminal. Cells may carry colour, which takes no room. Rows may be
 * spans: one text across all columns that no width depends on. One thread; a
 * table owns its texts.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "cli/style.h"

struct table_cell {
	char *text;   /* as it is written, colour included */
	size_t width; /* on a terminal */
	bool span;    /* a row of its own */
};

struct table {
	struct style style;
	size_t columns;
	unsigned right; /* bits of columns that are set flush right */
	struct table_cell *cells;
	size_t len;
	size_t cap;
};

void table_init(struct table *table, struct style style, size_t columns);
void table_fini(struct table *table);

/* The next cell; a row is full after `columns` of them. */
void table_put(struct table *table, enum tone tone, struct slice text);

/* A cell of several tones; empties `rich`, whose visible width is `width`. */
void table_put_rich(struct table *table, struct buf *rich, size_t width);

/* A whole line; only between rows. Empties `rich`. */
void table_span(struct table *table, struct buf *rich);

/* Append all rows, two spaces between columns, none at the ends of lines. */
void table_write(const struct table *table, struct buf *out);

#endif
