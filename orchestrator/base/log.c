#include "base/log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

/* As much as a pipe takes without making the writer wait, once it says that
 * there is room. */
#define PIECE 4096

static atomic_uint left_out;

static bool has_room(void)
{
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&out, 1, 0) > 0 && (out.revents & POLLOUT);
}

static bool write_whole(struct slice text)
{
	while (text.len) {
		size_t piece = text.len < PIECE ? text.len : PIECE;
		ssize_t len =
		    has_room() ? write(STDERR_FILENO, text.ptr, piece) : -1;

		if (len <= 0) {
			return false;
		}
		text.ptr += len;
		text.len -= (size_t)len;
	}
	return true;
}

/* Who reads the log must not be able to stop the orchestrator: lines that find
 * no room are left out, and how many is said once there is room again. */
static void write_out(struct slice text)
{
	unsigned lost = atomic_exchange(&left_out, 0);
	char note[80];

	if (lost) {
		int len = snprintf(note, sizeof(note),
				   "(%u lines of the log were left out: nobody "
				   "read them)\n",
				   lost);

		if (!write_whole((struct slice){ note, (size_t)len })) {
			atomic_fetch_add(&left_out, lost + 1);
			return;
		}
	}
	if (!write_whole(text)) {
		atomic_fetch_add(&left_out, 1);
	}
}

static void to_stderr(enum log_level level, struct slice line)
{
	static const int priority[] = { 3, 4, 6, 7 };

	struct buf text = { 0 };

	if (getenv("JOURNAL_STREAM")) {
		buf_printf(&text, "<%d>", priority[level]);
	} else {
		char time[CLOCK_TEXT_SIZE];

		clock_format(clock_wall_us(), time);
		buf_printf(&text, "time=%s level=%s ", time,
			   log_level_name(level));
	}
	buf_put_slice(&text, line);
	buf_put_byte(&text, '\n');
	write_out(buf_slice(&text));
	buf_fini(&text);
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
