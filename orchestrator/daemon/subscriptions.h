/*
 * What plugins and config say about subscriptions, in the engine's words.
 */
#ifndef DAEMON_SUBSCRIPTIONS_H
#define DAEMON_SUBSCRIPTIONS_H

#include "config/config.h"
#include "engine/engine.h"

/*
 * A list as in plugin_record. The caller frees the array; its texts and
 * filters are borrowed from the list. E_INVALID. Filters are not looked at.
 */
int subscriptions_read(const struct value *list,
		       struct engine_subscription **ret_subscriptions,
		       struct err *reterr);

/* The overrides of an entry; NULL has none. The caller frees the array; its
 * texts are borrowed. */
struct engine_override *overrides_read(const struct config_module *module,
				       size_t *ret_len);

#endif
