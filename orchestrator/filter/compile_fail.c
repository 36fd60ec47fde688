#include "filter/compile.h"

#include <stdarg.h>

#include "base/utf8.h"
#include "document/json.h"

static bool is_plain(struct slice key)
{
	for (size_t i = 0; i < key.len; i++) {
		char c = key.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || c == '_' || c == '-' ||
		      c == '$')) {
			return false;
		}
	}
	return key.len > 0;
}

/* Long keys are cut, so that the sentence after them is not. */
#define KEY_SHOWN_MAX 60

static void put_key(struct buf *out, struct slice key)
{
	buf_put_byte(out, '.');
	key.len = utf8_floor(key, KEY_SHOWN_MAX);
	if (is_plain(key)) {
		buf_put_slice(out, key);
	} else {
		json_write_string(out, key);
	}
}

/* "filter.size[0].numeric" for where the walk stands. */
static void put_place(struct buf *out, const struct compiler *compiler)
{
	const struct value *here = compiler->document;

	buf_put_text(out, "filter");
	for (size_t i = 0; i < compiler->fault.depth; i++) {
		size_t index = compiler->fault.steps[i];

		if (here->type == VALUE_MAP) {
			const struct value_entry *entry =
			    value_entry_at(here, index);

			put_key(out, entry->key);
			here = &entry->value;
		} else {
			buf_printf(out, "[%zu]", index);
			here = value_at(here, index);
		}
	}
}

static void __attribute__((format(printf, 3, 0)))
fail(struct compiler *compiler, int code, const char *format, va_list args)
{
	struct buf sentence = { 0 };

	put_place(&sentence, compiler);
	buf_put_text(&sentence, ": ");
	buf_vprintf(&sentence, format, args);
	err_set(compiler->reterr, code, "%.*s",
		SLICE_ARG(buf_slice(&sentence)));
	buf_fini(&sentence);
}

int compiler_fail(struct compiler *compiler, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fail(compiler, code, format, args);
	va_end(args);
	return code;
}

int compiler_fail_key(struct compiler *compiler, int code, const char *format,
		      ...)
{
	va_list args;

	compiler->fault.at_key = true;
	va_start(args, format);
	fail(compiler, code, format, args);
	va_end(args);
	return code;
}
