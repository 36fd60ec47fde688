/*
 * ${NAME} and ${NAME:-default} in the strings of a config: private to this
 * room. The default is used when the variable is unset or empty. $${ gives a
 * literal ${; both ${{ and $${{ are left as they are, for templates.
 */
#ifndef CONFIG_EXPAND_H
#define CONFIG_EXPAND_H

#include "base/buf.h"
#include "base/err.h"

/* In a template, what comes from the environment must not become code. */
enum expand_into { EXPAND_PLAIN, EXPAND_TEMPLATE };

/*
 * Appends the expanded text. On failure E_INVALID, and in *ret_mistake the
 * part of `text` that is to blame.
 */
int expand(struct slice text, enum expand_into into, struct buf *out,
	   struct slice *ret_mistake, struct err *reterr);

/* The inverse: appends a text that expands to `text`. */
void expand_escape(struct slice text, struct buf *out);

#endif
