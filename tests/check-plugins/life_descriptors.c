/* Leaves a file open each time. */
#include <fcntl.h>
#include <unistd.h>

#include "bad.h"

static int32_t init(const struct tutti_host *host, void **ret_self)
{
	(void)host;
	(void)ret_self;
	return open("/dev/null", O_RDONLY | O_CLOEXEC) < 0 ? TUTTI_EFAILED
							   : TUTTI_OK;
}

BAD_PLUGIN(.handle = bad_handle_well, .init = init);
