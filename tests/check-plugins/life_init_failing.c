/* Fails in init() without closing what it has opened. */
#include <fcntl.h>
#include <unistd.h>

#include "bad.h"

static const struct tutti_param params[] = {
	{ .name = "n",
	  .help = "A number.",
	  .fallback = "1",
	  .type = TUTTI_INT },
};

static int file;

static int32_t init(const struct tutti_host *host, void **ret_self)
{
	struct tutti_value value;

	(void)ret_self;
	file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return tutti_get_param(host, "n", &value);
}

static void fini(void *self)
{
	(void)self;
	(void)close(file);
}

BAD_PLUGIN(.handle = bad_handle_well, .init = init, .fini = fini,
	   .params = params, .param_count = 1);
