#include "config/report.h"

#include <stdio.h>

#include "base/utf8.h"

#define TAB        8
#define BEFORE_MAX 100 /* characters before the mark, else the line is cut */
#define BEFORE_CUT 60
#define SHOWN_MAX  120

/* One line being drawn, and the marks below it. */
struct pen {
	struct buf text;
	struct buf marks;
	size_t columns;
	unsigned first; /* the marked characters: [first, end) */
	unsigned end;
};

static void put_repeated(struct buf *out, char byte, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buf_put_byte(out, (uint8_t)byte);
	}
}

static bool is_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) ||
	       (point >= 0x202a && point <= 0x202e) ||
	       (point >= 0x2066 && point <= 0x2069);
}

/* The width of the character, once it is drawn. */
static size_t draw_text(struct pen *pen, struct slice character, uint32_t point)
{
	size_t width = utf8_width(character);

	if (point == '\t') {
		width = TAB - pen->columns % TAB;
		put_repeated(&pen->text, ' ', width);
	} else if (is_control(point) || point == 0xfffd) {
		width = 1;
		buf_put_text(&pen->text, "\xef\xbf\xbd");
	} else {
		buf_put_slice(&pen->text, character);
	}
	pen->columns += width;
	return width;
}

static void draw_marks(struct pen *pen, unsigned column, size_t width)
{
	if (column < pen->first) {
		put_repeated(&pen->marks, ' ', width);
	} else if (column == pen->first) {
		buf_put_byte(&pen->marks, '^');
		put_repeated(&pen->marks, '~', width ? width - 1 : 0);
	} else if (column < pen->end) {
		put_repeated(&pen->marks, '~', width);
	}
}

static void draw_line(struct pen *pen, struct slice line)
{
	unsigned start = pen->first > BEFORE_MAX ? pen->first - BEFORE_CUT : 1;
	unsigned column = 1;

	if (start > 1) {
		buf_put_text(&pen->text, "...");
		put_repeated(&pen->marks, ' ', 3);
		pen->columns = 3;
	}
	for (; line.len && column < start + SHOWN_MAX; column++) {
		size_t size;
		uint32_t point = utf8_decode(line, &size);

		if (column >= start) {
			struct slice character = { line.ptr, size };

			draw_marks(pen, column,
				   draw_text(pen, character, point));
		}
		line.ptr += size;
		line.len -= size;
	}
	if (line.len) {
		buf_put_text(&pen->text, "...");
	} else if (column <= pen->first) {
		buf_put_byte(&pen->marks, '^');
	}
}

static void put_trimmed(struct buf *out, struct buf *line)
{
	while (line->len && line->data[line->len - 1] == ' ') {
		line->len--;
	}
	if (line->len) {
		buf_put_byte(out, ' ');
		buf_put_slice(out, buf_slice(line));
	}
	buf_put_byte(out, '\n');
	buf_fini(line);
}

static unsigned marked_end(struct span span)
{
	if (span.end.line > span.start.line) {
		return UINT32_MAX;
	}
	if (span.end.line == span.start.line &&
	    span.end.column > span.start.column) {
		return span.end.column;
	}
	return span.start.column + 1;
}

/* Without white space at its end. */
static struct slice line_at(struct slice source, unsigned line)
{
	size_t start = source_line(source, line);
	size_t end =
	    source_offset(source, (struct yaml_mark){ line, UINT32_MAX });

	while (end > start &&
	       (source.ptr[end - 1] == ' ' || source.ptr[end - 1] == '\t')) {
		end--;
	}
	return (struct slice){ source.ptr + start, end - start };
}

void excerpt_put(struct buf *out, struct slice source, struct span span)
{
	struct pen pen = {
		.first = span.start.column,
		.end = marked_end(span),
	};
	int gutter = snprintf(NULL, 0, "  %u", span.start.line);

	if (source.len == 0) {
		return;
	}
	draw_line(&pen, line_at(source, span.start.line));
	buf_printf(out, "  %u |", span.start.line);
	put_trimmed(out, &pen.text);
	buf_printf(out, "%*s |", gutter, "");
	put_trimmed(out, &pen.marks);
}
