#include "cli/csv.h"

#include "document/json.h"

static bool must_quote(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == ',' || c == '"' || c == '\n' || c == '\r') {
			return true;
		}
	}
	return false;
}

void csv_put_text(struct buf *out, struct slice text)
{
	if (!must_quote(text)) {
		buf_put_slice(out, text);
		return;
	}
	buf_put_byte(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"') {
			buf_put_byte(out, '"');
		}
		buf_put_byte(out, (uint8_t)text.ptr[i]);
	}
	buf_put_byte(out, '"');
}

void csv_put_value(struct buf *out, const struct value *value)
{
	struct buf json = { 0 };

	if (!value || value->type == VALUE_NULL) {
		return;
	}
	if (value->type == VALUE_STRING) {
		csv_put_text(out, value->as.text);
		return;
	}
	json_write(&json, value, JSON_COMPACT);
	csv_put_text(out, buf_slice(&json));
	buf_fini(&json);
}
