/*
 * To be preloaded: the n-th allocation of this process fails, n being
 * $FAIL_ALLOC; with $FAIL_ALLOC_ALL every one from there on, and with
 * $FAIL_ALLOC_TRACE it is told on standard error who wanted it. The number of
 * all is written to the file $COUNT_ALLOC when the process ends. Processes that
 * this one starts are left alone.
 */
#include <errno.h>
#include <execinfo.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define EXPORTED __attribute__((visibility("default")))

/* What the C library's own are called inside it. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

static atomic_long counted;
static long failing;
static bool and_all_after;
static bool trace;
static const char *count_file;

__attribute__((constructor)) static void begin(void)
{
	const char *number = getenv("FAIL_ALLOC");

	failing = number ? strtol(number, NULL, 10) : 0;
	trace = getenv("FAIL_ALLOC_TRACE") != NULL;
	and_all_after = getenv("FAIL_ALLOC_ALL") != NULL;
	count_file = getenv("COUNT_ALLOC");
	(void)unsetenv("LD_PRELOAD");
	(void)unsetenv("FAIL_ALLOC");
	(void)unsetenv("FAIL_ALLOC_ALL");
	(void)unsetenv("COUNT_ALLOC");
	/* Those before main() are not counted: the loader's. */
	atomic_store(&counted, 0);
}

__attribute__((destructor)) static void end(void)
{
	long number = atomic_load(&counted);
	FILE *file = count_file ? fopen(count_file, "we") : NULL;

	if (file) {
		(void)fprintf(file, "%ld\n", number);
		(void)fclose(file);
	}
}

static bool fails(void)
{
	long number = atomic_fetch_add(&counted, 1) + 1;
	bool now =
	    failing && (and_all_after ? number >= failing : number == failing);

	if (now && trace) {
		void *frames[32];

		trace = false;
		backtrace_symbols_fd(frames, backtrace(frames, 32), 2);
	}
	if (now) {
		errno = ENOMEM;
	}
	return now;
}

EXPORTED void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

EXPORTED void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

EXPORTED void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}

/* The program may be linked with another heap: all of it has to be this one. */
EXPORTED void free(void *block)
{
	__libc_free(block);
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : __libc_memalign(alignment, size);
}

EXPORTED int posix_memalign(void **ret_block, size_t alignment, size_t size)
{
	void *block = fails() ? NULL : __libc_memalign(alignment, size);

	if (!block) {
		return ENOMEM;
	}
	*ret_block = block;
	return 0;
}
