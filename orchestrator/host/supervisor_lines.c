#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "host/supervisor_inside.h"
#include "host/text.h"

static void pass_on(const struct child *child, int stream, struct slice text)
{
	const struct supervisor_callbacks *callbacks =
	    &child->entry->supervisor->callbacks;

	if (callbacks->line) {
		callbacks->line(callbacks->arg, child->entry->name, child->name,
				child->pid, stream, text);
	}
}

/* Cleaning makes three bytes of a bad one, so it may need cutting again. */
static void emit(const struct child *child, int stream, struct slice raw)
{
	char *clean = host_text_clean(raw, 3 * raw.len);
	struct slice rest = slice_of(clean);

	do {
		size_t len = utf8_floor(rest, LIMIT_LOG_LINE);

		pass_on(child, stream, (struct slice){ rest.ptr, len });
		rest = (struct slice){ rest.ptr + len, rest.len - len };
	} while (rest.len);
	free(clean);
}

/* The line is too long already: pass on whole characters of it. */
static void emit_piece(struct child *child, int stream)
{
	struct buf *pending = &child->pending[stream - 1];
	size_t len = utf8_floor(buf_slice(pending), LIMIT_LOG_LINE);

	emit(child, stream, (struct slice){ pending->data, len });
	memmove(pending->data, pending->data + len, pending->len - len);
	pending->len -= len;
	child->split[stream - 1] = true;
}

static void emit_line(struct child *child, int stream)
{
	struct buf *pending = &child->pending[stream - 1];
	struct slice line = buf_slice(pending);

	if (line.len && line.ptr[line.len - 1] == '\r') {
		line.len--;
	}
	if (line.len || !child->split[stream - 1]) {
		emit(child, stream, line);
	}
	buf_clear(pending);
	child->split[stream - 1] = false;
}

void supervisor_lines_feed(struct child *child, int stream, struct slice text)
{
	struct buf *pending = &child->pending[stream - 1];

	while (text.len) {
		if (text.ptr[0] == '\n') {
			emit_line(child, stream);
			text = (struct slice){ text.ptr + 1, text.len - 1 };
			continue;
		}
		if (pending->len == LIMIT_LOG_LINE) {
			emit_piece(child, stream);
		}
		size_t room = LIMIT_LOG_LINE - pending->len;
		size_t len = text.len < room ? text.len : room;
		const char *end = memchr(text.ptr, '\n', len);

		len = end ? (size_t)(end - text.ptr) : len;
		buf_put(pending, text.ptr, len);
		text = (struct slice){ text.ptr + len, text.len - len };
	}
}

void supervisor_lines_end(struct child *child, int stream)
{
	if (child->pending[stream - 1].len) {
		emit_line(child, stream);
	}
	buf_fini(&child->pending[stream - 1]);
}
