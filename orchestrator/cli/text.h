/*
 * Small texts for people: durations, ages, and text of others made harmless
 * for a terminal.
 */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"

/* "0.3ms", "312ms", "1.2s", "3m 20s", "2h 5m", "3d 4h"; below 0 as 0. */
void text_put_duration(struct buf *out, int64_t duration_us);

/* "512 B", "1.5 MiB". */
void text_put_size(struct buf *out, uint64_t bytes);

/* "12s ago", in whole units; "in 5m" for what is still to come. */
void text_put_age(struct buf *out, int64_t then_us, int64_t now_us);

/* "2026-03-01T10:20:30.123456Z", or "-" for 0. */
void text_put_time(struct buf *out, int64_t wall_us);

/* "2026-03-01T10:20:30.123456Z (in 5m)" */
void text_put_when(struct buf *out, int64_t wall_us, int64_t now_us);

/*
 * Text of others: control characters, which could drive the terminal, become
 * "\x1b" and the like; bytes that are no UTF-8 likewise.
 */
void text_put_clean(struct buf *out, struct slice text);

/* "1 task", "2 tasks". */
void text_put_count(struct buf *out, uint64_t count, const char *one,
		    const char *many);

/* Writes the text as it is; an empty buffer writes nothing. */
void text_emit(FILE *stream, const struct buf *text);

/* Takes the next line off *text; false when nothing is left. */
bool text_next_line(struct slice *text, struct slice *ret_line);

#endif
