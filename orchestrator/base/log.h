/*
 * Logging: one sink for the process, logfmt lines. Rooms below `daemon` do not
 * log above debug; whoever handles a failure logs it once. Any thread.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/buf.h"
#include "base/slice.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Receives finished lines without newline; may be called on any thread. */
typedef void (*log_sink)(void *arg, enum log_level level, struct slice line);

/* NULL restores the default sink: standard error, with <N> priorities when
 * $JOURNAL_STREAM is set. Call before other threads start. */
void log_set_sink(log_sink sink, void *arg);
void log_set_level(enum log_level level);
const char *log_level_name(enum log_level level);

/* "msg" of a line, then fields as "key=value" text already in logfmt. */
void log_line(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends a text of others in quotes, so that it stays one field. */
void log_put_quoted(struct buf *out, struct slice text);

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

#endif
