/*
 * A run for people: a header, its tree, what happened last, and what to type
 * next.
 */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "cli/picture.h"
#include "cli/tree.h"

/* Name, id, state, times, version; `daemon` is a line about it, or NULL. */
void show_header(struct buf *out, const struct picture *picture,
		 struct style style, const char *daemon);

/* The last transitions; nothing without a history. */
void show_events(struct buf *out, const struct picture *picture,
		 struct style style);

/* `options` goes behind each command; may be empty. */
void show_hints(struct buf *out, const struct picture *picture,
		const char *options);

#endif
