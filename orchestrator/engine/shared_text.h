/*
 * Texts that many tasks have and that outlive what they name: one copy, with a
 * count of who has it. One thread.
 */
#ifndef ENGINE_SHARED_TEXT_H
#define ENGINE_SHARED_TEXT_H

#include "base/slice.h"

/* A copy with one reference; give it back with shared_text_unref(). */
struct slice shared_text_make(struct slice text);

/* One more; the empty slice stays empty. */
struct slice shared_text_ref(struct slice shared);

/* One less, and `shared` is empty; so for one that is. */
void shared_text_unref(struct slice *shared);

/* A reference to a text like `text`: to `last` when it is that, else to a new
 * one, which takes the place of `last`. */
struct slice shared_text_like(struct slice *last, struct slice text);

#endif
