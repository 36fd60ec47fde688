#include "cli/log_line.h"

#include <string.h>

static bool ends_bare(char c)
{
	return c == ' ' || c == '\n';
}

static void take(struct slice *text, size_t len)
{
	text->ptr += len;
	text->len -= len;
}

static void take_quoted(struct slice *line, struct buf *out)
{
	take(line, 1);
	while (line->len && line->ptr[0] != '"') {
		/* Only quotes and backslashes are written with one. */
		if (line->ptr[0] == '\\' && line->len > 1) {
			take(line, 1);
		}
		buf_put_byte(out, (uint8_t)line->ptr[0]);
		take(line, 1);
	}
	if (line->len) {
		take(line, 1);
	}
}

static void take_bare(struct slice *line, struct buf *out)
{
	while (line->len && !ends_bare(line->ptr[0])) {
		buf_put_byte(out, (uint8_t)line->ptr[0]);
		take(line, 1);
	}
}

bool log_line_next(struct slice *line, struct slice *ret_key,
		   struct buf *ret_value)
{
	while (line->len && ends_bare(line->ptr[0])) {
		take(line, 1);
	}
	const char *equals =
	    line->len ? memchr(line->ptr, '=', line->len) : NULL;

	if (!equals) {
		return false;
	}
	*ret_key = (struct slice){ line->ptr, (size_t)(equals - line->ptr) };
	take(line, ret_key->len + 1);
	buf_clear(ret_value);
	if (line->len && line->ptr[0] == '"') {
		take_quoted(line, ret_value);
	} else {
		take_bare(line, ret_value);
	}
	return true;
}

/* "ocr#2" is of entry "ocr". */
static bool is_instance_of(struct slice instance, struct slice entry)
{
	return instance.len > entry.len && slice_starts_with(instance, entry) &&
	       instance.ptr[entry.len] == '#';
}

bool log_line_matches(struct slice line, const struct log_query *query)
{
	bool plugin = query->plugin.len == 0;
	bool run = query->run.len == 0;
	struct buf value = { 0 };
	struct slice key;

	while (!(plugin && run) && log_line_next(&line, &key, &value)) {
		struct slice text = buf_slice(&value);

		if (slice_is(key, "plugin")) {
			plugin |= slice_equal(text, query->plugin);
		} else if (slice_is(key, "instance")) {
			plugin |= is_instance_of(text, query->plugin);
		} else if (slice_is(key, "run")) {
			run |= slice_equal(text, query->run);
		}
	}
	buf_fini(&value);
	return plugin && run;
}

static struct value number_or_text(struct slice key, struct slice text)
{
	int64_t number = 0;

	if (!slice_is(key, "pid") || text.len == 0 || text.len > 10) {
		return value_string(text);
	}
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9') {
			return value_string(text);
		}
		number = number * 10 + (text.ptr[i] - '0');
	}
	return value_int(number);
}

struct value log_line_to_value(struct slice line)
{
	static const char *const keys[] = {
		"time", "level",  "plugin", "instance", "pid",
		"run",  "stream", "task",   "msg",
	};
	struct value map = value_map();
	struct buf value = { 0 };
	struct slice key;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		value_set(&map, keys[i], value_null());
	}
	while (log_line_next(&line, &key, &value)) {
		value_set_slice(&map, key,
				number_or_text(key, buf_slice(&value)));
	}
	buf_fini(&value);
	return map;
}
