#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"

static log_sink current_sink;
static void *sink_arg;
static enum log_level threshold = LOG_INFO;

const char *log_level_name(enum log_level level)
{
	static const char *const names[] = {
		[LOG_ERROR] = "error",
		[LOG_WARN] = "warn",
		[LOG_INFO] = "info",
		[LOG_DEBUG] = "debug",
	};

	return names[level];
}

void log_set_sink(log_sink sink, void *arg)
{
	current_sink = sink;
	sink_arg = arg;
}

void log_set_level(enum log_level level)
{
	threshold = level;
}

static void to_stderr(enum log_level level, struct slice line)
{
	static const int priority[] = { 3, 4, 6, 7 };

	if (getenv("JOURNAL_STREAM")) {
		fprintf(stderr, "<%d>%.*s\n", priority[level], SLICE_ARG(line));
		return;
	}
	char time[CLOCK_TEXT_SIZE];

	clock_format(clock_wall_us(), time);
	fprintf(stderr, "time=%s level=%s %.*s\n", time, log_level_name(level),
		SLICE_ARG(line));
}

void log_line(enum log_level level, const char *format, ...)
{
	if (level > threshold) {
		return;
	}
	struct buf line = { 0 };
	va_list args;

	va_start(args, format);
	buf_vprintf(&line, format, args);
	va_end(args);
	/* One event is one line, whatever a message brought along. */
	for (size_t i = 0; i < line.len; i++) {
		if ((unsigned char)line.data[i] < ' ') {
			line.data[i] = ' ';
		}
	}
	if (current_sink) {
		current_sink(sink_arg, level, buf_slice(&line));
	} else {
		to_stderr(level, buf_slice(&line));
	}
	buf_fini(&line);
}

void log_put_quoted(struct buf *out, struct slice text)
{
	buf_put_byte(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == '"' || c == '\\') {
			buf_put_byte(out, '\\');
		}
		buf_put_byte(out, (uint8_t)((unsigned char)c < ' ' ? ' ' : c));
	}
	buf_put_byte(out, '"');
}
