/*
 * Documents with ${{ expression }} in their strings. A string that is exactly
 * one expression takes the value's own type; in longer text a string is put in
 * as it is, null as nothing, anything else as compact JSON. $${{ stands for a
 * literal ${{. Keys of maps are not templates.
 */
#ifndef DOCUMENT_TEMPLATE_H
#define DOCUMENT_TEMPLATE_H

#include "base/err.h"
#include "document/limits.h"
#include "document/value.h"

struct template;

/*
 * Compiles every string of `document`, which is copied as far as needed.
 * Errors name the place inside the document, as in with.argv[2].
 */
int template_compile(const struct value *document,
		     struct template **ret_template, struct err *reterr);

/* Compiles one string only to check it; *ret_offset is the byte of `text`
 * where the mistake lies. For diagnostics with positions. */
int template_check(struct slice text, size_t *ret_offset, struct err *reterr);

/* Does any string of it hold an expression? */
bool template_is_dynamic(const struct template *template);

/* The document with everything filled in; the caller clears it. */
struct value template_evaluate(const struct template *template,
			       const struct value *scope);

/*
 * The same within limits, for scopes and templates that outsiders choose
 * together: a short template can name a big document many times. The size
 * counts the bytes of texts and keys. E_TOO_BIG.
 */
int template_evaluate_within(const struct template *template,
			     const struct value *scope,
			     const struct document_limits *limits,
			     struct value *ret_value, struct err *reterr);

/* NULL is fine. */
void template_destroy(struct template *template);

#endif
