/* Prints from a constructor. */
#include <stdio.h>

#include "bad.h"

__attribute__((constructor)) static void on_load(void)
{
	(void)puts("loaded");
}

BAD_PLUGIN(.handle = bad_handle_well);
