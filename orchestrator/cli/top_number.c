#include "cli/top_number.h"

#include <inttypes.h>

#include "cli/text.h"

const struct value *top_part(const struct value *map, const char *key)
{
	static const struct value null = { .type = VALUE_NULL };
	const struct value *part = map ? value_get(map, key) : NULL;

	return part ? part : &null;
}

double top_number(const struct value *map, const char *key)
{
	return value_as_double(top_part(map, key));
}

void top_put_count(struct buf *out, const struct value *map, const char *key)
{
	buf_printf(out, "%" PRId64, value_get_int(map, key, 0));
}

void top_put_rate(struct buf *out, double per_second)
{
	buf_printf(out, per_second >= 99.95 ? "%.0f" : "%.1f", per_second);
}

void top_put_latency(struct buf *out, struct style style,
		     const struct value *us)
{
	double number = value_as_double(us);

	if (!value_is_number(us)) {
		buf_put_byte(out, '-');
	} else if (number < 999.5) {
		buf_printf(out, number < 9.95 ? "%.1f" : "%.0f", number);
		buf_put_text(out, style.utf8 ? "µs" : "us");
	} else if (number < 99950) {
		buf_printf(out, "%.1fms", number / 1000);
	} else {
		text_put_duration(out, (int64_t)number);
	}
}

double top_span_s(const struct top_frame *frame)
{
	double us = frame->before ? top_number(frame->now, "up_us") -
					top_number(frame->before, "up_us")
				  : 0;

	return us > 0 ? us / 1e6 : 0;
}

double top_rate_between(const struct top_frame *frame, const struct value *now,
			const struct value *before, const char *key)
{
	double more = top_number(now, key) - top_number(before, key);

	return more > 0 ? more / top_span_s(frame) : 0;
}
