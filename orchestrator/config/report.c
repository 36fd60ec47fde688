#include "config/report.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/limits.h"

struct diagnostic {
	struct yaml_mark mark;
	size_t number; /* in the order of finding, to keep it among equals */
	struct buf text;
};

struct span span_of(const struct yaml_node *node)
{
	return (struct span){ node->start, node->end };
}

void diagnostic_put(struct buf *out, const char *file, struct slice source,
		    struct span span, const char *kind, struct slice sentence)
{
	buf_put_text(out, file);
	if (span.start.line) {
		buf_printf(out, ":%u:%u", span.start.line, span.start.column);
	}
	buf_printf(out, ": %s: ", kind);
	buf_put_slice(out, sentence);
	buf_put_byte(out, '\n');
	if (span.start.line) {
		excerpt_put(out, source, span);
	}
}

static void __attribute__((format(printf, 5, 0)))
put(const struct report *report, struct buf *out, struct span span,
    const char *kind, const char *format, va_list args)
{
	struct buf sentence = { 0 };

	buf_vprintf(&sentence, format, args);
	diagnostic_put(out, report->file, report->source, span, kind,
		       buf_slice(&sentence));
	buf_fini(&sentence);
}

bool report_is_full(const struct report *report)
{
	return report->errors >= LIMIT_CONFIG_ERRORS;
}

void report_error(struct report *report, struct span span, const char *format,
		  ...)
{
	va_list args;
	bool full = report_is_full(report);

	report->errors++;
	if (full) {
		return;
	}
	alloc_grow(report->diagnostics, report->len, report->cap);
	struct diagnostic *diagnostic = &report->diagnostics[report->len];

	*diagnostic = (struct diagnostic){
		.mark = span.start,
		.number = report->len++,
	};
	va_start(args, format);
	put(report, &diagnostic->text, span, "error", format, args);
	va_end(args);
}

void report_note(struct report *report, struct span span, const char *format,
		 ...)
{
	va_list args;

	if (report->errors > report->len || report->len == 0) {
		return;
	}
	va_start(args, format);
	put(report, &report->diagnostics[report->len - 1].text, span, "note",
	    format, args);
	va_end(args);
}

static int compare(const void *left, const void *right)
{
	const struct diagnostic *a = left;
	const struct diagnostic *b = right;

	if (a->mark.line != b->mark.line) {
		return a->mark.line < b->mark.line ? -1 : 1;
	}
	if (a->mark.column != b->mark.column) {
		return a->mark.column < b->mark.column ? -1 : 1;
	}
	return a->number < b->number ? -1 : a->number > b->number;
}

/* An alias leads to the same mistake again, in the same words. */
static bool is_repeated(const struct report *report, size_t i)
{
	return i > 0 && slice_equal(buf_slice(&report->diagnostics[i - 1].text),
				    buf_slice(&report->diagnostics[i].text));
}

void report_print(struct report *report, struct buf *out)
{
	if (report->len) {
		qsort(report->diagnostics, report->len,
		      sizeof(*report->diagnostics), compare);
	}
	for (size_t i = 0; i < report->len; i++) {
		if (!is_repeated(report, i)) {
			buf_put_slice(out,
				      buf_slice(&report->diagnostics[i].text));
		}
	}
	if (report->errors > report->len) {
		buf_printf(out, "%s: note: %zu more errors are not shown\n",
			   report->file, report->errors - report->len);
	}
	for (size_t i = 0; i < report->len; i++) {
		buf_fini(&report->diagnostics[i].text);
	}
	free(report->diagnostics);
	report->diagnostics = NULL;
	report->len = 0;
	report->cap = 0;
}
