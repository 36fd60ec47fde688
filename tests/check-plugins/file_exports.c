/* Has a function that others can call. */
#include "bad.h"

TUTTI_EXPORT int helper(void);

int helper(void)
{
	return 1;
}

BAD_PLUGIN(.handle = bad_handle_well);
