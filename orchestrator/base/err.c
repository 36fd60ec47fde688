#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

const char *err_text(int code)
{
	switch (code) {
	case 0:
		return "success";
#define X(name, number, text) \
	case name:            \
		return text;
		ERR_MAP(X)
#undef X
	default:
		return "unknown error";
	}
}

const char *err_name(int code)
{
	switch (code) {
#define X(name, number, text) \
	case name:            \
		return #name;
		ERR_MAP(X)
#undef X
	default:
		return "E_UNKNOWN";
	}
}

/* Cut an over-long sentence at a character, never inside one. */
static void finish(struct err *err)
{
	size_t len = strlen(err->msg);

	if (len == sizeof(err->msg) - 1) {
		err->msg[utf8_floor(slice_of(err->msg), len)] = '\0';
	}
}

int err_set(struct err *err, int code, const char *format, ...)
{
	if (err) {
		va_list args;

		err->code = code;
		va_start(args, format);
		(void)vsnprintf(err->msg, sizeof(err->msg), format, args);
		va_end(args);
		finish(err);
	}
	return code;
}

int err_wrap(struct err *err, const char *format, ...)
{
	if (!err) {
		return E_INVALID;
	}
	char inner[sizeof(err->msg)];
	char outer[sizeof(err->msg)];
	va_list args;

	memcpy(inner, err->msg, sizeof(inner));
	va_start(args, format);
	(void)vsnprintf(outer, sizeof(outer), format, args);
	va_end(args);
	size_t used = strlen(outer);

	memcpy(err->msg, outer, used + 1);
	(void)snprintf(err->msg + used, sizeof(err->msg) - used, ": %s", inner);
	finish(err);
	return err->code;
}
