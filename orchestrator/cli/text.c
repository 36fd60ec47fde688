#include "cli/text.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"

#define SECOND_US INT64_C(1000000)

/* "3m 20s", or "3m" when the rest is 0. */
static void put_pair(struct buf *out, int64_t high, char high_unit, int64_t low,
		     char low_unit)
{
	buf_printf(out, "%" PRId64 "%c", high, high_unit);
	if (low) {
		buf_printf(out, " %" PRId64 "%c", low, low_unit);
	}
}

static void put_seconds(struct buf *out, int64_t seconds)
{
	if (seconds < 60) {
		buf_printf(out, "%" PRId64 "s", seconds);
	} else if (seconds < 3600) {
		put_pair(out, seconds / 60, 'm', seconds % 60, 's');
	} else if (seconds < 86400) {
		put_pair(out, seconds / 3600, 'h', seconds % 3600 / 60, 'm');
	} else {
		put_pair(out, seconds / 86400, 'd', seconds % 86400 / 3600,
			 'h');
	}
}

void text_put_duration(struct buf *out, int64_t duration_us)
{
	if (duration_us < 0) {
		duration_us = 0;
	}
	if (duration_us < 1000) {
		buf_printf(out, "%" PRId64 ".%" PRId64 "ms", duration_us / 1000,
			   duration_us % 1000 / 100);
	} else if (duration_us < SECOND_US) {
		buf_printf(out, "%" PRId64 "ms", duration_us / 1000);
	} else if (duration_us < 60 * SECOND_US) {
		buf_printf(out, "%" PRId64 ".%" PRId64 "s",
			   duration_us / SECOND_US,
			   duration_us % SECOND_US / (SECOND_US / 10));
	} else {
		put_seconds(out, duration_us / SECOND_US);
	}
}

void text_put_size(struct buf *out, uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double size = (double)bytes;
	size_t unit = 0;

	while (size >= 1024 && unit + 1 < sizeof(units) / sizeof(*units)) {
		size /= 1024;
		unit++;
	}
	buf_printf(out, unit ? "%.1f %s" : "%.0f %s", size, units[unit]);
}

void text_put_age(struct buf *out, int64_t then_us, int64_t now_us)
{
	if (then_us > now_us) {
		buf_put_text(out, "in ");
		put_seconds(out, (then_us - now_us) / SECOND_US);
	} else {
		put_seconds(out, (now_us - then_us) / SECOND_US);
		buf_put_text(out, " ago");
	}
}

void text_put_time(struct buf *out, int64_t wall_us)
{
	char text[CLOCK_TEXT_SIZE] = "-";

	if (wall_us) {
		clock_format(wall_us, text);
	}
	buf_put_text(out, text);
}

void text_put_when(struct buf *out, int64_t wall_us, int64_t now_us)
{
	text_put_time(out, wall_us);
	buf_put_text(out, " (");
	text_put_age(out, wall_us, now_us);
	buf_put_byte(out, ')');
}

static bool is_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) ||
	       point == 0x2028 || point == 0x2029 ||
	       (point >= 0x202a && point <= 0x202e) ||
	       (point >= 0x2066 && point <= 0x2069);
}

void text_put_clean(struct buf *out, struct slice text)
{
	while (text.len > 0) {
		size_t size;
		uint32_t point = utf8_decode(text, &size);
		bool broken = point == 0xfffd && size == 1;

		if (broken) {
			buf_printf(out, "\\x%02x", (unsigned char)*text.ptr);
		} else if (is_control(point)) {
			buf_printf(out, point < 0x100 ? "\\x%02x" : "\\u%04x",
				   (unsigned)point);
		} else {
			buf_put(out, text.ptr, size);
		}
		text.ptr += size;
		text.len -= size;
	}
}

void text_put_count(struct buf *out, uint64_t count, const char *one,
		    const char *many)
{
	buf_printf(out, "%" PRIu64 " %s", count, count == 1 ? one : many);
}

bool text_next_line(struct slice *text, struct slice *ret_line)
{
	if (text->len == 0) {
		return false;
	}
	const char *end = memchr(text->ptr, '\n', text->len);
	size_t len = end ? (size_t)(end - text->ptr) : text->len;

	*ret_line = (struct slice){ text->ptr, len };
	text->ptr += len + (end != NULL);
	text->len -= len + (end != NULL);
	if (ret_line->len && ret_line->ptr[ret_line->len - 1] == '\r') {
		ret_line->len--;
	}
	return true;
}

void text_emit(FILE *stream, const struct buf *text)
{
	if (text->len) {
		(void)fwrite(text->data, 1, text->len, stream);
	}
}
