/* Leaves a thread behind each time. */
#include <pthread.h>
#include <unistd.h>

#include "bad.h"

static void *rest(void *arg)
{
	(void)pause();
	return arg;
}

static int32_t init(const struct tutti_host *host, void **ret_self)
{
	pthread_t thread;

	(void)host;
	(void)ret_self;
	return pthread_create(&thread, NULL, rest, NULL) ? TUTTI_EAGAIN
							 : TUTTI_OK;
}

BAD_PLUGIN(.handle = bad_handle_well, .init = init);
