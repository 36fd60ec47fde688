/*
 * What the embedded driver has in the store.
 */
#ifndef TESTS_BRIDGE_EMBEDDED_ROWS_H
#define TESTS_BRIDGE_EMBEDDED_ROWS_H

#include "conformance.h"

extern const struct conformance_test embedded_rows[];

#endif
