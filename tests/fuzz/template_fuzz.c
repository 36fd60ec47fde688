/*
 * Any text as a template: the check and the compiler agree, a mistake lies
 * inside of the text, and evaluation keeps its limits.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "document/json.h"
#include "document/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds) {
		abort();
	}
}

static void evaluate(const struct template *template)
{
	static const struct document_limits limits = { 4096, 4, 20 };
	static const char scope_text[] =
	    "{\"a\":{\"b\":[1,\"two\",{\"c\":null}]},\"\":\"${{ a }}\"}";
	struct value scope;
	struct value result;

	require(json_read(slice_of(scope_text), NULL, &scope, NULL) == 0);
	struct value whole = template_evaluate(template, &scope);

	if (template_evaluate_within(template, &scope, &limits, &result,
				     NULL) == 0) {
		require(value_equal(&whole, &result));
		value_clear(&result);
	}
	value_clear(&whole);
	value_clear(&scope);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct value document = value_string(text);
	struct template *template;
	struct err err;
	size_t offset = 0;
	int checked = template_check(text, &offset, &err);

	require(checked == 0 || (offset <= size && err.msg[0] != '\0' &&
				 utf8_valid(slice_of(err.msg))));
	require(template_compile(&document, &template, NULL) == checked);
	if (checked == 0) {
		evaluate(template);
		template_destroy(template);
	}
	value_clear(&document);
	return 0;
}
