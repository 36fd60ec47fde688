/* There can be only one. */
#include "bad.h"

static int there;

static int32_t init(const struct tutti_host *host, void **ret_self)
{
	(void)host;
	(void)ret_self;
	return __atomic_exchange_n(&there, 1, __ATOMIC_SEQ_CST) ? TUTTI_EFAILED
								: TUTTI_OK;
}

static void fini(void *self)
{
	(void)self;
	__atomic_store_n(&there, 0, __ATOMIC_SEQ_CST);
}

BAD_PLUGIN(.handle = bad_handle_well, .init = init, .fini = fini);
