/* Takes its time in stop(), as often as it is timed. */
#include <unistd.h>

#include "bad.h"

static void stop(void *self)
{
	static int times;

	(void)self;
	if (times++ < 3) {
		(void)usleep(250000);
	}
}

BAD_PLUGIN(.handle = bad_handle_well, .stop = stop);
