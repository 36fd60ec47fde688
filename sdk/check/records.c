#include "check/records.h"

#include <string.h>
#include <unistd.h>

#include "base/utf8.h"

void records_write(int pipe, enum check_status status, const char *rule,
		   struct slice text)
{
	char record[RECORD_TEXT_MAX + 200];
	size_t name = strlen(rule) + 1;
	size_t len = utf8_floor(text, RECORD_TEXT_MAX);

	record[0] = (char)('0' + (int)status);
	memcpy(record + 1, rule, name);
	if (len) {
		memcpy(record + 1 + name, text.ptr, len);
	}
	record[1 + name + len] = '\0';
	ssize_t written = write(pipe, record, 2 + name + len);

	(void)written;
}

bool records_next(struct slice *bytes, struct record *ret_record)
{
	const char *end = bytes->ptr + bytes->len;
	const char *rule = bytes->ptr + 1;
	const char *text;

	if (bytes->len < 3 || !memchr(rule, '\0', bytes->len - 1)) {
		return false;
	}
	text = rule + strlen(rule) + 1;
	if (text >= end || !memchr(text, '\0', (size_t)(end - text))) {
		return false;
	}
	ret_record->status = (enum check_status)(bytes->ptr[0] - '0');
	ret_record->rule = rule;
	ret_record->text = text;
	const char *next = text + strlen(text) + 1;

	*bytes = (struct slice){ next, (size_t)(end - next) };
	return true;
}
