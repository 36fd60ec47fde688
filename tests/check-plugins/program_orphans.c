/* Starts a process and forgets it. */
#include <unistd.h>

#include "bad_program.h"

static int32_t init(const struct tutti_host *host, void **ret_self)
{
	(void)host;
	*ret_self = NULL;
	if (fork() == 0) {
		(void)alarm(20);
		(void)pause();
		_exit(0);
	}
	return TUTTI_OK;
}

BAD_PLUGIN(.handle = bad_handle_well, .init = init);
BAD_MAIN;
