/* Sets a variable from a constructor. */
#include <stdlib.h>

#include "bad.h"

__attribute__((constructor)) static void on_load(void)
{
	(void)setenv("BAD_PLUGIN", "1", 1);
}

BAD_PLUGIN(.handle = bad_handle_well);
