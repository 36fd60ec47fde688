#include "fail.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

_Noreturn void floor_fail(const char *what, const char *why)
{
	(void)fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name,
		      what, why);
	_exit(1);
}

_Noreturn void floor_fail_errno(const char *what)
{
	floor_fail(what, strerror(errno));
}
