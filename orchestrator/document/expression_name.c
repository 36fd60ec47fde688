#include "document/expression_name.h"

#include <string.h>

#include "base/utf8.h"
#include "document/number.h"

static bool is_bare(char c, size_t position)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_') {
		return true;
	}
	return position > 0 && c >= '0' && c <= '9';
}

int expression_name_bare(struct slice text, size_t *at, struct buf *name,
			 struct err *reterr)
{
	size_t start = *at;

	while (*at < text.len && is_bare(text.ptr[*at], *at - start)) {
		buf_put_byte(name, (uint8_t)text.ptr[(*at)++]);
	}
	if (*at == start) {
		return err_set(reterr, E_INVALID,
			       "a name is missing here; one that is not only "
			       "letters, digits and _ goes in double quotes");
	}
	if (*at < text.len && text.ptr[*at] == '-') {
		return err_set(reterr, E_INVALID,
			       "a name with '-' goes in double quotes");
	}
	return 0;
}

static void put_point(struct buf *out, uint32_t point)
{
	if (point < 0x80) {
		buf_put_byte(out, (uint8_t)point);
		return;
	}
	if (point < 0x800) {
		buf_put_byte(out, (uint8_t)(0xc0 | point >> 6));
	} else if (point < 0x10000) {
		buf_put_byte(out, (uint8_t)(0xe0 | point >> 12));
		buf_put_byte(out, (uint8_t)(0x80 | (point >> 6 & 63)));
	} else {
		buf_put_byte(out, (uint8_t)(0xf0 | point >> 18));
		buf_put_byte(out, (uint8_t)(0x80 | (point >> 12 & 63)));
		buf_put_byte(out, (uint8_t)(0x80 | (point >> 6 & 63)));
	}
	buf_put_byte(out, (uint8_t)(0x80 | (point & 63)));
}

/* \uXXXX at text[at]; false when it is none. */
static bool read_unit(struct slice text, size_t at, uint32_t *ret_unit)
{
	uint64_t unit;

	if (text.len - at < 6 || text.ptr[at] != '\\' ||
	    text.ptr[at + 1] != 'u' ||
	    !number_parse_digits((struct slice){ text.ptr + at + 2, 4 }, 16,
				 &unit)) {
		return false;
	}
	*ret_unit = (uint32_t)unit;
	return true;
}

static bool take_unicode(struct slice text, size_t *at, struct buf *name)
{
	uint32_t high;
	uint32_t low;

	if (!read_unit(text, *at, &high)) {
		return false;
	}
	if (high < 0xd800 || high > 0xdfff) {
		put_point(name, high);
		*at += 6;
		return true;
	}
	if (high > 0xdbff || !read_unit(text, *at + 6, &low) || low < 0xdc00 ||
	    low > 0xdfff) {
		return false;
	}
	put_point(name, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
	*at += 12;
	return true;
}

static bool take_escape(struct slice text, size_t *at, struct buf *name)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	struct slice rest = { text.ptr + *at, text.len - *at };
	const char *found = NULL;

	if (rest.len > 1 && rest.ptr[1]) {
		found = strchr(letters, rest.ptr[1]);
	}
	if (!found) {
		return take_unicode(text, at, name);
	}
	buf_put_byte(name, (uint8_t)meanings[found - letters]);
	*at += 2;
	return true;
}

static int take_character(struct slice text, size_t *at, struct buf *name,
			  struct err *reterr)
{
	struct slice rest = { text.ptr + *at, text.len - *at };
	size_t size;

	if (rest.ptr[0] == '\\') {
		return take_escape(text, at, name)
			   ? 0
			   : err_set(reterr, E_INVALID,
				     "this escape does not exist in JSON");
	}
	if (utf8_decode(rest, &size) < 0x20) {
		return err_set(reterr, E_INVALID,
			       "a control character must be escaped");
	}
	if (size == 1 && (unsigned char)rest.ptr[0] >= 0x80) {
		return err_set(reterr, E_INVALID, "this is not UTF-8");
	}
	buf_put(name, rest.ptr, size);
	*at += size;
	return 0;
}

int expression_name_quoted(struct slice text, size_t *at, struct buf *name,
			   struct err *reterr)
{
	size_t start = (*at)++;
	int rc = 0;

	while (rc == 0 && *at < text.len && text.ptr[*at] != '"') {
		rc = take_character(text, at, name, reterr);
	}
	if (rc < 0) {
		return rc;
	}
	if (*at == text.len) {
		*at = start;
		return err_set(reterr, E_INVALID,
			       "the closing '\"' of this name is missing");
	}
	(*at)++;
	return 0;
}
