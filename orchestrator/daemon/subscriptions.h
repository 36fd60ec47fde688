/*
 * What plugins and config say about subscriptions, in the engine's words and
 * in the form of a plugin_record.
 */
#ifndef DAEMON_SUBSCRIPTIONS_H
#define DAEMON_SUBSCRIPTIONS_H

#include <tutti/plugin.h>

#include "config/config.h"
#include "engine/engine.h"

/*
 * A list as in plugin_record. The caller frees the array; its texts and
 * filters are borrowed from the list. E_INVALID. Filters are not looked at.
 */
int subscriptions_read(const struct value *list,
		       struct engine_subscription **ret_subscriptions,
		       struct err *reterr);

/* Do the filters compile, and keep within the limits? E_INVALID, E_TOO_BIG,
 * with the subscription. */
int subscriptions_check_filters(const struct engine_subscription *wanted,
				size_t len, enum filter_limits limits,
				struct err *reterr);

/* May a plugin with this list be registered? */
int subscriptions_check(const struct value *list, enum filter_limits limits,
			struct err *reterr);

/*
 * A line in the log for each activity that the plugin subscribes to and no
 * workflow has, for the first LIMIT_UNKNOWN_LOGGED. A warning when it looks
 * mistyped, which what the plugin subscribes to beside it does not.
 */
void subscriptions_log_unknown(struct slice plugin, const struct value *list,
			       const struct config *config);

/* Out of a descriptor; the caller's. E_INVALID: a filter is no JSON. */
int subscriptions_describe(const struct tutti_subscription *list, uint32_t len,
			   struct value *ret_list, struct err *reterr);
struct value params_describe(const struct tutti_param *list, uint32_t len);

/* The overrides of an entry; NULL has none. The caller frees the array; its
 * texts are borrowed. */
struct engine_override *overrides_read(const struct config_module *module,
				       size_t *ret_len);

#endif
