/*
 * The adversarial shapes, one line each.
 */
#ifndef BENCH_SHAPES_H
#define BENCH_SHAPES_H

#include "options.h"
#include "report.h"

void shapes_measure(struct report *report, const struct options *options);

#endif
