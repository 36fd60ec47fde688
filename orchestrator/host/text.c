#include "host/text.h"

#include <stdbool.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"

#define REPLACEMENT 0xfffd

/* The first character, or U+FFFD for a byte that is none. */
static struct slice clean_character(struct slice text, size_t *ret_size)
{
	uint32_t point = utf8_decode(text, ret_size);

	/* A genuine U+FFFD takes three bytes. */
	if (point == 0 || (point == REPLACEMENT && *ret_size == 1)) {
		return SLICE("\xef\xbf\xbd");
	}
	return (struct slice){ text.ptr, *ret_size };
}

char *host_text_clean(struct slice text, size_t max)
{
	struct buf out = { 0 };

	while (text.len) {
		size_t size;
		struct slice character = clean_character(text, &size);

		if (out.len + character.len > max) {
			break;
		}
		buf_put_slice(&out, character);
		text = (struct slice){ text.ptr + size, text.len - size };
	}
	return buf_take(&out);
}

const char *host_code_text(int32_t code)
{
	switch (code) {
	case TUTTI_EINVAL:
		return "TUTTI_EINVAL (an argument makes no sense)";
	case TUTTI_ESTALE:
		return "TUTTI_ESTALE (the task is finished already)";
	case TUTTI_ENOTFOUND:
		return "TUTTI_ENOTFOUND (no such path or parameter)";
	case TUTTI_ETOOBIG:
		return "TUTTI_ETOOBIG (over the size limit)";
	case TUTTI_ENOMEM:
		return "TUTTI_ENOMEM (no memory)";
	case TUTTI_EFAILED:
		return "TUTTI_EFAILED (failed)";
	case TUTTI_EAGAIN:
		return "TUTTI_EAGAIN (another attempt may succeed)";
	default:
		return NULL;
	}
}
