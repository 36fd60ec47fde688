#include "bus/nng_begin.h"

#include <dirent.h>
#include <nng/nng.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NO_MEMORY_EXIT 111

/* It takes a millisecond; but what it takes back may wait for ever. */
#define PATIENCE_S 10

static const int faults[] = { SIGSEGV, SIGBUS, SIGABRT, SIGALRM };

enum { FAULTS = sizeof(faults) / sizeof(faults[0]) };

static bool begun;

static void on_fault(int number)
{
	static const char text[] =
	    "tutti: out of memory: the bus cannot begin; what was acknowledged "
	    "is in the store, start again to go on\n";

	(void)number;
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(NO_MEMORY_EXIT);
}

static int first_call(void)
{
	nng_aio *aio = NULL;
	int rc = nng_aio_alloc(&aio, NULL, NULL);

	if (rc == 0) {
		nng_aio_free(aio);
	}
	return rc;
}

int nng_begin(struct err *reterr)
{
	struct sigaction action = { .sa_handler = on_fault };
	struct sigaction before[FAULTS];

	if (begun) {
		return 0;
	}
	(void)sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < FAULTS; i++) {
		(void)sigaction(faults[i], &action, &before[i]);
	}
	(void)alarm(PATIENCE_S);
	int rc = first_call();

	(void)alarm(0);
	for (size_t i = 0; i < FAULTS; i++) {
		(void)sigaction(faults[i], &before[i], NULL);
	}
	if (rc) {
		return err_set(reterr, E_NO_MEMORY,
			       "out of memory: the bus cannot begin: %s",
			       nng_strerror(rc));
	}
	begun = true;
	return 0;
}

/* ---- fewer threads ---- */

#define WORKING 2

/* As nng names its threads for callbacks. */
static const char thread_name[] = "nng:task\n";

static bool is_for_callbacks(const char *thread)
{
	char path[300];
	char name[32] = { 0 };

	(void)snprintf(path, sizeof(path), "/proc/self/task/%s/comm", thread);
	FILE *file = fopen(path, "re");

	if (!file) {
		return false;
	}
	bool read = fgets(name, sizeof(name), file) != NULL;

	(void)fclose(file);
	return read && strcmp(name, thread_name) == 0;
}

/* Those that there are for sure: holding up more would hold up all. */
static size_t count_threads(void)
{
	DIR *threads = opendir("/proc/self/task");
	const struct dirent *entry;
	size_t count = 0;

	while (threads && (entry = readdir(threads)) != NULL) {
		count += is_for_callbacks(entry->d_name);
	}
	if (threads) {
		(void)closedir(threads);
	}
	return count;
}

static void wait_for_ever(void *arg)
{
	(void)arg;
	for (;;) {
		(void)pause();
	}
}

static void hold_up_one(void)
{
	nng_aio *aio;

	if (nng_aio_alloc(&aio, wait_for_ever, NULL) == 0) {
		nng_sleep_aio(0, aio);
	}
}

void nng_calm(void)
{
	static bool calm;
	size_t threads = calm ? 0 : count_threads();

	calm = true;
	for (; threads > WORKING; threads--) {
		hold_up_one();
	}
}
