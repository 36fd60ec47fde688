/*
 * The few texts, numbers and paths that random filters and random messages
 * have in common, so that they often meet.
 */
#ifndef SUPPORT_WORDS_H
#define SUPPORT_WORDS_H

#include "chance.h"
#include "document/value.h"

#define WORDS_TEXTS   10
#define WORDS_NUMBERS 7
#define WORDS_PATHS   7

struct words {
	struct value texts[WORDS_TEXTS];
	struct value numbers[WORDS_NUMBERS];
	const char *paths[WORDS_PATHS];
};

/* A few of all that there are; another few for another chance. */
void words_init(struct words *words, struct chance *chance);
void words_fini(struct words *words);

/* Borrowed. */
const struct value *words_text(const struct words *words,
			       struct chance *chance);
const struct value *words_number(const struct words *words,
				 struct chance *chance);

/* A copy of a text, a number, true, false or null. */
struct value words_scalar(const struct words *words, struct chance *chance);

/* One of all keys that paths are made of; some hold a dot. */
const char *words_key(struct chance *chance);

#endif
