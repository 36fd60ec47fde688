/* Never starts. */
#include "bad.h"

static int32_t init(const struct tutti_host *host, void **ret_self)
{
	(void)ret_self;
	(void)tutti_say(host, TUTTI_ERROR, "I will not");
	return TUTTI_EFAILED;
}

BAD_PLUGIN(.handle = bad_handle_well, .init = init);
