#include "cli/table.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/utf8.h"

#define GAP 2

void table_init(struct table *table, struct style style, size_t columns)
{
	*table = (struct table){
		.style = style,
		.columns = columns,
	};
}

void table_fini(struct table *table)
{
	for (size_t i = 0; i < table->len; i++) {
		free(table->cells[i].text);
	}
	free(table->cells);
	*table = (struct table){ 0 };
}

static void add_cell(struct table *table, struct table_cell cell)
{
	alloc_grow(table->cells, table->len, table->cap);
	table->cells[table->len++] = cell;
}

void table_put(struct table *table, enum tone tone, struct slice text)
{
	struct buf rich = { 0 };

	style_put(&rich, table->style, tone, text);
	table_put_rich(table, &rich, utf8_width(text));
}

void table_put_rich(struct table *table, struct buf *rich, size_t width)
{
	add_cell(table, (struct table_cell){
			    .text = buf_take(rich),
			    .width = width,
			});
}

void table_span(struct table *table, struct buf *rich)
{
	add_cell(table, (struct table_cell){
			    .text = buf_take(rich),
			    .span = true,
			});
}

static size_t *measure(const struct table *table)
{
	size_t *widths = alloc_zeroed(table->columns, sizeof(*widths));
	size_t column = 0;

	for (size_t i = 0; i < table->len; i++) {
		if (table->cells[i].span) {
			assert(column == 0);
			continue;
		}
		if (table->cells[i].width > widths[column]) {
			widths[column] = table->cells[i].width;
		}
		column = (column + 1) % table->columns;
	}
	return widths;
}

static void put_spaces(struct buf *out, size_t count)
{
	for (; count > 0; count--) {
		buf_put_byte(out, ' ');
	}
}

static void write_row(const struct table *table, const struct table_cell *row,
		      const size_t *widths, struct buf *out)
{
	size_t spaces = 0; /* owed; never paid at the end of a line */

	for (size_t i = 0; i < table->columns; i++) {
		size_t missing = widths[i] - row[i].width;

		if (table->right & (1u << i)) {
			spaces += missing;
			missing = 0;
		}
		if (row[i].width > 0) {
			put_spaces(out, spaces);
			spaces = 0;
			buf_put_text(out, row[i].text);
		}
		spaces += missing + (widths[i] ? GAP : 0);
	}
	buf_put_byte(out, '\n');
}

void table_write(const struct table *table, struct buf *out)
{
	size_t *widths = measure(table);

	for (size_t i = 0; i < table->len;) {
		if (table->cells[i].span) {
			buf_put_text(out, table->cells[i].text);
			buf_put_byte(out, '\n');
			i++;
		} else {
			write_row(table, &table->cells[i], widths, out);
			i += table->columns;
		}
	}
	free(widths);
}
