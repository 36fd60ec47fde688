#include "answer.h"

#include <stdarg.h>
#include <stdio.h>

#define MESSAGE_SIZE 1024

const char *asked_text(const struct tutti_task *task, const char *path)
{
	struct tutti_value value;

	if (tutti_get(task, path, &value) != TUTTI_OK ||
	    value.type != TUTTI_STRING || value.as.text.len == 0 ||
	    memchr(value.as.text.ptr, 0, value.as.text.len)) {
		return NULL;
	}
	return value.as.text.ptr;
}

size_t asked_count(const struct tutti_task *task, const char *path, size_t most,
		   size_t other)
{
	struct tutti_value value;

	if (tutti_get(task, path, &value) != TUTTI_OK ||
	    value.type != TUTTI_INT || value.as.i < 1 ||
	    (uint64_t)value.as.i > most) {
		return other;
	}
	return (size_t)value.as.i;
}

static struct tutti_slice slice_of(const struct text *text)
{
	struct tutti_slice slice = tutti_text(NULL);

	if (text) {
		slice.ptr = text->ptr;
		slice.len = text->len;
	}
	return slice;
}

int32_t answer(const struct tutti_task *task, const struct text *output,
	       const struct text *patch)
{
	struct tutti_result result;

	if (output->failed || (patch && patch->failed)) {
		return TUTTI_ENOMEM;
	}
	memset(&result, 0, sizeof(result));
	result.size = sizeof(result);
	result.outcome = TUTTI_SUCCEEDED;
	result.output = slice_of(output);
	result.patch = slice_of(patch);
	return tutti_finish(task, &result);
}

int32_t answer_failure(const struct tutti_task *task, const char *format, ...)
{
	char message[MESSAGE_SIZE];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	return tutti_fail(task, TUTTI_FAILED, message);
}
