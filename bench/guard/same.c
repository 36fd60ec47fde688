/*
 * What differs from one process to the next, made the same: the key of the hash
 * tables, and the clocks. These stand before those of the C library.
 */
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define BEGIN_S 1772323200

ssize_t getrandom(void *bytes, size_t len, unsigned flags)
{
	(void)flags;
	memset(bytes, 7, len);
	return (ssize_t)len;
}

/* A microsecond passes between two looks. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	static long looks;

	(void)clock;
	looks++;
	now->tv_sec = BEGIN_S + looks / 1000000;
	now->tv_nsec = looks % 1000000 * 1000;
	return 0;
}
