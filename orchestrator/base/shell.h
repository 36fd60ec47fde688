/*
 * Names in commands that are proposed, so that what is pasted into a shell does
 * what is meant.
 */
#ifndef BASE_SHELL_H
#define BASE_SHELL_H

#include "base/buf.h"

/* As it is when it has only letters, digits and _./@:-; else in double quotes,
 * or in single ones when it has something that those leave alone: "a b". */
void shell_put_word(struct buf *out, struct slice word);

#endif
