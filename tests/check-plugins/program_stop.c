/* Does not come back from stop(). */
#include <unistd.h>

#include "bad_program.h"

static void stop(void *self)
{
	(void)self;
	(void)pause();
}

BAD_PLUGIN(.handle = bad_handle_well, .stop = stop);
BAD_MAIN;
