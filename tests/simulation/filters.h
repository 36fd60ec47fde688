/*
 * A few filters, and attributes for them.
 */
#ifndef SIMULATION_FILTERS_H
#define SIMULATION_FILTERS_H

#include <stdint.h>

#include "base/blob.h"
#include "document/value.h"

uint32_t filters_count(void);
const char *filters_text(uint32_t filter);
struct value filters_make(uint32_t filter);

/* {"k": 0..2} or nothing. */
struct blob *filters_attributes(uint32_t which);
#define FILTERS_ATTRIBUTES 4

#endif
