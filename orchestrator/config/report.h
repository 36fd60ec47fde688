/*
 * Collecting the mistakes of a config file: private to this room. Each is put
 * into words at once; all are printed at the end in the order of the file.
 */
#ifndef CONFIG_REPORT_H
#define CONFIG_REPORT_H

#include "base/buf.h"
#include "document/yaml_tree.h"

/* A stretch of the source. With `end` of line 0, a single character; line 0
 * in `start` means the file as a whole. */
struct span {
	struct yaml_mark start;
	struct yaml_mark end;
};

struct diagnostic;

struct report {
	const char *file;
	struct slice source;
	struct diagnostic *diagnostics;
	size_t len;
	size_t cap;
	size_t errors; /* in all, also those beyond the limit */
};

struct span span_of(const struct yaml_node *node);

void report_error(struct report *report, struct span span, const char *format,
		  ...) __attribute__((format(printf, 3, 4)));

/* Belongs to the error reported last. */
void report_note(struct report *report, struct span span, const char *format,
		 ...) __attribute__((format(printf, 3, 4)));

/* So many errors that further ones are only counted? */
bool report_is_full(const struct report *report);

/* Appends all that was reported, in order, and forgets it. */
void report_print(struct report *report, struct buf *out);

/* One diagnostic in the final form; `kind` is "error" or "note". */
void diagnostic_put(struct buf *out, const char *file, struct slice source,
		    struct span span, const char *kind, struct slice sentence);

/* The source line of `span` and the marks under it. */
void excerpt_put(struct buf *out, struct slice source, struct span span);

/* Source text without a byte order mark, as positions count it. */
struct slice source_text(struct slice source);

/* Where line `line` begins, in bytes; the length when there is none. */
size_t source_line(struct slice source, unsigned line);

/* The byte of a mark, and the mark of a byte. */
size_t source_offset(struct slice source, struct yaml_mark mark);
struct yaml_mark source_mark(struct slice source, size_t offset);

/* When only its beginning is known: the word there. */
struct span source_word(struct slice source, struct yaml_mark mark);

#endif
