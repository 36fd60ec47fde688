/*
 * Trials in a process that begins afresh: this program is run again, with
 * CHECK_TRIAL among its arguments, and told by a file what to try. For rules
 * that use the bus, whose threads a forked process must not have known.
 */
#ifndef CHECK_AGAIN_H
#define CHECK_AGAIN_H

#include "check/rules.h"

/* In a forked child. Returns only when that cannot be. */
void again_run(const struct trial *trial);

#endif
