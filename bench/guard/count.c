#include "count.h"

#include <stdio.h>
#include <stdlib.h>
#include <valgrind/callgrind.h>

void count_begin(void)
{
	CALLGRIND_START_INSTRUMENTATION;
	CALLGRIND_ZERO_STATS;
}

void count_end(const char *row, size_t operations)
{
	char name[80];

	CALLGRIND_STOP_INSTRUMENTATION;
	(void)snprintf(name, sizeof(name), "%s %zu", row, operations);
	CALLGRIND_DUMP_STATS_AT(name);
}

void count_fail(const char *what)
{
	(void)fprintf(stderr, "guard: %s\n", what);
	exit(1);
}
