/*
 * Forms of output, the option -o. Pure.
 */
#ifndef CLI_FORM_H
#define CLI_FORM_H

#include "base/err.h"
#include "base/slice.h"

enum form {
	FORM_TEXT,
	FORM_WIDE,
	FORM_JSON,
	FORM_JSONL,
	FORM_CSV,
	FORM_NAME,
	FORM_YAML,
	FORMS,
};

#define FORM_BIT(form) (1u << (form))

const char *form_name(enum form form);

/*
 * One of the allowed forms (bits). E_INVALID with a sentence that names them,
 * or "did you mean".
 */
int form_parse(struct slice name, unsigned allowed, enum form *ret_form,
	       struct err *reterr);

#endif
