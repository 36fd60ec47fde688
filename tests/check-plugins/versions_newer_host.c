/* Insists on the size of a struct. */
#include "bad.h"

static int32_t init(const struct tutti_host *host, void **ret_self)
{
	(void)ret_self;
	return host->size == sizeof(*host) ? TUTTI_OK : TUTTI_EFAILED;
}

BAD_PLUGIN(.handle = bad_handle_well, .init = init);
