/*
 * Text without regard to case: Unicode simple case folding (statuses C and S
 * of CaseFolding.txt, from which the table is made at build time), applied to
 * both sides. One character becomes one character, so ß and SS differ. Private
 * to this room.
 */
#ifndef FILTER_FOLD_H
#define FILTER_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

uint32_t fold_character(uint32_t character);

/* Both are UTF-8. */
bool fold_equal(struct slice a, struct slice b);
bool fold_starts_with(struct slice text, struct slice prefix);
bool fold_ends_with(struct slice text, struct slice suffix);

/* Writes the folded text; `out` has room for fold_room(text.len) bytes.
 * Returns how many it took. */
size_t fold_room(size_t len);
size_t fold_write(struct slice text, char *out);

#endif
