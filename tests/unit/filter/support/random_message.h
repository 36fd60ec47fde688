/*
 * Random attributes: maps in lists in lists, keys with dots, and everything
 * that is no leaf.
 */
#ifndef SUPPORT_RANDOM_MESSAGE_H
#define SUPPORT_RANDOM_MESSAGE_H

#include "words.h"

/* A map, seldom null. */
struct value random_message(const struct words *words, struct chance *chance);

#endif
