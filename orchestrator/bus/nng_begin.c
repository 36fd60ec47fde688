#include "bus/nng_begin.h"

#include <nng/nng.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
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
