/* Starts a thread with its first task and leaves it. */
#include <pthread.h>
#include <unistd.h>

#include "bad.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void *rest(void *arg)
{
	(void)pause();
	return arg;
}

static void start(void)
{
	pthread_t thread;

	(void)pthread_create(&thread, NULL, rest, NULL);
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	(void)pthread_once(&once, start);
	return tutti_succeed(task, NULL);
}

BAD_PLUGIN(.handle = handle);
