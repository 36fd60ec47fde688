#include "progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#define ERASED "\r\033[K"

static bool shown;

void progress_show(const char *what, const char *name, size_t number,
		   size_t count)
{
	bool terminal = isatty(STDERR_FILENO);

	(void)fprintf(stderr, "%s%s %s, %zu of %zu%s", terminal ? ERASED : "",
		      what, name, number, count, terminal ? "" : "\n");
	shown = terminal;
}

void progress_clear(void)
{
	if (shown) {
		(void)fputs(ERASED, stderr);
	}
	shown = false;
}
