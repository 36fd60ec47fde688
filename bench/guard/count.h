/*
 * Counting instructions: what lies between count_begin() and count_end() is
 * one row of bench/guard/counts. Outside callgrind nothing is counted, and the
 * same work is done.
 */
#ifndef GUARD_COUNT_H
#define GUARD_COUNT_H

#include <stddef.h>

void count_begin(void);

/* `row` did so many operations since count_begin(). */
void count_end(const char *row, size_t operations);

/* Ends the process, with a sentence. */
_Noreturn void count_fail(const char *what);

/* The paths: each warms up, then counts its rows. */
void count_engine(void);
void count_filter(void);
void count_bus(void);
void count_document(void);
void count_store(void);

#endif
