/* Forgets as little memory each time as there can be. */
#include <stdlib.h>

#include "bad.h"

static int32_t init(const struct tutti_host *host, void **ret_self)
{
	(void)host;
	*ret_self = malloc(8);
	return *ret_self ? TUTTI_OK : TUTTI_ENOMEM;
}

BAD_PLUGIN(.handle = bad_handle_well, .init = init);
