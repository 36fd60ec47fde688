/* Starts a thread from a constructor. */
#include <pthread.h>
#include <unistd.h>

#include "bad.h"

static void *rest(void *arg)
{
	(void)pause();
	return arg;
}

__attribute__((constructor)) static void on_load(void)
{
	pthread_t thread;

	(void)pthread_create(&thread, NULL, rest, NULL);
}

BAD_PLUGIN(.handle = bad_handle_well);
