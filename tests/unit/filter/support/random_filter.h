/*
 * Random filters of the whole language.
 */
#ifndef SUPPORT_RANDOM_FILTER_H
#define SUPPORT_RANDOM_FILTER_H

#include "filter/filter.h"
#include "words.h"

/* A document that compiles; and the filter of it. */
struct value random_filter(const struct words *words, struct chance *chance,
			   struct filter **ret_filter);

#endif
