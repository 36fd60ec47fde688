/*
 * Takes the process down the way that with.how says: segv, overflow, abort, or
 * the first and the last of them on a thread of its own (thread, thread_abort).
 * "wait" only keeps the task. With FAULTY_TWO there is a second plugin in the
 * module.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <tutti/plugin.h>
#include <unistd.h>

/* No null pointer: a sanitizer would speak up before the fault. */
static volatile int *volatile nowhere = (volatile int *)16;

static void *fault(void *arg)
{
	if (strcmp(arg, "thread_abort") == 0) {
		abort();
	}
	*nowhere = 1;
	return NULL;
}

/* More than any stack has room for. */
static int fall(volatile char *above, int left)
{
	volatile char room[4096];

	room[0] = *above;
	return left == 0 ? 0 : fall(room, left - 1) + room[0];
}

static int32_t go(const char *how)
{
	pthread_t thread;
	char start = 1;

	if (strcmp(how, "segv") == 0) {
		*nowhere = 1;
	} else if (strcmp(how, "overflow") == 0) {
		return fall(&start, 1 << 30);
	} else if (strcmp(how, "abort") == 0) {
		abort();
	}
	static char kept[32];

	(void)strncpy(kept, how, sizeof(kept) - 1);
	if (pthread_create(&thread, NULL, fault, kept) != 0) {
		return TUTTI_EFAILED;
	}
	(void)pthread_detach(thread);
	return TUTTI_PENDING;
}

static int32_t init(const struct tutti_host *host, void **ret_self)
{
	(void)host;
	(void)ret_self;
	if (getenv("CRASH_IN_INIT")) {
		*nowhere = 1;
	}
	return TUTTI_OK;
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct tutti_value how;

	(void)self;
	if (tutti_get(task, "with.how", &how) != TUTTI_OK) {
		return TUTTI_EINVAL;
	}
	if (strcmp(how.as.text.ptr, "wait") == 0) {
		(void)tutti_log(task, TUTTI_INFO, "waiting");
		return TUTTI_PENDING;
	}
	return go(how.as.text.ptr);
}

static const struct tutti_plugin faulty = {
	.size = sizeof(struct tutti_plugin),
	.name = "faulty",
	.max_tasks = 4,
	.init = init,
	.handle = handle,
};

#ifdef FAULTY_TWO
static const struct tutti_plugin harmless = {
	.size = sizeof(struct tutti_plugin),
	.name = "harmless",
	.max_tasks = 1,
	.handle = handle,
};

TUTTI_MODULE(&harmless, &faulty);
#else
TUTTI_MODULE(&faulty);
#endif
