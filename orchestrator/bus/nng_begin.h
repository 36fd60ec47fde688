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

/*
 * Lets two of nng's threads for callbacks work and has the others wait for
 * ever. It starts two for each processor, and for each callback wakes one that
 * sleeps; they then wait for each other's locks more than they work. Two is the
 * least that nng itself allows where it can be told. Callbacks must not wait
 * for others then, which they should not anyway. After nng_begin(), and some
 * other calls of it, as a thread counts only once it has begun. Once per
 * process does something; one thread.
 */
void nng_calm(void);

#endif
