/* Changes the working directory from a constructor. */
#include <unistd.h>

#include "bad.h"

__attribute__((constructor)) static void on_load(void)
{
	(void)!chdir("/");
}

BAD_PLUGIN(.handle = bad_handle_well);
