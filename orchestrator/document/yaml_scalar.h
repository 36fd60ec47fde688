/*
 * Types of scalars by the core schema of YAML 1.2. Inside this room only.
 */
#ifndef DOCUMENT_YAML_SCALAR_H
#define DOCUMENT_YAML_SCALAR_H

#include "document/value.h"

/*
 * The value of a plain scalar. A string is not copied: as.text is `text`.
 * On E_INVALID (a number that no document can hold) *ret_problem is a
 * sentence.
 */
int yaml_scalar_resolve(struct slice text, struct value *ret_value,
			const char **ret_problem);

/*
 * The same under a tag, in its long form. E_UNSUPPORTED for one that is none
 * of the core ones, nor !!binary; E_INVALID when the text does not fit it.
 */
int yaml_scalar_resolve_tagged(struct slice text, const char *tag,
			       struct value *ret_value,
			       const char **ret_problem);

/* Would these characters, plain, be a string? */
bool yaml_scalar_is_string(struct slice text);

#endif
