#include "base/shell.h"

#include <string.h>

static bool has_only(struct slice word, const char *extra)
{
	for (size_t i = 0; i < word.len; i++) {
		char c = word.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && (!c || !strchr(extra, c))) {
			return false;
		}
	}
	return word.len > 0;
}

/* What means something between double quotes, if only to some shells. */
static bool needs_single_quotes(struct slice word)
{
	for (size_t i = 0; i < word.len; i++) {
		if (word.ptr[i] && strchr("\"$`\\!", word.ptr[i])) {
			return true;
		}
	}
	return false;
}

void shell_put_word(struct buf *out, struct slice word)
{
	if (has_only(word, "_./@:-")) {
		buf_put_slice(out, word);
	} else if (!needs_single_quotes(word)) {
		buf_printf(out, "\"%.*s\"", SLICE_ARG(word));
	} else {
		buf_put_byte(out, '\'');
		for (size_t i = 0; i < word.len; i++) {
			if (word.ptr[i] == '\'') {
				buf_put_text(out, "'\\''");
			} else {
				buf_put_byte(out, (uint8_t)word.ptr[i]);
			}
		}
		buf_put_byte(out, '\'');
	}
}
