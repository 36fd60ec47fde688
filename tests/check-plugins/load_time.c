/* Takes its time to load. */
#include <unistd.h>

#include "bad.h"

__attribute__((constructor)) static void on_load(void)
{
	(void)usleep(150000);
}

BAD_PLUGIN(.handle = bad_handle_well);
