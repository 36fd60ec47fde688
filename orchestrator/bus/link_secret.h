/*
 * Secrets of link.h: the token, numbers of sessions. Inside this room only.
 * Any thread.
 */
#ifndef BUS_LINK_SECRET_H
#define BUS_LINK_SECRET_H

#include <stdbool.h>

#include "base/slice.h"

/* `digits` random lower-case hex digits (even) and NUL. */
void link_secret_make(char *text, size_t digits);

/* In a time that does not depend on where they differ. */
bool link_secret_equal(struct slice a, struct slice b);

#endif
