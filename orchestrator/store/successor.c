#include "store/successor.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "store/lock.h"

struct successor {
	char *directory;
	pthread_t thread;
	int done_fd;
	int lock;
	int rc;
	struct err err;
};

static void *wait_for_lock(void *arg)
{
	struct successor *successor = arg;
	uint64_t one = 1;

	successor->rc =
	    owner_wait(successor->directory, &successor->lock, &successor->err);
	(void)!write(successor->done_fd, &one, sizeof(one));
	return NULL;
}

/* Signals are for the other threads. */
static int start_thread(struct successor *successor)
{
	sigset_t all;
	sigset_t before;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	int failure =
	    pthread_create(&successor->thread, NULL, wait_for_lock, successor);

	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failure;
}

static void destroy(struct successor *successor)
{
	if (successor->done_fd >= 0) {
		close(successor->done_fd);
	}
	free(successor->directory);
	free(successor);
}

int successor_create(const char *directory, struct successor **ret_successor,
		     struct err *reterr)
{
	struct successor *successor = alloc_zeroed(1, sizeof(*successor));

	successor->directory = alloc_string(directory);
	successor->done_fd = eventfd(0, EFD_CLOEXEC);
	int failure = successor->done_fd < 0 ? errno : start_thread(successor);

	if (failure) {
		destroy(successor);
		return err_set(reterr, E_IO,
			       "store %s: cannot wait for its owner: %s",
			       directory, strerror(failure));
	}
	*ret_successor = successor;
	return 0;
}

int successor_fd(const struct successor *successor)
{
	return successor->done_fd;
}

int successor_take(struct successor *successor, int *ret_lock,
		   struct err *reterr)
{
	(void)pthread_join(successor->thread, NULL);
	int rc = successor->rc;

	if (rc == 0) {
		*ret_lock = successor->lock;
	} else if (reterr) {
		*reterr = successor->err;
	}
	destroy(successor);
	return rc;
}
