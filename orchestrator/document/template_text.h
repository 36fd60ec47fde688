/*
 * One string of a template, cut into literal text and expressions. Inside this
 * room only.
 */
#ifndef DOCUMENT_TEMPLATE_TEXT_H
#define DOCUMENT_TEMPLATE_TEXT_H

#include "base/buf.h"
#include "base/err.h"
#include "document/expression.h"

/* Either literal text or an expression. */
struct template_part {
	struct slice literal; /* owned */
	struct expression *expression;
};

struct template_text {
	struct template_part *parts;
	size_t len;
	size_t cap;
	bool dynamic; /* has an expression */
};

/* On E_INVALID *ret_offset is the byte of the mistake. */
int template_text_parse(struct slice text, struct template_text *ret_text,
			size_t *ret_offset, struct err *reterr);
void template_text_fini(struct template_text *text);

#endif
