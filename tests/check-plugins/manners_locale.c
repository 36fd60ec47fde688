/* Sets the locale. */
#include <locale.h>

#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	return tutti_succeed(task, NULL);
}

BAD_PLUGIN(.handle = handle);
