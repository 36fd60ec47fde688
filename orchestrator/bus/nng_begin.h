/*
 * The first call of nng.
 */
#ifndef BUS_NNG_BEGIN_H
#define BUS_NNG_BEGIN_H

#include "base/err.h"

/*
 * Before anything else of nng is called: its beginnings crash or hang when
 * there is no memory for them. Then the process says so and ends, as
 * base/alloc.h has it. E_NO_MEMORY when nng could say so itself. Once per
 * process does something; one thread.
 *
 * Meanwhile a crash of any thread is taken for that. Who will need the bus and
 * has threads with code of plugins calls it before they begin; else this room
 * does it by itself.
 */
int nng_begin(struct err *reterr);

#endif
