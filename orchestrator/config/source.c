#include "config/report.h"

#include "base/utf8.h"

#define BYTE_ORDER_MARK SLICE("\xef\xbb\xbf")

struct slice source_text(struct slice source)
{
	if (slice_starts_with(source, BYTE_ORDER_MARK)) {
		source.ptr += BYTE_ORDER_MARK.len;
		source.len -= BYTE_ORDER_MARK.len;
	}
	return source;
}

static struct slice from(struct slice source, size_t at)
{
	return (struct slice){ source.ptr + at, source.len - at };
}

/* Length of the line break at `at`, or 0. The breaks are those of YAML 1.1,
 * by which libyaml counts lines. */
static size_t break_len(struct slice source, size_t at)
{
	struct slice rest = from(source, at);

	if (slice_starts_with(rest, SLICE("\r\n"))) {
		return 2;
	}
	if (rest.ptr[0] == '\n' || rest.ptr[0] == '\r') {
		return 1;
	}
	if (slice_starts_with(rest, SLICE("\xc2\x85"))) {
		return 2;
	}
	if (slice_starts_with(rest, SLICE("\xe2\x80\xa8")) ||
	    slice_starts_with(rest, SLICE("\xe2\x80\xa9"))) {
		return 3;
	}
	return 0;
}

size_t source_line(struct slice source, unsigned line)
{
	size_t at = 0;

	while (line > 1 && at < source.len) {
		size_t len = break_len(source, at);

		line -= len > 0;
		at += len ? len : 1;
	}
	return at;
}

size_t source_offset(struct slice source, struct yaml_mark mark)
{
	size_t at = source_line(source, mark.line);

	for (unsigned column = 1; column < mark.column; column++) {
		size_t size;

		if (at >= source.len || break_len(source, at)) {
			break;
		}
		(void)utf8_decode(from(source, at), &size);
		at += size;
	}
	return at;
}

struct yaml_mark source_mark(struct slice source, size_t offset)
{
	struct yaml_mark mark = { 1, 1 };

	for (size_t at = 0; at < offset && at < source.len;) {
		size_t len = break_len(source, at);
		size_t size;

		if (len) {
			mark.line++;
			mark.column = 1;
			at += len;
			continue;
		}
		(void)utf8_decode(from(source, at), &size);
		mark.column++;
		at += size;
	}
	return mark;
}

static bool ends_word(char c)
{
	switch (c) {
	case ' ':
	case '\t':
	case '\r':
	case '\n':
	case ',':
	case ':':
	case ']':
	case '}':
	case '#':
		return true;
	default:
		return false;
	}
}

struct span source_word(struct slice source, struct yaml_mark mark)
{
	size_t end = source_offset(source, mark);

	while (end < source.len && !ends_word(source.ptr[end])) {
		end++;
	}
	return (struct span){ mark, source_mark(source, end) };
}
